import type { BlockPutter } from "../blocks/ports.ts";
import { type MapReader, rangeOfMap } from "../blocks/sealed-map.ts";
import { IdMap } from "../core/id-map.ts";
import { type EntryId, type WriterId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import { type DifferingEntries, differingEntries } from "../tree/differing.ts";
import { type Edit, putContent } from "../tree/edit.ts";
import { decodeEntry, type Entry } from "../tree/entry.ts";
import { shownContent } from "../tree/lookup.ts";
import { type EntryChange, place } from "../tree/place.ts";
import type { State } from "../tree/state.ts";
import {
  covers,
  joinVectors,
  nextStamp,
  type VersionVector,
  vectorAtMost,
} from "../tree/version-vector.ts";
import { type Fork, renameEntry, renameForked, renameSeen } from "./fork.ts";
import { joinEntry, sameEntry } from "./join-entry.ts";
import { joinRecords, unpurge } from "./join-records.ts";
import { RevisionDraft, type RevisionSealer, type Tip } from "./tip.ts";

/** As whom and when a rebase is written. */
export interface RebaseAs {
  readonly writer: WriterId;
  /** Milliseconds since 1970, not before the writer's last. */
  readonly time: number;
  /**
   * Where one's own store and another copy of it parted, if one met one's own writer id;
   * `writer` is then an id that nobody has seen.
   */
  readonly fork?: Fork;
}

/** One of the two sides, as the rebase tells it. */
interface Side {
  readonly vv: VersionVector;
  /** Whether it has not seen all that the other side purged. */
  readonly isBehind: boolean;
}

/**
 * Joins a received revision to one's own where a plain join must not: one of the two has not seen
 * all that the other purged, or one's own store is a forked copy. FORMAT §13.3.
 *
 * It is a join all the same, in which every change keeps its stamp: written again under new stamps
 * they would escape the deletions of those who have seen them already, and stand twice. What a
 * join can't know here is what the other side once had of an entry that it has purged: a larger
 * place, a removal, a content. So the rebase is a change of its own, whose stamp is larger than all
 * that either side has seen, and which says of every such entry anew where it stands, that nothing
 * older removed it, and what it holds. `live` is said by nobody anew: who deleted it, having seen
 * it, goes on having deleted it.
 * @returns a tip that has seen both, by which the other is fast-forwarded.
 * @throws damaged, if the sides contradict each other
 */
export async function rebase(
  sealer: RevisionSealer,
  putter: BlockPutter,
  own: Tip,
  other: Tip,
  as: RebaseAs,
): Promise<Tip> {
  const { fork } = as;
  const rename = fork === undefined ? undefined : renameForked(fork, as.writer);
  const seen = {
    vv: fork === undefined ? own.state.vv : renameSeen(own.state.vv, fork, as.writer),
    // Told anew too: others may have earlier contents of what the copy overwrote and then purged.
    floor: fork === undefined ? own.state.floor : renameSeen(own.state.floor, fork, as.writer),
  };
  const mine: Side = { vv: seen.vv, isBehind: !vectorAtMost(other.state.floor, seen.vv) };
  const theirs: Side = {
    vv: other.state.vv,
    isBehind: !vectorAtMost(seen.floor, other.state.vv),
  };
  const draft = new RevisionDraft(sealer, other);
  draft.state.seeAll(seen);
  const edit = draft.edit(nextStamp(joinVectors(seen.vv, other.state.vv), as.writer));

  const joining = new Joining(edit);
  const all = await differingEntries(sealer, own.state, other.state);
  if (rename !== undefined) await addForked(sealer, own.state, rename, all);
  for (const sides of all.values()) {
    const a =
      sides.a !== undefined && rename !== undefined ? renameEntry(sides.a, rename) : sides.a;
    joining.join(a, sides.b, mine, theirs);
  }
  joining.keepFoldersAbove();
  await place(draft.state, joining.changes);
  await joinRecords(
    sealer,
    draft,
    { vv: other.state.vv, revision: other.revision },
    { vv: seen.vv, revision: own.revision, rename },
  );
  await unpurge(draft, joining.kept);
  // A forked past is told again, not followed: nobody is to find its old stamps.
  const parents = fork === undefined ? [own, other] : [other];
  return draft.sealChange(putter, parents, edit, as.time);
}

/**
 * Adds the entries that both sides have alike, though what the stamps in them mean is not: two
 * copies of a store may by chance have done the same. Reads the whole state.
 */
async function addForked(
  reader: MapReader,
  own: State,
  rename: (stamp: Stamp) => Stamp,
  all: DifferingEntries,
): Promise<void> {
  for (const root of [own.tree, own.removed]) {
    for await (const [key, value] of rangeOfMap(reader, root, new Uint8Array(0))) {
      const entry = decodeEntry(key, value);
      const { id } = entry;
      const isForked = !sameEntry(entry, renameEntry(entry, rename));
      if (isForked && !all.has(id)) all.set(id, { a: entry, b: entry });
    }
  }
}

/** The changes that bring the other side's entries to what both come to. */
class Joining {
  readonly changes = new IdMap<EntryId, EntryChange>();
  /** Entries that only one side had and that stay. */
  readonly kept: Entry[] = [];
  readonly #edit: Edit;
  /** Folders that only one side has and that the join drops. */
  readonly #dropped = new IdMap<EntryId, { folder: Entry; old: Entry | undefined; by: Side }>();

  constructor(edit: Edit) {
    this.#edit = edit;
  }

  join(a: Entry | undefined, b: Entry | undefined, mine: Side, theirs: Side): void {
    let next = joinEntry(a, b, mine.vv, theirs.vv);
    const single = a === undefined ? b : b === undefined ? a : undefined;
    if (single !== undefined) {
      const [has, lacks] = a === undefined ? [theirs, mine] : [mine, theirs];
      if (next === undefined) {
        if (single.kind === "folder") {
          this.#dropped.set(single.id, { folder: single, old: b, by: lacks });
        }
      } else {
        if (has.isBehind) next = this.#sayAnew(next, lacks);
        this.kept.push(next);
      }
    }
    if (sameEntry(b, next)) return;
    this.changes.set(((next ?? b) as Entry).id, { old: b, next });
  }

  /** Keeps the dropped folders above what stays, as ghosts: else that would stand at the root. */
  keepFoldersAbove(): void {
    const pending = [...this.changes.values()].flatMap(({ next }) => next?.parent ?? []);
    for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
      const dropped = this.#dropped.get(parent);
      if (dropped === undefined) continue;
      this.#dropped.delete(parent);
      const next = this.#sayAnew({ ...dropped.folder, live: [] }, dropped.by);
      this.changes.set(parent, { old: dropped.old, next });
      pending.push(next.parent);
    }
  }

  /** An entry that the side without it may have purged, under this change's stamp. */
  #sayAnew(entry: Entry, lacks: Side): Entry {
    const { stamp } = this.#edit;
    const unseen = entry.content.filter((content) => !covers(lacks.vv, content.stamp));
    const shown = shownContent(entry);
    const content =
      unseen.length > 0 || shown === undefined
        ? unseen
        : putContent(this.#edit, entry.id, shown.link);
    return { ...entry, at: stamp, gone: [stamp], content };
  }
}
