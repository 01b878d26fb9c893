import assert from "node:assert/strict";
import {
  followOn,
  isRecordTime,
  nextRecord,
  nextRecordNow,
  recordTime,
} from "../../../src/node/blocks/content/next-record.ts";
import type { BlockKey, Link } from "../../../src/node/blocks/link.ts";
import { chunkBytes, encodeRecord, type VersionRecord } from "../../../src/node/blocks/record.ts";
import { asBlockId } from "../../../src/node/core/ids.ts";
import { testKey } from "../test-maps.ts";

function record(over: Partial<VersionRecord>): VersionRecord {
  return { size: 2, mtime: 5_000_000, mode: 0o644, content: Uint8Array.of(1, 2), ...over };
}

function links(...names: readonly string[]): Link[] {
  return names.map((name) => ({
    suite: 1,
    id: asBlockId(testKey(name)),
    key: testKey(`key of ${name}`) as BlockKey,
  }));
}

describe("the next record at a place", () => {
  const before = record({});

  it("is the one that is asked for where none stands", () => {
    const asked = record({ mtime: -3 });
    assert.equal(nextRecord(asked, undefined), asked);
    assert.equal(nextRecordNow(asked, undefined), asked);
    assert.equal(followOn(asked, undefined), asked);
  });

  it("is none where the one before says the same and is not older", () => {
    assert.equal(nextRecord(record({}), before), undefined);
    assert.equal(nextRecord(record({ mtime: 4_000_000 }), before), undefined);
    assert.equal(nextRecord(record({ mtime: 5_000_001 }), before)?.mtime, 5_001_000);
  });

  it("is none for a time that is just the present, if the rest is the same", () => {
    assert.equal(nextRecordNow(record({ mtime: 9_000_000 }), before), undefined);
    assert.equal(nextRecordNow(record({ mtime: 9_000_000, mode: 0o600 }), before)?.mode, 0o600);
  });

  it("never goes back in time, and moves on by a millisecond at least", () => {
    const other = record({ mtime: 1, content: Uint8Array.of(1, 3) });
    for (const next of [nextRecord(other, before), nextRecordNow(other, before)]) {
      assert.equal(next?.mtime, 5_001_000);
      assert.deepEqual(next.content, Uint8Array.of(1, 3));
    }
    assert.equal(followOn(record({ mtime: 8_000_000 }), before).mtime, 8_000_000);
    assert.equal(followOn(record({}), before).mtime, 5_001_000);
  });

  it("is told apart by size, mode, content and every link", () => {
    const large = record({ size: 2 * chunkBytes, content: links("a", "b") });
    const same = (other: Partial<VersionRecord>) =>
      nextRecord(record({ size: 2 * chunkBytes, content: links("a", "b"), ...other }), large) ===
      undefined;
    assert.ok(same({}));
    assert.ok(!same({ content: links("a", "c") }));
    assert.ok(!same({ content: links("c", "b") }));
    assert.ok(!same({ size: 2 * chunkBytes - 1 }));
    assert.ok(!same({ mode: 0o640 }));
    assert.ok(!same({ content: Uint8Array.of(1, 2) }));
  });
});

describe("the time of a record", () => {
  it("is brought into a range in which it can still move on", () => {
    assert.equal(recordTime(1.5), 1500);
    assert.ok(isRecordTime(-1e12) && !isRecordTime(1e15) && !isRecordTime(-1e15));
    for (const time of [recordTime(1e15), recordTime(-1e15)]) {
      assert.ok(Number.isSafeInteger(time));
      assert.ok(
        encodeRecord(followOn(record({ mtime: time }), record({ mtime: time }))).length > 0,
      );
    }
  });
});
