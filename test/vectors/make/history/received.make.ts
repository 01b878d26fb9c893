import { equalBytes, toBinaryString, toHex } from "../../../../src/node/core/bytes.ts";
import { showCid } from "../../../../src/node/core/cid.ts";
import { type CloudError, isCloudError } from "../../../../src/node/core/cloud-error.ts";
import type { BlockId } from "../../../../src/node/core/ids.ts";
import { type Received, receive } from "../../../../src/node/history/receive.ts";
import { logKey } from "../../../../src/node/history/revision.ts";
import type { Stamp } from "../../../../src/node/core/stamp.ts";
import { RevisionDraft, revise, type Tip } from "../../../../src/node/history/tip.ts";
import { purgeRemoved, putFile, removeAt, writerOf } from "../../../history/test-spaces.ts";
import { itemsOf } from "../../../blocks/test-maps.ts";
import { moveTo, Story } from "./story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const time = 1_000_000;

type Taken = Received | { readonly outcome: "failed"; readonly error: CloudError };

/** What becomes of `own`; without a block where one is named. */
async function take(
  story: Story,
  own: Tip | undefined,
  other: Tip,
  by: string,
  missing: BlockId | undefined,
  former: readonly string[],
  foreign: readonly string[],
): Promise<Taken> {
  const { sealer, blocks } = story.space;
  const name = missing === undefined ? "" : toBinaryString(missing);
  const bytes = blocks.byId.get(name);
  blocks.byId.delete(name);
  try {
    return await receive(sealer, blocks, own, other, {
      writer: writerOf(by),
      former: former.map(writerOf),
      hasForeignHead: (id) => foreign.some((each) => equalBytes(id, writerOf(each))),
      time,
      newWriter: () => writerOf("z"),
      step: () => Promise.resolve(),
    });
  } catch (error) {
    if (isCloudError(error)) return { outcome: "failed", error };
    throw error;
  } finally {
    if (bytes !== undefined) blocks.byId.set(name, bytes);
  }
}

/** What a store that writes as `by` makes of `other` beside `own`. */
export async function showReceived(
  story: Story,
  name: string,
  own: Tip | undefined,
  other: Tip,
  by: string,
  missing?: BlockId,
  former: readonly string[] = [],
  foreign: readonly string[] = [],
): Promise<VectorValue> {
  const received = await take(story, own, other, by, missing, former, foreign);
  const fork =
    received.outcome === "forked"
      ? { newWriter: toHex(received.writer), after: received.fork.after }
      : {};
  const result =
    "tip" in received && received.outcome !== "taken"
      ? {
          ...("beneath" in received ? { beneath: await story.show(received.beneath) } : {}),
          result: await story.show(received.tip),
        }
      : {};
  return {
    name,
    writer: toHex(writerOf(by)),
    ...(former.length === 0 ? {} : { former: former.map((each) => toHex(writerOf(each))) }),
    ...(foreign.length === 0 ? {} : { foreign: foreign.map((each) => toHex(writerOf(each))) }),
    time,
    own: own === undefined ? null : await story.show(own),
    other: await story.show(other),
    ...(missing === undefined ? {} : { missing: showCid(missing) }),
    outcome: received.outcome,
    ...("error" in received ? { code: received.error.code } : {}),
    ...fork,
    ...result,
  };
}

