import assert from "node:assert/strict";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { IdMap } from "../../src/node/core/id-map.ts";
import type { WriterId } from "../../src/node/core/ids.ts";
import { purgeHistory } from "../../src/node/history/purge.ts";
import type { Received } from "../../src/node/history/receive.ts";
import type { Tip } from "../../src/node/history/tip.ts";
import { resolveTarget } from "../../src/node/tree/lookup.ts";
import { MemoryBlocks } from "../blocks/test-maps.ts";
import { fingerprint } from "./simulation/snapshot.ts";
import {
  changeAs,
  createTestSpace,
  entryAt,
  purgeRemoved,
  putFile,
  receiveAs,
  removeAt,
  type TestSpace,
  writerOf,
} from "./test-spaces.ts";

describe("receiving a revision", () => {
  let space: TestSpace;
  let base: Tip;
  let a: Tip;
  let b: Tip;

  beforeEach(async () => {
    space = createTestSpace(1);
    base = await changeAs(space, undefined, "a", async (edit) => {
      await putFile(edit, "/notes");
      await putFile(edit, "/secret");
    });
    a = await changeAs(space, base, "a", (edit) => putFile(edit, "/by a"));
    b = await changeAs(space, base, "b", (edit) => putFile(edit, "/by b"));
  });

  const purge = (base: Tip, letter: string, path: string): Promise<Tip> =>
    changeAs(space, base, letter, async (edit, draft) => {
      const { entry } = await resolveTarget(draft.state, path);
      assert.ok(entry !== undefined);
      await purgeHistory(space.sealer, space.blocks, base, draft, edit, { entries: [entry] });
    });
  const written = (received: Received): { tip: Tip; beneath?: Tip } => {
    assert.ok("tip" in received);
    return received;
  };

  it("takes all of it where there is nothing yet, or where it has seen all", async () => {
    assert.deepEqual(await receiveAs(space, undefined, a, "a"), { outcome: "taken", tip: a });
    assert.deepEqual(await receiveAs(space, base, b, "a"), { outcome: "taken", tip: b });
  });

  it("keeps one's own where that has seen all of it", async () => {
    assert.deepEqual(await receiveAs(space, b, base, "b"), { outcome: "kept" });
    assert.deepEqual(await receiveAs(space, b, b, "b"), { outcome: "kept" });
  });

  it("joins what both had, whoever receives", async () => {
    const here = await receiveAs(space, a, b, "a");
    const there = await receiveAs(space, b, a, "b");
    assert.equal(here.outcome, "joined");
    assert.equal(fingerprint(written(here).tip), fingerprint(written(there).tip));
    assert.equal(written(here).beneath, undefined);
    assert.equal(written(here).tip.revision.change, undefined);
  });

  it("purges again on top of a join what the other side's past still shows", async () => {
    const purged = await purge(a, "a", "/secret");
    const received = await receiveAs(space, b, purged, "b");
    assert.equal(received.outcome, "joined");
    const { tip, beneath } = written(received);
    assert.ok(beneath !== undefined);
    assert.deepEqual(tip.revision.parents, [beneath.link.id]);
    const change = { stamp: { counter: 4, writer: writerOf("b") }, time: 1_000_000 };
    assert.deepEqual(tip.revision.change, change);
  });

  it("rebases where one is behind what the other purged, whichever it is", async () => {
    const removed = await changeAs(space, a, "a", (edit) => removeAt(edit, "/secret"));
    const purged = await purgeRemoved(space, removed, "a");
    for (const [own, other, letter] of [
      [b, purged, "b"],
      [purged, b, "a"],
    ] as const) {
      const received = await receiveAs(space, own, other, letter);
      assert.equal(received.outcome, "rebased");
      const { tip } = written(received);
      assert.ok(await entryAt(space, tip, "/by b"));
      assert.equal(await entryAt(space, tip, "/secret"), undefined);
    }
  });

  it("makes a new writer of a store that lacks a change of its own", async () => {
    const later = await changeAs(space, a, "a", (edit) => putFile(edit, "/later"));
    // The store was put back to `base`, and has changed nothing since.
    const received = await receiveAs(space, base, later, "a");
    assert.ok(received.outcome === "forked");
    assert.deepEqual(received.writer, writerOf("z"));
    assert.deepEqual(received.fork, { writer: writerOf("a"), after: 1, since: [] });
    assert.ok(await entryAt(space, received.tip, "/later"));
  });

  it("makes a new writer of a store whose own changes another tells otherwise", async () => {
    const copy = await changeAs(space, base, "a", (edit) => putFile(edit, "/by a copy"));
    const told = await changeAs(space, a, "c", (edit) => putFile(edit, "/by c"));
    const received = await receiveAs(space, copy, told, "a");
    assert.ok(received.outcome === "forked");
    const { tip } = received;
    for (const path of ["/by a", "/by a copy", "/by c"]) {
      assert.ok(await entryAt(space, tip, path));
    }
    const seen = tip.state.vv.get(writerOf("z"));
    assert.equal(seen, tip.revision.change?.stamp.counter);
  });

  it("tells anew what it wrote as several writers, if the first of them was forked", async () => {
    const ahead = await changeAs(space, a, "a", (edit) => putFile(edit, "/under a wrong clock"));
    const own = await changeAs(space, ahead, "e", (edit) => putFile(edit, "/under a right one"));
    const copy = await changeAs(space, a, "a", (edit) => putFile(edit, "/by a copy"));
    const told = await changeAs(space, copy, "c", (edit) => putFile(edit, "/by c"));
    const received = await receiveAs(space, own, told, "e", 1_000_000, [writerOf("a")]);
    assert.ok(received.outcome === "forked");
    assert.deepEqual(received.fork, {
      writer: writerOf("a"),
      after: 2,
      since: [writerOf("e")],
    });
    const { tip } = received;
    for (const path of ["/under a wrong clock", "/under a right one", "/by a copy", "/by c"]) {
      assert.ok(await entryAt(space, tip, path), path);
    }
    const { vv } = tip.state;
    assert.equal(vv.get(writerOf("e")), undefined);
    assert.equal(vv.get(writerOf("a")), 3);
    const unasked = await receiveAs(space, own, told, "e");
    assert.ok(unasked.outcome === "refused", "two changes of one stamp");
  });

  it("is told by a head where counters leave a gap, for then the revisions show nothing", async () => {
    const other = await changeAs(space, a, "a", (edit) => putFile(edit, "/by the other"));
    let far = await changeAs(space, a, "b", (edit) => putFile(edit, "/by b"));
    far = await changeAs(space, far, "b", (edit) => putFile(edit, "/more by b"));
    const own = await changeAs(space, far, "a", (edit) => putFile(edit, "/by the copy"));
    const unshown = await receiveAs(space, own, other, "a");
    assert.notEqual(unshown.outcome, "forked", "what the other did since is taken for seen");
    const hasForeignHead = (id: WriterId): boolean => equalBytes(id, writerOf("a"));
    const shown = await receiveAs(space, own, other, "a", 1_000_000, [], { hasForeignHead });
    assert.ok(shown.outcome === "forked");
    for (const path of ["/by the other", "/by the copy", "/more by b"]) {
      assert.ok(await entryAt(space, shown.tip, path), path);
    }
  });

  it("lets another copy go on as a writer that it was", async () => {
    const own = await changeAs(space, a, "e", (edit) => putFile(edit, "/under a right clock"));
    const other = await changeAs(space, a, "a", (edit) => putFile(edit, "/by a copy"));
    const received = await receiveAs(space, own, other, "e", 1_000_000, [writerOf("a")]);
    assert.equal(received.outcome, "joined");
  });

  it("knows a change again whose record a purge rewrote", async () => {
    const purged = await purge(a, "a", "/secret");
    const heard = await changeAs(space, purged, "b", (edit) => putFile(edit, "/by b"));
    const other = await changeAs(space, a, "a", (edit) => putFile(edit, "/more"));
    const received = await receiveAs(space, other, heard, "a");
    assert.ok(received.outcome === "forked");
    assert.equal(received.fork.after, 2);
  });

  it("reports two that have seen the same and differ", async () => {
    const other = await changeAs(space, base, "b", (edit) => putFile(edit, "/another"));
    assert.deepEqual(await receiveAs(space, b, other, "c"), { outcome: "differs" });
  });

  it("refuses what contradicts one's own, and counters that jump", async () => {
    const other = await changeAs(space, base, "b", (edit) => putFile(edit, "/by b", "another"));
    const more = await changeAs(space, other, "c", (edit) => putFile(edit, "/by c"));
    const mine = await changeAs(space, b, "d", (edit) => putFile(edit, "/by d"));
    const vv = new IdMap(b.state.vv).set(writerOf("b"), 2 ** 33);
    for (const each of [more, { ...b, state: { ...b.state, vv } }]) {
      const received = await receiveAs(space, mine, each, "d");
      assert.ok(received.outcome === "refused");
      assert.equal(received.error.code, "damaged");
    }
  });

  it("fails where a block is not at hand, and takes it for nothing else", async () => {
    const lacking = { ...space, sealer: { ...space.sealer, blocks: new MemoryBlocks() } };
    await assert.rejects(receiveAs(lacking, a, b, "a"), (error) =>
      isCloudError(error, "not-found"),
    );
  });
});
