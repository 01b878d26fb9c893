import assert from "node:assert/strict";
import { toBinaryString, toHex } from "../../../src/node/core/bytes.ts";
import { decodeRevision, encodeRevision } from "../../../src/node/history/revision.ts";
import { decodeEntry } from "../../../src/node/tree/entry.ts";
import { decodeState, encodeState } from "../../../src/node/tree/state.ts";
import { scratch, scratchDigest } from "../../tree/test-trees.ts";
import { bytesOf } from "../make/common.make.ts";
import { makeJoinVectors } from "../make/history/joins.make.ts";
import { readVectors } from "../vector-file.ts";

type Items = readonly (readonly [string, string])[];

interface Shown {
  readonly tree: Items;
  readonly removed: Items;
  readonly folders: Items;
  readonly loose: Items;
  readonly digest: string;
  readonly state: string;
  readonly revision: string;
}

interface Joined {
  readonly name: string;
  readonly own: Shown | null;
  readonly other: Shown;
  readonly result?: Shown;
}

describe("vectors of joins", () => {
  const file = readVectors("joins") as {
    readonly joins: readonly Joined[];
    readonly rebases: readonly Joined[];
    readonly received: readonly Joined[];
  };

  it("are what is written today", async () => {
    assert.deepEqual(file, await makeJoinVectors());
  });

  for (const { name, own, other, result } of [...file.joins, ...file.rebases, ...file.received]) {
    it(`hold states that follow from their entries: ${name}`, () => {
      for (const shown of [own, other, result]) if (shown) check(shown);
    });
  }
});

function check(shown: Shown): void {
  const entries = [...shown.tree, ...shown.removed].map(([key, value]) =>
    decodeEntry(bytesOf(key), bytesOf(value)),
  );
  const placed = scratch(new Map(entries.map((entry) => [toBinaryString(entry.id), entry])));
  for (const map of ["tree", "removed", "folders", "loose"] as const) {
    const given = shown[map].map((item) => item.map((hex) => toBinaryString(bytesOf(hex))));
    assert.deepEqual([...placed[map]].sort(), given.sort());
  }
  assert.equal(toHex(scratchDigest(placed)), shown.digest);
  const state = decodeState(bytesOf(shown.state));
  assert.equal(toHex(encodeState(state)), shown.state);
  assert.equal(toHex(state.digest), shown.digest);
  assert.equal(toHex(encodeRevision(decodeRevision(bytesOf(shown.revision)))), shown.revision);
}
