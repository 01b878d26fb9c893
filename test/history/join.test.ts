import assert from "node:assert/strict";
import type { EncodedRecordLink } from "../../src/node/blocks/link.ts";
import { toHex } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { asBlockId, asEntryId, type EntryId } from "../../src/node/core/ids.ts";
import type { Stamp } from "../../src/node/core/stamp.ts";
import { canJoin, joinTips } from "../../src/node/history/join.ts";
import {
  encodePurged,
  encodeVersion,
  purgedKey,
  versionKey,
} from "../../src/node/history/revision.ts";
import type { RevisionDraft, Tip } from "../../src/node/history/tip.ts";
import { resolveTarget } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { restoreFrom } from "../../src/node/tree/restore.ts";
import { itemsOf } from "../blocks/test-maps.ts";
import { fakeLink } from "../tree/test-trees.ts";
import { fingerprint } from "./simulation/snapshot.ts";
import {
  changeAs,
  createTestSpace,
  entryAt,
  joined,
  purgeRemoved,
  putFile,
  putFolder,
  removeAt,
  type TestSpace,
  writerOf,
} from "./test-spaces.ts";

const sameLink = (link: EncodedRecordLink): Promise<EncodedRecordLink> => Promise.resolve(link);

function contents(entry: { content: readonly { link: Uint8Array }[] } | undefined): string[] {
  return (entry?.content ?? []).map(({ link }) => toHex(link));
}

const newId = (byte: number): EntryId => asEntryId(new Uint8Array(16).fill(byte));

const linkText = (word: string): string => toHex(fakeLink(word));

