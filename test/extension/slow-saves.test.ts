import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SlowSaves } from "../../src/extension/session/slow-saves.ts";

describe("saves that take long", () => {
  it("are counted until they end, by a failure too", async () => {
    const told: number[] = [];
    const counted = Promise.withResolvers<undefined>();
    const saves = new SlowSaves((underway) => {
      told.push(underway);
      if (underway === 2) counted.resolve(undefined);
    }, 0);
    const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const stored = saves.during(() => first.promise);
    const refused = saves.during(() => second.promise);
    assert.deepEqual(told, []);
    await counted.promise;
    first.resolve("stored");
    assert.equal(await stored, "stored");
    second.reject(new Error("refused"));
    await assert.rejects(refused, /refused/);
    assert.deepEqual(told, [1, 2, 1, 0]);
  });

  it("are not told of where they were short", async () => {
    const told: number[] = [];
    const counted = Promise.withResolvers<undefined>();
    const saves = new SlowSaves((underway) => {
      told.push(underway);
      counted.resolve(undefined);
    }, 0);
    const long = Promise.withResolvers<undefined>();
    const both = [saves.during(() => Promise.resolve()), saves.during(() => long.promise)];
    await both[0];
    await counted.promise;
    assert.deepEqual(told, [1]);
    long.resolve(undefined);
    await both[1];
    assert.deepEqual(told, [1, 0]);
  });
});
