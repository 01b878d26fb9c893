import { openStore } from "../../src/node/store/open-store.ts";
import { inTemporaryFolder } from "./blocks.ts";
import { damageBlock } from "./damage.ts";
import { storeSuite } from "./store-suite.ts";
import type { StoreFixture } from "./suite/store-at-hand.ts";

storeSuite("the store on disk", async () => {
  const fixture = Promise.withResolvers<StoreFixture>();
  const disposed = Promise.withResolvers<undefined>();
  const gone = inTemporaryFolder(async (folder) => {
    // Small segments, so that there are several.
    const open = () => openStore(folder, { segmentBytes: 400_000 });
    let store = await open();
    fixture.resolve({
      store: () => store,
      damage: async (id, change) => {
        await store.close();
        await damageBlock(folder, id, change);
        store = await open();
      },
      reopen: async () => {
        await store.close();
        store = await open();
      },
      dispose: async () => {
        await store.close();
        disposed.resolve(undefined);
        await gone;
      },
    });
    await disposed.promise;
  });
  gone.catch(fixture.reject);
  return fixture.promise;
});
