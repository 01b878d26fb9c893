import assert from "node:assert/strict";
import { parseLogKey } from "../../../src/node/history/revision.ts";
import { bytesOf } from "../make/common.make.ts";
import { makeThinnedVectors } from "../make/history/thinned.make.ts";
import { readVectors } from "../vector-file.ts";

type Items = readonly (readonly [key: string, value: string])[];

interface Joined {
  readonly name: string;
  readonly own: { readonly log: Items };
  readonly result: { readonly log: Items; readonly digest: string };
}

interface File {
  readonly thinnings: {
    readonly tip: { readonly log: Items };
    readonly writer: string;
    readonly cases: readonly { readonly name: string; readonly log: Items }[];
  };
  readonly joins: readonly Joined[];
}

/** A list of four, its second item null: what CBOR writes a thinned record as. */
const isThinned = (value: string): boolean => /^84(1b.{16}|1a.{8}|19.{4}|18.{2}|..)f6/u.test(value);

describe("vectors of thinned records", () => {
  const file = readVectors("thinned") as File;

  it("are what is written today", async () => {
    assert.deepEqual(file, await makeThinnedVectors());
  });

  for (const { name, log } of file.thinnings.cases) {
    it(`forget no change, nor the state of a writer's first and last: ${name}`, () => {
      const { tip, writer } = file.thinnings;
      const left = new Map(log);
      for (const [key] of tip.log) assert.ok(left.has(key), key);
      const thinned = log.filter(([, value]) => isThinned(value));
      assert.ok(thinned.length > 0);
      for (const [key] of thinned) assert.ok(key.startsWith(writer), "another writer's");
      const own = log.filter(([key]) => key.startsWith(writer));
      for (const end of [own[0], own.at(-1)]) assert.ok(end !== undefined && !isThinned(end[1]));
    });
  }

  it("come to the same whoever joins, and never to a state that a purge did not rewrite", () => {
    const [here, there, ...purged] = file.joins;
    assert.equal(here?.result.digest, there?.result.digest);
    assert.deepEqual(here?.result.log, there?.result.log);
    for (const { name, own, result } of purged) {
      const [mine] = own.log.filter(([, value]) => isThinned(value));
      assert.ok(mine !== undefined, name);
      const value = new Map(result.log).get(mine[0]);
      assert.notEqual(value, undefined, parseLogKey(bytesOf(mine[0])).counter.toString());
      assert.ok(value?.startsWith("84"), name);
    }
  });
});
