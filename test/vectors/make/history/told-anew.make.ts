import type { RecordLink } from "../../../../src/node/blocks/link.ts";
import { nameDevice } from "../../../../src/node/history/device-names.ts";
import {
  decodeLogItem,
  decodePurged,
  decodeVersion,
  encodeLogItem,
  encodePurged,
  encodeVersion,
  logKey,
  tagKey,
} from "../../../../src/node/history/revision.ts";
import { revise, type Tip } from "../../../../src/node/history/tip.ts";
import { itemsOf } from "../../../blocks/test-maps.ts";
import { purgeRemoved, putFile, removeAt, writerOf } from "../../../history/test-spaces.ts";
import { hashOf } from "../common.make.ts";
import { makePack, putLink } from "./purges.make.ts";
import { showReceived } from "./received.make.ts";
import { moveTo, Story } from "./story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** What stores that are copies make of what shows it, with stamps wherever stamps may stand. FORMAT §13.3. */
export async function makeToldAnew(): Promise<VectorValue[]> {
  const story = new Story(23);
  const { sealer, blocks } = story.space;
  const base = await story.begin();
  const a = await story.change(base, "a", (edit) => putFile(edit, "/by a"));
  const b = await story.change(base, "b", (edit) => putFile(edit, "/by b"));
  const other = await story.change(base, "a", (edit) => putFile(edit, "/by a", "elsewhere"));
  const heard = await story.change(other, "c", (edit) => putFile(edit, "/by c"));
  const c = await story.change(b, "c", (edit) => putFile(edit, "/by c"));
  // Two lines in which another writer purged what both had put at the same stamp.
  const purgedIn = async (time: number): Promise<Tip> => {
    const put = await revise(sealer, blocks, base, { writer: writerOf("a"), time }, async (_, edit) => {
      await putFile(edit, "/notes", "by chance");
    });
    return story.change(await story.purge(put, "c", "/notes"), "d", (_, draft) => {
      draft.log.delete(logKey({ counter: 3, writer: writerOf("c") }));
      return Promise.resolve();
    });
  };
  // A line that bears its writer's stamp in all that can bear one.
  const bearing = await story.change(a, "a", async (edit, draft) => {
    await nameDevice(draft, edit.stamp, hashOf("a device"), "by a");
    const by = edit.stamp;
    const tagged = { time: 1000, state: base.revision.state };
    draft.tags.set(tagKey("by a", by), encodeLogItem(tagged));
    const rewritten = { by, first: base.revision.state.id };
    draft.tags.set(tagKey("rewritten by a", by), encodeLogItem({ ...tagged, rewritten }));
    for (const [key, value] of await itemsOf(sealer, a.revision.versions)) {
      draft.versions.set(key, encodeVersion({ ...decodeVersion(value), rewritten: by }));
    }
    for (const [key, value] of await itemsOf(sealer, base.revision.log)) {
      draft.log.set(key, encodeLogItem({ ...decodeLogItem(value), rewritten }));
    }
  });
  // Two lines that did the same at the same counter, by chance.
  const movedAt = (time: number): Promise<Tip> =>
    revise(sealer, blocks, base, { writer: writerOf("a"), time }, async (_, edit) => {
      await moveTo(edit, "/notes", "/moved");
    });
  const heardMoved = await story.change(await movedAt(2001), "c", (edit) => putFile(edit, "/by c"));
  // A line that purged what the other line has still.
  const removed = await story.change(base, "a", (edit) => removeAt(edit, "/notes"));
  const purged = await purgeRemoved(story.space, removed, "a");
  // Two lines whose purges of one version name other blocks, one of them a pack of a neighbour's.
  const packed = makePack(story, ["a record", "a neighbour"]);
  const beside = await story.change(base, "b", (edit) => putLink(edit, "/beside", packed.links[1] as RecordLink));
  const line = await story.purge(beside, "a", "/notes");
  const otherLine = await story.purge(beside, "a", "/notes", 9000);
  const [mark] = await itemsOf(sealer, otherLine.revision.purged);
  const [purgedKey, purgedValue] = mark as readonly [Uint8Array, Uint8Array];
  const naming = await story.change(otherLine, "c", (_, draft) => {
    const ids = [...decodePurged(purgedValue), (packed.links[1] as RecordLink).id];
    draft.purged.set(purgedKey, encodePurged(ids));
    return Promise.resolve();
  });
  // A line that overwrote and purged what the other line has moved since.
  const second = await story.change(base, "b", (edit) => putFile(edit, "/notes", "second"));
  const third = await story.change(second, "a", (edit) => putFile(edit, "/notes", "third"));
  const gone = await story.purge(third, "a", "/notes");
  const kept = await story.change(second, "a", async (edit) => {
    await moveTo(edit, "/notes", "/kept");
  });
  const heardKept = await story.change(kept, "c", (edit) => putFile(edit, "/by c"));
  // A copy that has gone past the other line's last counter without a change of that number.
  const heardMore = await story.change(await story.change(a, "b", (edit) => putFile(edit, "/by b")), "b", (edit) => putFile(edit, "/more"));
  const past = await story.change(heardMore, "a", (edit) => putFile(edit, "/by the copy"));
  const last = await story.change(a, "a", (edit) => putFile(edit, "/by the other"));
  return [
    await showReceived(story, "a store of whose writer who tells has a head that is not its own", past, last, "a", undefined, [], ["a"]),
    await showReceived(story, "a store that overwrote and purged what the other line keeps", gone, heardKept, "a"),
    await showReceived(story, "two lines whose purges of one version name other blocks", line, naming, "a"),
    await showReceived(story, "another line that did the same at the same counter", await movedAt(2000), heardMoved, "a"),
    await showReceived(story, "a store that purged entries since the lines parted", purged, heard, "a"),
    await showReceived(story, "a store that was put back to before its first change", base, c, "b"),
    await showReceived(story, "another line that purged what one's own purged, both by another writer", await purgedIn(2000), await purgedIn(2001), "a"),
    await showReceived(story, "a store that bears the stamp that another line bears, in all that can bear one", bearing, heard, "a"),
    await showReceived(story, "a revision of which a block is not at hand", a, b, "a", b.revision.log?.id),
    await showReceived(story, "two that purged nothing, where a state of the past is not at hand", a, b, "a", base.revision.state.id),
  ];
}
