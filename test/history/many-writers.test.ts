import assert from "node:assert/strict";
import { MapDraft } from "../../src/node/blocks/map-draft.ts";
import { openBlock, sealBlock } from "../../src/node/blocks/seal.ts";
import { equalBytes, uint64Bytes } from "../../src/node/core/bytes.ts";
import type { Tip } from "../../src/node/history/tip.ts";
import { readState, sealState } from "../../src/node/tree/sealed-state.ts";
import { decodeState, emptyState, encodeState } from "../../src/node/tree/state.ts";
import { isListed, vectorItems } from "../../src/node/tree/version-vector.ts";
import { refuses } from "../blocks/refuses.ts";
import { walkAll } from "../support/walk-all.ts";
import { vectorOfRule } from "../vectors/make/states/version-vectors.make.ts";
import { changeAs, createTestSpace, joined, putFile, type TestSpace } from "./test-spaces.ts";

/** One change each of so many writers, every one on top of `base`, joined one after the other. */
async function joinedOf(space: TestSpace, base: Tip, writers: number): Promise<Tip> {
  let tip = base;
  for (let i = 0; i < writers; i++) {
    const letter = String.fromCharCode(33 + i);
    const own = await changeAs(space, base, letter, (edit) => putFile(edit, `/${i.toString()}`));
    tip = await joined(space, tip, own);
  }
  return tip;
}

describe("a state of many writers", () => {
  for (const writers of [0, 1, 64, 65, 1000]) {
    it(`is read back as it was sealed: ${writers.toString()} of them`, async () => {
      const { sealer, blocks } = createTestSpace();
      const vector = vectorOfRule(writers);
      const link = await sealState(sealer, blocks, { ...emptyState, vv: vector, floor: vector });
      const read = await readState(sealer, link);
      assert.deepEqual(vectorItems(read.vv), vectorItems(vector));
      assert.deepEqual(vectorItems(read.floor), vectorItems(vector));
      const payload = openBlock(sealer.primitives, link, "state", await blocks.get(link.id));
      assert.ok(payload.length < 4500, "a state stays small");
      assert.equal(isListed(decodeState(payload).vv), writers <= 64);
    });
  }

  it("comes of joins, and is walked with the map that holds its vector", async () => {
    const space = createTestSpace();
    const { sealer, blocks } = space;
    const base = await changeAs(space, undefined, " ", (edit) => putFile(edit, "/base"));
    const tip = await joinedOf(space, base, 70);
    assert.equal(tip.state.vv.size, 71);
    const { vv } = await readState(sealer, tip.revision.state);
    assert.deepEqual(vectorItems(vv), vectorItems(tip.state.vv));

    const state = await blocks.get(tip.revision.state.id);
    const stored = decodeState(openBlock(sealer.primitives, tip.revision.state, "state", state));
    assert.ok(!isListed(stored.vv));
    const { id } = stored.vv;
    // The records of these files are not there.
    const { parts } = await walkAll(sealer, tip.link, { content: false });
    const isMet = parts.some(({ link }) => equalBytes(link.id, id));
    assert.ok(isMet, "or a collection of garbage would take it");
  });

  it("is refused where a map holds few of them, or what is no counter", async () => {
    const { sealer, blocks } = createTestSpace();
    const [few, none, odd] = [vectorOfRule(64), vectorOfRule(65), vectorOfRule(65)].map(
      (vector) => {
        const draft = new MapDraft(sealer, undefined);
        for (const item of vectorItems(vector)) draft.set(item.writer, uint64Bytes(item.counter));
        return draft;
      },
    ) as [MapDraft, MapDraft, MapDraft];
    none.set(new Uint8Array(16), uint64Bytes(0));
    odd.set(new Uint8Array(15), uint64Bytes(1));
    for (const draft of [few, none, odd]) {
      const root = await draft.flush(blocks);
      assert.ok(root !== undefined);
      const payload = encodeState({ ...emptyState, vv: root });
      const { primitives, contentKey } = sealer;
      const { link, block } = sealBlock(primitives, contentKey, "state", payload, false);
      blocks.put(block);
      await refuses(() => readState(sealer, link), "damaged", /vv|vector|a writer's id/u);
    }
    assert.throws(() => encodeState({ ...emptyState, vv: vectorOfRule(65) }), RangeError);
  });
});
