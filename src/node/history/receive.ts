import type { BlockPutter } from "../blocks/ports.ts";
import { equalBytes } from "../core/bytes.ts";
import { type CloudError, isCloudError } from "../core/cloud-error.ts";
import type { WriterId } from "../core/ids.ts";
import { emptyState } from "../tree/state.ts";
import { checkJump, counterOf, nextStamp } from "../tree/version-vector.ts";
import { type Fork, findFork, isForked } from "./fork.ts";
import { joinTips } from "./join.ts";
import { purgeAgain } from "./purge.ts";
import { rebase } from "./rebase.ts";
import { RevisionDraft, type RevisionSealer, type Tip } from "./tip.ts";

/** What a store knows of itself when it receives. */
export interface Receiver {
  /** The id under which it writes. */
  readonly writer: WriterId;
  /** Ids under which it wrote before, for the times' sake: the first one first. FORMAT §14.5. */
  readonly former: readonly WriterId[];
  /**
   * Whether whoever tells of the other revision has a head of this id, one of its own, that is none of
   * its own chain: then it is a copy, whatever the revisions show. FORMAT §13.3.
   */
  readonly hasForeignHead?: (writer: WriterId) => boolean;
  /** Milliseconds since 1970 of what it may have to write, not before its last change. */
  readonly time: number;
  /**
   * Draws an id that nobody has seen; asked for if the store turns out to be a copy.
   * @param forked - the id of its own that others tell otherwise; what it wrote since goes under the
   * new id too.
   */
  readonly newWriter: (forked: WriterId) => WriterId;
  /**
   * Awaited before blocks that were put are read again, and now and then in long work; may throw to
   * end it.
   */
  readonly step: () => Promise<void>;
}

/** What was written to take in a received revision. */
export interface Written {
  /** What stands from now on. */
  readonly tip: Tip;
  /** The join or rebase on which `tip` purges again; absent if that was not needed. */
  readonly beneath?: Tip;
}

/** What becomes of one's own revision when another one is received. */
export type Received =
  /** It has seen all of the other: it stays, and nothing need be told. */
  | { readonly outcome: "kept" }
  /** The other has seen all of it: the other is taken as it is. */
  | { readonly outcome: "taken"; readonly tip: Tip }
  /** Both had something new, and were joined. */
  | ({ readonly outcome: "joined" } & Written)
  /** The same, by a stamped revision: one had not seen all that the other purged. */
  | ({ readonly outcome: "rebased" } & Written)
  /** The store is a copy: it goes on as a new writer, and told its own past anew under that id. */
  | ({ readonly outcome: "forked"; readonly writer: WriterId; readonly fork: Fork } & Written)
  /** Both have seen the same changes and differ: it stays, and this is to be reported. */
  | { readonly outcome: "differs" }
  /** The other contradicts itself or one's own, or needs a newer version: one's own stays. */
  | { readonly outcome: "refused"; readonly error: CloudError };

/**
 * Decides what becomes of one's own revision when another one is received, and writes it. The other
 * is one that counts: who may write was asked before. FORMAT §13.1 to §13.3, §13.4.
 *
 * Invariants:
 * 1. What comes of it has seen all that both had; nothing that only one side had is lost, save what
 *    was removed or purged by who had seen it.
 * 2. It is a function of the set of changes seen: revisions received in any order agree.
 * 3. Whoever meets changes of its own id that it did not make is a copy. That is asked first: a
 *    join could not tell its stamps from theirs, and the other may seem to have seen all of it.
 * 4. Where a plain join would have to guess what a purge took, it is a rebase.
 * 5. What either side purged, no state of the past in the result shows. Only then is it told of:
 *    `beneath` is never to be kept or shown by itself.
 * 6. A revision that is refused, or differs, changes nothing.
 * @param own - `undefined`: nothing yet, and all is taken.
 * @throws not-found, if blocks of either are not at hand: absence is never taken for deletion
 */
export async function receive(
  sealer: RevisionSealer,
  putter: BlockPutter,
  own: Tip | undefined,
  other: Tip,
  as: Receiver,
): Promise<Received> {
  try {
    checkJump((own?.state ?? emptyState).vv, other.state.vv);
    if (own === undefined) return { outcome: "taken", tip: other };
    if (equalBytes(own.link.id, other.link.id)) return { outcome: "kept" };
    const fork = await forkShownBy(sealer, own, other, as);
    if (fork !== undefined) return await tellAnew(sealer, putter, own, other, fork, as);
    return await take(sealer, putter, own, other, as);
  } catch (error) {
    if (isCloudError(error, "damaged", "newer")) return { outcome: "refused", error };
    throw error;
  }
}

/**
 * The fork of one's own store that another revision shows, if it does. Of an id under which it writes no
 * more, another copy may write on, and harms nothing unless it tells of this one's changes otherwise.
 */
async function forkShownBy(
  sealer: RevisionSealer,
  own: Tip,
  other: Tip,
  { writer, former, hasForeignHead = () => false }: Receiver,
): Promise<Fork | undefined> {
  const ids = [...former, writer];
  for (const [i, id] of ids.entries()) {
    if (!hasForeignHead(id) && !(await isForked(sealer, own, other, id))) continue;
    const fork = await findFork(sealer, own.revision, other.revision, id, ids.slice(i + 1));
    const last = counterOf(own.state.vv, id);
    if (id === writer || last > fork.after) return fork;
  }
  return undefined;
}

async function take(
  sealer: RevisionSealer,
  putter: BlockPutter,
  own: Tip,
  other: Tip,
  as: Receiver,
): Promise<Received> {
  const joined = await joinTips(sealer, putter, own, other);
  switch (joined.outcome) {
    case "ahead":
      return { outcome: "kept" };
    case "differs":
      return { outcome: "differs" };
    case "behind":
      return { outcome: "taken", tip: joined.tip };
    case "merged": {
      const written = await withoutPurged(sealer, putter, [own, other], joined.tip, as);
      return { outcome: "joined", ...written };
    }
    case "must-rebase": {
      const tip = await rebase(sealer, putter, own, other, as);
      const written = await withoutPurged(sealer, putter, [own, other], tip, as);
      return { outcome: "rebased", ...written };
    }
  }
}

/**
 * Makes a store that is a copy a new writer: what it wrote after the fork it tells anew, on top of
 * the other revision. FORMAT §13.3.
 * @throws not-found, damaged, newer
 */
export async function tellAnew(
  sealer: RevisionSealer,
  putter: BlockPutter,
  own: Tip,
  other: Tip,
  fork: Fork,
  as: Receiver,
): Promise<Extract<Received, { outcome: "forked" }>> {
  const anew = { ...as, writer: as.newWriter(fork.writer) };
  const tip = await rebase(sealer, putter, own, other, { ...anew, fork });
  const written = await withoutPurged(sealer, putter, [own, other], tip, anew);
  return { outcome: "forked", writer: anew.writer, fork, ...written };
}

/** Takes out of a join what either side had purged, by a stamped revision on top, where needed. */
async function withoutPurged(
  sealer: RevisionSealer,
  putter: BlockPutter,
  sides: readonly [Tip, Tip],
  joined: Tip,
  as: Receiver,
): Promise<Written> {
  await as.step();
  const draft = new RevisionDraft(sealer, joined);
  const edit = draft.edit(nextStamp(joined.state.vv, as.writer));
  const hasPurged = await purgeAgain(sealer, putter, sides, joined, draft, edit, as.step);
  if (!hasPurged) return { tip: joined };
  const tip = await draft.sealChange(putter, [joined], edit, as.time);
  return { tip, beneath: joined };
}
