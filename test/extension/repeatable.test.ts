import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { repeatable } from "../../src/extension/session/repeatable.ts";

describe("an action that runs once at a time", () => {
  it("runs again, once, for all who asked while it ran", async () => {
    let finish: () => void = () => undefined;
    let runs = 0;
    const ask = repeatable(() => {
      runs++;
      return new Promise((settle) => {
        finish = settle;
      });
    });
    const asked = [ask(), ask(), ask()];
    assert.equal(runs, 1);
    finish();
    await Promise.resolve();
    assert.equal(runs, 2);
    finish();
    await Promise.all(asked);
    assert.equal(runs, 2);
    void ask();
    assert.equal(runs, 3);
  });

  it("can be asked for again after it failed", async () => {
    let fails = true;
    const ask = repeatable(() => (fails ? Promise.reject(new Error("no")) : Promise.resolve()));
    await assert.rejects(ask());
    fails = false;
    await ask();
  });
});