/** What a store makes of a revision that it receives. FORMAT §13.1, §13.3, §13.4. */
export async function makeReceived(): Promise<VectorValue[]> {
  const story = new Story(21);
  const { sealer } = story.space;
  const base = await story.begin();
  const a = await story.change(base, "a", (edit) => putFile(edit, "/by a"));
  const b = await story.change(base, "b", (edit) => putFile(edit, "/by b"));
  const a2 = await story.change(a, "a", (edit) => putFile(edit, "/by a", "again"));
  const told = await story.change(a2, "c", (edit) => putFile(edit, "/by c"));
  const purged = await story.purge(a, "c", "/notes");
  const letGo = await purgeRemoved(story.space, await story.change(a, "a", (edit) => removeAt(edit, "/notes")), "a");
  // Lines of a writer's store that was copied.
  const other = await story.change(base, "a", (edit) => putFile(edit, "/by a", "elsewhere"));
  const heard = await story.change(other, "c", (edit) => putFile(edit, "/by c"));
  const dropped = await story.change(a, "a", async (_, draft) => {
    const [first] = await itemsOf(sealer, base.revision.versions);
    draft.versions.delete((first as readonly [Uint8Array, Uint8Array])[0]);
  });
  const purgedBoth = [
    await story.purge(heard, "c", "/docs/plan"),
    await story.purge(a2, "a", "/notes"),
  ] as const;
  const seenFirst = await story.change(b, "a", (edit) => putFile(edit, "/by a", "elsewhere"));
  const without = (tip: Tip, by: string, stamp: Stamp) =>
    story.change(tip, by, (_, draft) => {
      draft.log.delete(logKey(stamp));
      return Promise.resolve();
    });
  const second = { counter: 2, writer: writerOf("a") };
  // A writer whose copies have nothing in common.
  const [p, q] = [
    await story.change(base, "d", (edit) => putFile(edit, "/here")),
    await story.change(base, "d", (edit) => putFile(edit, "/there")),
  ];
  const heardQ = await story.change(q, "c", (edit) => putFile(edit, "/by c"));
  // Changes that count far beyond what is known.
  const far = async (base: Tip, by: string, counter: number): Promise<Tip> => {
    const draft = new RevisionDraft(sealer, base);
    const edit = draft.edit({ counter, writer: writerOf(by) });
    await putFile(edit, "/far");
    return draft.sealChange(story.space.blocks, [base], edit, time);
  };
  const sameTime = await revise(sealer, story.space.blocks, base, { writer: writerOf("a"), time: 2000 }, async (_, edit) => {
    await putFile(edit, "/same time");
  });
  const heardSame = await story.change(sameTime, "c", (edit) => putFile(edit, "/by c"));
  // Two purges of one file, each of what the other side had of it.
  const [putB, putC] = [
    await story.change(base, "b", (edit) => putFile(edit, "/notes", "by b")),
    await story.change(base, "c", (edit) => putFile(edit, "/notes", "by c")),
  ];
  const told1 = await story.rebased(await story.purge(putC, "c", "/notes"), putB, "c");
  const told2 = await story.rebased(await story.purge(putB, "d", "/notes"), putC, "d");
  const moved = await story.change(told2, "d", (edit) => moveTo(edit, "/notes", "/moved"));
  const shown = [
    await showReceived(story, "two that each purged what the other has of a file", told1, told2, "c"),
    await showReceived(story, "the same, where one has moved it since", told1, moved, "c"),
    await showReceived(story, "anything, by one who has nothing yet", undefined, b, "a"),
    await showReceived(story, "a counter 2^32 beyond the largest known", a, await far(base, "b", 2 + 2 ** 32), "a"),
    await showReceived(story, "a counter more than 2^32 beyond the largest known", a, await far(base, "b", 3 + 2 ** 32), "a"),
    await showReceived(story, "a first counter of 2^32", undefined, await far(base, "b", 2 ** 32), "a"),
    await showReceived(story, "a first counter above 2^32", undefined, await far(base, "b", 2 ** 32 + 1), "a"),
    await showReceived(story, "two lines of another writer", await story.change(a, "d", (edit) => putFile(edit, "/by d")), heard, "d"),
    await showReceived(story, "one's own", a, a, "a"),
    await showReceived(story, "what one's own has seen all of", a2, base, "b"),
    await showReceived(story, "what has seen all of one's own", base, b, "a"),
    await showReceived(story, "two that had something new", a, b, "a"),
    await showReceived(story, "two that have seen the same and differ", a, other, "b"),
    await showReceived(story, "a purge, by one who had not heard of it", b, purged, "b"),
    await showReceived(story, "a purge of entries, by one who is behind", b, letGo, "b"),
    await showReceived(story, "one who is behind, by one who purged", letGo, b, "a"),
    await showReceived(story, "a store that was put back, and has changed nothing since", a, told, "a"),
    await showReceived(story, "the same, which has heard of others since", await story.joined(a, b), told, "a"),
    await showReceived(story, "a store of which another line is told", a2, heard, "a"),
    await showReceived(story, "another line at the same counter, which had seen more", a, seenFirst, "a"),
    await showReceived(story, "the same, with a version let go of after the fork and one before", dropped, heard, "a"),
    await showReceived(story, "the same at the same time", a, heardSame, "a"),
    await showReceived(story, "two lines whose common records each side rewrote", purgedBoth[1], purgedBoth[0], "a"),
    await showReceived(story, "a store whose lines have no change in common", p, heardQ, "d"),
    await showReceived(story, "one's own last change, rewritten by a purge", a, purged, "a"),
    await showReceived(story, "one's own earlier change, rewritten by a purge", await story.change(a, "a", (edit) => putFile(edit, "/more")), purged, "a"),
    await showReceived(story, "one's own change, of which one's own log has no record", await without(a2, "a", second), await story.change(a, "b", (edit) => putFile(edit, "/by b")), "a"),
    await showReceived(story, "one's own change, of which the other log has no record", a2, await without(a, "b", second), "a"),
  ];
  // A store whose clock was ahead, and another copy that goes on under the former id.
  const wentOn = await story.change(a2, "e", (edit) => putFile(edit, "/by a", "by e"));
  const a3 = await story.change(a2, "a", (edit) => putFile(edit, "/by the other copy"));
  const told3 = await story.change(a3, "c", (edit) => putFile(edit, "/by c"));
  const since = await story.change(a2, "e", (edit) => putFile(edit, "/by e"));
  return [
    ...shown,
    await showReceived(story, "a store that went on as another writer, of whose former one another line is told", wentOn, heard, "e", undefined, ["a"]),
    await showReceived(story, "the same, where the other line goes on from all that it wrote as the former one", since, told3, "e", undefined, ["a"]),
  ];
}