describe("joining two revisions", () => {
  let space: TestSpace;
  let base: Tip;

  beforeEach(async () => {
    space = createTestSpace(1);
    base = await changeAs(space, undefined, "a", async (edit) => {
      await putFolder(edit, "/docs");
      await putFile(edit, "/docs/plan", "old plan");
      await putFile(edit, "/notes", "old notes");
    });
  });

  it("takes the other where it has seen all, and nothing where one's own has", async () => {
    const later = await changeAs(space, base, "b", (edit) => putFile(edit, "/notes", "new"));
    const { sealer, blocks } = space;
    assert.deepEqual(await joinTips(sealer, blocks, base, later), {
      outcome: "behind",
      tip: later,
    });
    assert.deepEqual(await joinTips(sealer, blocks, later, base), { outcome: "ahead" });
    assert.deepEqual(await joinTips(sealer, blocks, later, later), { outcome: "ahead" });
  });

  it("makes the same of both, whoever joins, under no stamp", async () => {
    const a = await changeAs(space, base, "a", (edit) => putFile(edit, "/docs/plan", "by a"));
    const b = await changeAs(space, base, "b", (edit) => putFile(edit, "/notes", "by b"));
    const [here, there] = [await joined(space, a, b), await joined(space, b, a)];
    assert.equal(fingerprint(here), fingerprint(there));
    assert.equal(here.revision.change, undefined);
    assert.deepEqual(here.revision.parents, there.revision.parents);
    assert.deepEqual(contents(await entryAt(space, here, "/docs/plan")), [linkText("by a")]);
    assert.deepEqual(contents(await entryAt(space, here, "/notes")), [linkText("by b")]);
  });

  it("keeps both contents of one file as a conflict, until one is put that saw both", async () => {
    const a = await changeAs(space, base, "a", (edit) => putFile(edit, "/notes", "by a"));
    const b = await changeAs(space, base, "b", (edit) => putFile(edit, "/notes", "by b"));
    const both = await joined(space, a, b);
    const found = contents(await entryAt(space, both, "/notes"));
    assert.deepEqual(found, [linkText("by a"), linkText("by b")]);
    const settled = await changeAs(space, both, "b", (edit) => putFile(edit, "/notes", "settled"));
    const after = await joined(space, both, settled);
    assert.deepEqual(contents(await entryAt(space, after, "/notes")), [linkText("settled")]);
  });

  it("lets an edit beat a deletion, and shows the deleted folder above as a ghost", async () => {
    const a = await changeAs(space, base, "a", (edit) => removeAt(edit, "/docs"));
    const b = await changeAs(space, base, "b", (edit) => putFile(edit, "/docs/plan", "by b"));
    const both = await joined(space, a, b);
    assert.deepEqual(contents(await entryAt(space, both, "/docs/plan")), [linkText("by b")]);
    const ghost = await entryAt(space, both, "/docs");
    assert.deepEqual(ghost?.live, []);
  });

  it("keeps a file deleted that only the deleter had changed", async () => {
    const a = await changeAs(space, base, "a", (edit) => removeAt(edit, "/notes"));
    const b = await changeAs(space, base, "b", (edit) => putFile(edit, "/docs/plan", "by b"));
    const both = await joined(space, a, b);
    assert.equal(await entryAt(space, both, "/notes"), undefined);
  });

  it("breaks a cycle of two moves at the folder that was moved last", async () => {
    const start = await changeAs(space, base, "a", (edit) => putFolder(edit, "/more"));
    const into = (path: string, target: string, letter: string): Promise<Tip> =>
      changeAs(space, start, letter, async (edit) => {
        const entry = (await resolveTarget(edit.draft, path)).entry;
        assert.ok(entry !== undefined);
        await move(edit, entry, await resolveTarget(edit.draft, target), false);
      });
    const a = await into("/docs", "/more/docs", "a");
    const b = await into("/more", "/docs/more", "b");
    const both = await joined(space, a, b);
    assert.equal(fingerprint(both), fingerprint(await joined(space, b, a)));
    // Of equal counters the larger writer's is the larger stamp.
    assert.ok(await entryAt(space, both, "/more/docs/plan"));
  });

  it("keeps every version of both, and lets go of what either let go of", async () => {
    const a = await changeAs(space, base, "a", async (edit, draft) => {
      const [first] = await versionKeys(space, base);
      draft.versions.delete(first as Uint8Array);
      await putFile(edit, "/docs/plan", "by a");
    });
    const b = await changeAs(space, base, "b", (edit) => putFile(edit, "/notes", "by b"));
    const count = async (tip: Tip): Promise<number> => (await versionKeys(space, tip)).length;
    assert.equal(await count(base), 2);
    assert.equal(await count(await joined(space, b, a)), 3);
  });

  it("reports revisions that have seen the same and differ", async () => {
    const a = await changeAs(space, base, "b", (edit) => putFile(edit, "/notes", "one"));
    const b = await changeAs(space, base, "b", (edit) => putFile(edit, "/notes", "another"));
    const result = await joinTips(space.sealer, space.blocks, a, b);
    assert.deepEqual(result, { outcome: "differs" });
  });

  it("is refused where one purged what the other has not seen", async () => {
    const removed = await changeAs(space, base, "a", (edit) => removeAt(edit, "/notes"));
    const purged = await purgeRemoved(space, removed, "a");
    const behind = await changeAs(space, base, "b", (edit) => putFile(edit, "/docs/plan", "by b"));
    const { sealer, blocks } = space;
    const own = await joinTips(sealer, blocks, behind, purged);
    assert.deepEqual(own, { outcome: "must-rebase", who: "own" });
    const other = await joinTips(sealer, blocks, purged, behind);
    assert.deepEqual(other, { outcome: "must-rebase", who: "other" });
    assert.equal(canJoin(behind.state, purged.state), "a-is-behind");
    assert.equal(canJoin(removed.state, purged.state), "yes");
  });

  it("agrees on what was purged and then restored under its id, whoever kept the tombstone", async () => {
    // Found by reasoning: with the largest removal alone the last two differ under equal vectors.
    const removed = await changeAs(space, base, "a", (edit) => removeAt(edit, "/notes"));
    const purged = await purgeRemoved(space, removed, "a");
    const restored = await changeAs(space, purged, "a", (edit) =>
      restoreFrom(edit, space.sealer, purged.state, base.state, "/notes", sameLink),
    );
    const elsewhere = await changeAs(space, removed, "c", (edit) => putFile(edit, "/new"));
    const byWayOfPurge = await joined(space, await joined(space, purged, elsewhere), restored);
    const directly = await joined(space, elsewhere, restored);
    assert.equal(fingerprint(byWayOfPurge), fingerprint(directly));
    assert.deepEqual(contents(await entryAt(space, directly, "/notes")), [linkText("old notes")]);
  });

  it("begins anew, without its removals, what a purge dropped and somebody restores", async () => {
    const restoreNotes = (tip: Tip, from: Tip): Promise<Tip> =>
      changeAs(space, tip, "a", (edit) =>
        restoreFrom(edit, space.sealer, tip.state, from.state, "/notes", sameLink),
      );
    const remove = (tip: Tip): Promise<Tip> =>
      changeAs(space, tip, "a", (edit) => removeAt(edit, "/notes"));
    const removedBefore = await restoreNotes(await remove(base), base);
    assert.equal((await entryAt(space, removedBefore, "/notes"))?.gone?.length, 1);
    const purged = await purgeRemoved(space, await remove(removedBefore), "a");
    const restored = await restoreNotes(purged, removedBefore);
    const entry = await entryAt(space, restored, "/notes");
    assert.ok(entry !== undefined);
    assert.equal(entry.gone, undefined);
  });

  it("brings back the purged folders above what is restored", async () => {
    const removed = await changeAs(space, base, "a", (edit) => removeAt(edit, "/docs"));
    const purged = await purgeRemoved(space, removed, "a");
    const restored = await changeAs(space, purged, "a", (edit) =>
      restoreFrom(edit, space.sealer, purged.state, base.state, "/docs/plan", sameLink),
    );
    assert.deepEqual(contents(await entryAt(space, restored, "/docs/plan")), [
      linkText("old plan"),
    ]);
  });

  describe("refuses what one change can't have left", () => {
    const stamp = { counter: 9, writer: writerOf("b") };
    /** Two lines of one writer, which each leave a record of their own under one key. */
    const refusesTwo = async (leave: (draft: RevisionDraft, line: string) => void) => {
      const [one, other] = await Promise.all(
        ["one", "other"].map((line) =>
          changeAs(space, base, "b", async (edit, draft) => {
            leave(draft, line);
            await putFile(edit, `/${line}`);
          }),
        ),
      );
      // So that neither has seen all of the other.
      const a = await changeAs(space, one, "c", (edit) => putFile(edit, "/c"));
      const b = await changeAs(space, other, "d", (edit) => putFile(edit, "/d"));
      await assert.rejects(joinTips(space.sealer, space.blocks, a, b), (error) => {
        assert.ok(isCloudError(error, "damaged"));
        assert.match(error.message, /its writer was forked/u);
        return true;
      });
    };
    const time = 5;
    const versionOf = (line: string, rewritten?: Stamp) =>
      encodeVersion({
        time,
        link: fakeLink(line),
        ...(rewritten === undefined ? {} : { rewritten }),
      });

    it("two values of one purged version", async () => {
      const key = purgedKey({
        id: newId(1),
        stamp: { counter: 1, writer: writerOf("a") },
        by: stamp,
      });
      await refusesTwo((draft, line) => {
        draft.purged.set(
          key,
          encodePurged([asBlockId(new Uint8Array(32).fill(0xf0 + line.length))]),
        );
      });
    });

    it("two records never sealed anew", async () => {
      await refusesTwo((draft, line) => {
        draft.versions.set(versionKey(newId(1), stamp), versionOf(line));
      });
    });

    it("two records sealed anew by one purge", async () => {
      await refusesTwo((draft, line) => {
        draft.versions.set(versionKey(newId(1), stamp), versionOf(line, stamp));
      });
    });

    it("two contents of one entry under one stamp", async () => {
      const lines = await Promise.all(
        ["one", "other"].map((line) =>
          changeAs(space, base, "b", (edit) => putFile(edit, "/notes", line)),
        ),
      );
      const [a, b] = await Promise.all(
        lines.map((line, i) =>
          changeAs(space, line, "cd"[i] ?? "", (edit) => putFolder(edit, "/f")),
        ),
      );
      assert.ok(a !== undefined && b !== undefined);
      await assert.rejects(joinTips(space.sealer, space.blocks, a, b), /its writer was forked/u);
    });
  });
});

async function versionKeys(space: TestSpace, tip: Tip): Promise<Uint8Array[]> {
  return (await itemsOf(space.sealer, tip.revision.versions)).map(([key]) => key);
}
