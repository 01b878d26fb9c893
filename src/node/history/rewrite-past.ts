import { openRecordBlock } from "../blocks/content/open-content.ts";
import { decodeRecordLink, type EncodedRecordLink, encodeRecordLink } from "../blocks/link.ts";
import { diffMaps } from "../blocks/map-diff.ts";
import type { MapDraft } from "../blocks/map-draft.ts";
import { recordAt } from "../blocks/pack.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import { sealInto } from "../blocks/seal-into.ts";
import { type MapReader, type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import { IdMap, IdSet, type ReadonlyIdSet } from "../core/id-map.ts";
import type { BlockId, EntryId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import { differingEntries } from "../tree/differing.ts";
import type { Edit } from "../tree/edit.ts";
import { decodeEntry, type Entry, type EntryContent } from "../tree/entry.ts";
import { type EntryChange, folderEntry, place } from "../tree/place.ts";
import { sealState } from "../tree/sealed-state.ts";
import { emptyState, type State } from "../tree/state.ts";
import { StateDraft } from "../tree/state-draft.ts";
import { type StateView, viewState } from "../tree/state-view.ts";
import { sameEntry } from "./join-entry.ts";
import {
  decodeVersion,
  encodeLogItem,
  encodeVersion,
  firstState,
  parseVersionKey,
  versionKey,
} from "./revision.ts";
import { statesOf } from "./stood-at.ts";
import type { RevisionDraft, RevisionSealer, Tip } from "./tip.ts";

const everything = new Uint8Array(0);

/** What is to be found nowhere any more. */
export interface Gone {
  /** Ids of entries that go whole. */
  readonly ids: ReadonlyIdSet<EntryId>;
  /** Names of versions, which go from past states: {@link versionName}. */
  readonly versions: ReadonlySet<string>;
  /** Ids of the blocks that hold their records. */
  readonly blocks: ReadonlyIdSet<BlockId>;
}

/** Gives the link of a record out of reach of what is gone. */
type Relink = (link: EncodedRecordLink) => Promise<EncodedRecordLink>;

interface Rewrite {
  readonly sealer: RevisionSealer;
  readonly putter: BlockPutter;
  readonly draft: RevisionDraft;
  readonly edit: Edit;
  readonly gone: Gone;
  readonly relink: Relink;
  readonly step: () => Promise<void>;
}

/**
 * Takes what is gone out of every state that the log and the tags hold. Records of other files that
 * share a pack with it are sealed again by themselves, in the tree, the versions and the past, so
 * that nothing refers to those packs any more. FORMAT §14.4.
 * @param step - awaited after each state that is rewritten, whose nodes are read again after that;
 * may throw to end.
 */
export async function rewritePast(
  sealer: RevisionSealer,
  putter: BlockPutter,
  tip: Tip,
  draft: RevisionDraft,
  edit: Edit,
  gone: Gone,
  step: () => Promise<void>,
): Promise<void> {
  const relink = createRelink(sealer, putter, gone.blocks);
  const rewrite: Rewrite = { sealer, putter, draft, edit, gone, relink, step };
  await relinkTree(rewrite);
  await relinkVersions(rewrite, tip.revision.versions);
  await rewriteStates(rewrite, draft.log, tip.revision.log);
  await rewriteStates(rewrite, draft.tags, tip.revision.tags);
}

/** The key of a version, as a binary string. */
export function versionName(id: EntryId, stamp: Stamp): string {
  return toBinaryString(versionKey(id, stamp));
}

/** What differs between two states, in both of their maps; `entry` is how it stands in the second. */
export async function* changedEntries(
  reader: MapReader,
  before: State,
  after: State,
): AsyncGenerator<{ name: string; entry: Entry | undefined }> {
  for (const map of ["tree", "removed"] as const) {
    for await (const { key, b } of diffMaps(reader, before[map], after[map])) {
      const entry = b === undefined ? undefined : decodeEntry(key, b, map);
      yield { name: `${map}:${toBinaryString(key)}`, entry };
    }
  }
}

/** Seals the records of a pack by themselves, each once. */
function createRelink(
  sealer: RevisionSealer,
  putter: BlockPutter,
  packs: ReadonlyIdSet<BlockId>,
): Relink {
  const opened = new IdMap<BlockId, Promise<readonly Uint8Array[]>>();
  return async (encoded) => {
    const link = decodeRecordLink(encoded);
    if (link.place === undefined || !packs.has(link.id)) return encoded;
    let pack = opened.get(link.id);
    if (pack === undefined) {
      pack = sealer.blocks
        .get(link.id)
        .then((bytes) => openRecordBlock(sealer.primitives, link, bytes));
      opened.set(link.id, pack);
    }
    return encodeRecordLink(sealInto(sealer, putter, "record", recordAt(await pack, link.place)));
  };
}

/** Whether a record lies in a pack with something that is gone. */
function isInPack({ gone }: Rewrite, encoded: Uint8Array): boolean {
  const link = decodeRecordLink(encoded);
  return link.place !== undefined && gone.blocks.has(link.id);
}

/** Gives what is left in the tree its new links. */
async function relinkTree(rewrite: Rewrite): Promise<void> {
  const { state } = rewrite.draft;
  const changes = new IdMap<EntryId, EntryChange>();
  for (const map of ["tree", "removed"] as const) {
    for await (const [key, value] of state[map].range(everything)) {
      const entry = decodeEntry(key, value, map);
      if (!entry.content.some(({ link }) => isInPack(rewrite, link))) continue;
      const content = await Promise.all(entry.content.map((each) => relinked(rewrite, each)));
      changes.set(entry.id, { old: entry, next: { ...entry, content } });
    }
  }
  await place(state, changes);
}

/** A content with its record out of reach of what is gone; its stamp is the one it had. */
async function relinked(rewrite: Rewrite, content: EntryContent): Promise<EntryContent> {
  if (!isInPack(rewrite, content.link)) return content;
  const link = await rewrite.relink(content.link);
  return { stamp: content.stamp, link, rewritten: rewrite.edit.stamp };
}

async function relinkVersions(rewrite: Rewrite, versions: MapRoot): Promise<void> {
  const { sealer, draft, edit, gone, relink } = rewrite;
  for await (const [key, value] of rangeOfMap(sealer, versions, everything)) {
    const item = decodeVersion(value);
    if (gone.ids.has(parseVersionKey(key).id)) continue;
    if (!isInPack(rewrite, item.link)) continue;
    const rewritten = { time: item.time, link: await relink(item.link), rewritten: edit.stamp };
    draft.versions.set(key, encodeVersion(rewritten));
  }
}

/** Rewrites the states of a log or of tags that show anything that is gone. */
async function rewriteStates(rewrite: Rewrite, draft: MapDraft, root: MapRoot): Promise<void> {
  const chain = new RewrittenStates(rewrite);
  for await (const { key, item, state } of statesOf(rewrite.sealer, root)) {
    const rewritten = await chain.next(state);
    if (rewritten === undefined) continue;
    const link = await sealState(rewrite.sealer, rewrite.putter, rewritten);
    const mark = { by: rewrite.edit.stamp, first: firstState(item) };
    draft.set(key, encodeLogItem({ time: item.time, state: link, rewritten: mark }));
    await rewrite.step();
  }
}

function isConcerned(rewrite: Rewrite, { id, content }: Entry): boolean {
  const { ids, versions } = rewrite.gone;
  return (
    ids.has(id) ||
    content.some(
      ({ stamp, link }) => versions.has(versionName(id, stamp)) || isInPack(rewrite, link),
    )
  );
}

/**
 * States of the past without what is gone, each made of the one before it: at the cost of the
 * differences.
 *
 * A folder that is gone stays, dead and without its record, where something that is not gone stood
 * in it: else that would show at the root.
 */
class RewrittenStates {
  readonly #rewrite: Rewrite;
  /** Ids of the entries of the last state that are not as they were. */
  readonly #concerned = new IdSet<EntryId>();
  /** Folders that are gone and stay in the last state all the same, by id. */
  readonly #ghosts = new IdMap<EntryId, Entry>();
  #last = emptyState;
  #lastRewritten = emptyState;

  constructor(rewrite: Rewrite) {
    this.#rewrite = rewrite;
  }

  /** @returns the state as it is from now on; `undefined` if it shows nothing that is gone. */
  async next(state: State): Promise<State | undefined> {
    const { sealer, putter } = this.#rewrite;
    const changes = await this.#changesTo(state);
    const base = this.#lastRewritten;
    this.#last = state;
    this.#lastRewritten = state;
    if (this.#concerned.size === 0) return undefined;
    const draft = new StateDraft(sealer, { ...base, vv: state.vv, floor: state.floor });
    await place(draft, changes);
    await this.#dropGhosts(draft);
    this.#lastRewritten = await draft.flush(putter);
    return this.#lastRewritten;
  }

  /** What brings the last state as it was rewritten to the next one. */
  async #changesTo(state: State): Promise<IdMap<EntryId, EntryChange>> {
    const { sealer, gone } = this.#rewrite;
    const changes = new IdMap<EntryId, EntryChange>();
    for (const [id, { a, b }] of await differingEntries(sealer, this.#last, state)) {
      if (b !== undefined && isConcerned(this.#rewrite, b)) this.#concerned.add(id);
      else this.#concerned.delete(id);
      if (gone.ids.has(id)) {
        const old = this.#ghosts.get(id);
        if (old === undefined) continue;
        const next = b === undefined ? undefined : asGhost(b);
        changes.set(id, { old, next });
        this.#setGhost(id, next);
        continue;
      }
      const old = a === undefined ? undefined : await rewriteEntry(this.#rewrite, a);
      const next = b === undefined ? undefined : await rewriteEntry(this.#rewrite, b);
      if (!sameEntry(old, next)) changes.set(id, { old, next });
    }
    await this.#addGhosts(viewState(sealer, state), changes);
    return changes;
  }

  /** Brings back the folders that are gone above what comes and stays. */
  async #addGhosts(view: StateView, changes: IdMap<EntryId, EntryChange>): Promise<void> {
    const { ids } = this.#rewrite.gone;
    const pending = [...changes.values()].flatMap(({ next }) => next?.parent ?? []);
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (!ids.has(id) || this.#ghosts.has(id)) continue;
      const folder = await folderEntry(view, id);
      if (folder === undefined) continue;
      const ghost = asGhost(folder);
      changes.set(id, { next: ghost });
      this.#setGhost(id, ghost);
      pending.push(ghost.parent);
    }
  }

  /** Lets go of those in which nothing stands any more. */
  async #dropGhosts(draft: StateDraft): Promise<void> {
    for (let before = Infinity; this.#ghosts.size < before; ) {
      before = this.#ghosts.size;
      for (const [id, old] of this.#ghosts) {
        if (await isParent(draft, id)) continue;
        await place(draft, new IdMap([[id, { old }]]));
        this.#ghosts.delete(id);
      }
    }
  }

  #setGhost(id: EntryId, ghost: Entry | undefined): void {
    if (ghost === undefined) this.#ghosts.delete(id);
    else this.#ghosts.set(id, ghost);
  }
}

/** A folder that is gone where something else still needs it. */
function asGhost(folder: Entry): Entry {
  return { ...folder, content: [], live: [] };
}

async function isParent({ tree, removed, loose }: StateDraft, id: EntryId): Promise<boolean> {
  for (const map of [tree, removed, loose]) if (await map.hasPrefix(id)) return true;
  return false;
}

/** An entry of the past without what is gone; `undefined` if nothing is left of it. */
async function rewriteEntry(rewrite: Rewrite, entry: Entry): Promise<Entry | undefined> {
  const { versions } = rewrite.gone;
  const kept = entry.content.filter(({ stamp }) => !versions.has(versionName(entry.id, stamp)));
  if (kept.length === 0 && entry.content.length > 0) return undefined;
  return { ...entry, content: await Promise.all(kept.map((each) => relinked(rewrite, each))) };
}
