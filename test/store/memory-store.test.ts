import { memoryStore } from "../support/memory-store.ts";
import { storeSuite } from "./store-suite.ts";

storeSuite("the store in memory", () => {
  let store = memoryStore();
  return Promise.resolve({
    store: () => store,
    damage: (id, change) => {
      store.damage(id, change);
      return Promise.resolve();
    },
    reopen: () => {
      store = store.reopen();
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  });
});
