import assert from "node:assert/strict";
import { toBinaryString, toHex } from "../../../src/node/core/bytes.ts";
import { parsePurgedKey } from "../../../src/node/history/revision.ts";
import { decodeEntry } from "../../../src/node/tree/entry.ts";
import { scratch, scratchDigest } from "../../tree/test-trees.ts";
import { bytesOf } from "../make/common.make.ts";
import { makePastVectors } from "../make/history/past.make.ts";
import { readVectors } from "../vector-file.ts";

type Items = readonly (readonly [string, string])[];

interface Shown {
  readonly tree: Items;
  readonly removed: Items;
  readonly digest: string;
}

interface Past extends Shown {
  readonly purged: Items;
  readonly logged: readonly Shown[];
  readonly tagged: readonly Shown[];
}

interface Meeting {
  readonly name: string;
  readonly joined: Past;
  readonly result: Past | null;
}

interface File {
  readonly moments: { readonly moments: readonly Shown[] };
  readonly purges: readonly { readonly name: string; readonly result: Past }[];
  readonly meetings: readonly Meeting[];
}

describe("vectors of the past", () => {
  const file = readVectors("past") as File;

  it("are what is written today", async () => {
    assert.deepEqual(file, await makePastVectors());
  });

  it("hold moments that follow from their entries", () => {
    for (const shown of file.moments.moments) checkState(shown);
  });

  for (const { name, result } of file.purges) {
    it(`show nowhere what was purged: ${name}`, () => {
      checkPast(result);
    });
  }

  for (const { name, joined, result } of file.meetings) {
    it(`show nowhere what either purged: ${name}`, () => {
      checkPast(result ?? joined);
    });
  }
});

function checkPast({ purged, logged, tagged }: Past): void {
  const gone = purged.map(([key]) => parsePurgedKey(bytesOf(key)));
  for (const shown of [...logged, ...tagged]) {
    checkState(shown);
    for (const { id, content } of entriesOf(shown)) {
      for (const { stamp } of content) {
        const isPurged = gone.some(
          (each) =>
            toHex(each.id) === toHex(id) &&
            each.stamp.counter === stamp.counter &&
            toHex(each.stamp.writer) === toHex(stamp.writer),
        );
        assert.ok(!isPurged);
      }
    }
  }
}

/** Placement and digest, computed from the entries alone. */
function checkState(shown: Shown): void {
  const entries = entriesOf(shown);
  const placed = scratch(new Map(entries.map((entry) => [toBinaryString(entry.id), entry])));
  for (const map of ["tree", "removed"] as const) {
    const given = shown[map].map((item) => item.map((hex) => toBinaryString(bytesOf(hex))));
    assert.deepEqual([...placed[map]].sort(), given.sort());
  }
  assert.equal(toHex(scratchDigest(placed)), shown.digest);
}

function entriesOf({ tree, removed }: Shown): ReturnType<typeof decodeEntry>[] {
  return [...tree, ...removed].map(([key, value]) => decodeEntry(bytesOf(key), bytesOf(value)));
}
