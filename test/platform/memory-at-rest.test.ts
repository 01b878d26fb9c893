import assert from "node:assert/strict";
import { MemoryAtRest } from "../../src/node/platform/memory-at-rest.ts";

describe("memory at rest", () => {
  /** @returns how often it gave back, after looks between which so much processor time was taken. */
  function given(usedMs: readonly number[], megabytes = 300): number {
    let used = 0;
    let count = 0;
    const memory = new MemoryAtRest({
      everyMs: 1000,
      usedMs: () => used,
      heldBytes: () => megabytes * 2 ** 20,
      giveBack: () => {
        count++;
        used += 150; // a collection is no work
      },
    });
    for (const each of usedMs) {
      used += each;
      memory.look();
    }
    return count;
  }

  it("is given back once after work, when it is over", () => {
    assert.equal(given([900, 900, 900]), 0);
    assert.equal(given([900, 900, 900, 5]), 1);
    assert.equal(given([900, 5, 5, 5, 5, 5, 5]), 1);
    assert.equal(given([900, 5, 5, 900, 5, 5]), 2);
  });

  it("stays as it is in a process that did little or holds little", () => {
    assert.equal(given([200, 5, 5, 5]), 0);
    assert.equal(given([900, 5, 5], 90), 0);
  });

  it("is looked at by itself, and no more once that is stopped", async () => {
    let used = 0;
    let count = 0;
    const given = Promise.withResolvers<undefined>();
    const memory = new MemoryAtRest({
      everyMs: 1,
      usedMs: () => used,
      heldBytes: () => 2 ** 30,
      giveBack: () => {
        count++;
        given.resolve(undefined);
      },
    });
    used = 1000;
    const keepsAlive = setInterval(() => undefined, 1000);
    memory.start();
    await given.promise;
    memory.stop();
    used = 5000;
    await new Promise((resolve) => setTimeout(resolve, 10));
    clearInterval(keepsAlive);
    assert.equal(count, 1);
  });
});
