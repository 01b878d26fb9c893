import assert from "node:assert/strict";
import { it } from "mocha";
import type { StoredHead } from "../../../src/node/store/store.ts";
import { blockOf, headNumber, spaceNumber, writerNumber } from "../blocks.ts";
import type { StoreAtHand } from "./store-at-hand.ts";

/** Heads, settings and records. */
export function keepsHeads(at: StoreAtHand): void {
  it("keeps the latest head of each writer of a space, apart from other spaces", async () => {
    const [one, other] = [spaceNumber(1), spaceNumber(2)];
    const first = headNumber(1, { space: one, writer: writerNumber(1) });
    const second = headNumber(2, { space: one, writer: writerNumber(1) });
    const beside = headNumber(1, { space: one, writer: writerNumber(2) });
    const elsewhere = headNumber(9, { space: other, writer: writerNumber(1) });
    assert.deepEqual(at.store.spaces(), []);
    for (const head of [beside, first, elsewhere, second]) {
      await at.store.begin().commit({ head: { ...head, keepFrom: head.seq } });
    }
    const check = () => {
      assert.deepEqual(at.store.spaces(), [one, other]);
      assert.deepEqual(at.store.heads(one), [second, beside]);
      assert.deepEqual(at.store.heads(other), [elsewhere]);
      assert.deepEqual(at.store.heads(spaceNumber(3)), []);
    };
    check();
    await at.reopen();
    check();
  });

  it("keeps the chain of a writer's heads as far as it is told, and no other's less", async () => {
    const beside = headNumber(1, { writer: writerNumber(2), bytes: Uint8Array.of(21) });
    const elsewhere = headNumber(1, { space: spaceNumber(8), bytes: Uint8Array.of(81) });
    const heads = [1, 2, 3, 4, 5].map((seq) => headNumber(seq));
    for (const head of [beside, elsewhere, ...heads.slice(0, 4)]) {
      await at.store.begin().commit({ head: { ...head, keepFrom: 0 } });
    }
    const kept = () =>
      [...heads, beside, elsewhere]
        .map(({ bytes }) => at.store.headRecord(blockOf(bytes).id))
        .flatMap((bytes) => (bytes === undefined ? [] : [...bytes]));
    assert.deepEqual(kept(), [1, 2, 3, 4, 21, 81]);
    await at.store.begin().commit({ head: { ...(heads[4] as StoredHead), keepFrom: 3 } });
    const check = () => {
      assert.deepEqual(kept(), [3, 4, 5, 21, 81]);
      assert.deepEqual(at.store.heads(spaceNumber(7)), [heads[4], beside]);
    };
    check();
    await at.reopen();
    check();
    // A record of the chain that comes late is none of the latest.
    await at.store.begin().commit({ head: { ...(heads[1] as StoredHead), keepFrom: 0 } });
    assert.deepEqual(kept(), [2, 3, 4, 5, 21, 81]);
    assert.deepEqual(at.store.heads(spaceNumber(7)), [heads[4], beside]);
  });

  it("takes a head in the place of another of the same seq", async () => {
    const told = headNumber(4, { bytes: Uint8Array.of(44) });
    for (const head of [headNumber(4), told]) {
      await at.store.begin().commit({ head: { ...head, keepFrom: 0 } });
    }
    assert.deepEqual(at.store.heads(told.space), [told]);
    assert.equal(at.store.headRecord(blockOf(Uint8Array.of(4)).id), undefined);
    assert.deepEqual(at.store.headRecord(blockOf(told.bytes).id), told.bytes);
  });

  it("keeps settings of the folder and of each space by their names", async () => {
    const [one, other] = [spaceNumber(1), spaceNumber(2)];
    const value = (byte: number) => Uint8Array.of(byte);
    await at.store.begin().commit({
      settings: [
        { name: "a", value: value(1) },
        { name: "b", value: value(2) },
        { name: "a", space: one, value: value(3) },
        { name: "a", space: other, value: value(4) },
      ],
    });
    await at.store.begin().commit({
      settings: [
        { name: "b", value: undefined },
        { name: "a", space: other, value: undefined },
        { name: "a", space: one, value: value(5) },
      ],
    });
    const check = () => {
      const found = [undefined, one, other].map((space) => at.store.setting("a", space));
      assert.deepEqual(found, [value(1), value(5), undefined]);
      assert.equal(at.store.setting("b"), undefined);
    };
    check();
    await at.reopen();
    check();
  });

  it("keeps records by name and lists them by prefix", async () => {
    const value = Uint8Array.of(7);
    at.store.records.write(
      new Map([
        ["/a/b", value],
        ["/a", value],
        ["/A/b", value],
        ["/a%", value],
      ]),
    );
    const names = (prefix: string) => [...at.store.records.entries(prefix)].map(([name]) => name);
    assert.deepEqual(names(""), ["/A/b", "/a", "/a%", "/a/b"]);
    assert.deepEqual(names("/a/"), ["/a/b"]);
    assert.deepEqual(names("/a%"), ["/a%"]);
    at.store.records.write(
      new Map([
        ["/a", undefined],
        ["/n", value],
      ]),
    );
    await at.reopen();
    assert.equal(at.store.records.get("/a"), undefined);
    assert.deepEqual(at.store.records.get("/n"), value);
  });
}
