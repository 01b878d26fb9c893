import type { Link } from "../blocks/link.ts";
import { MapDraft, type MapSealer } from "../blocks/map-draft.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import { openBlock } from "../blocks/seal.ts";
import { sealInto } from "../blocks/seal-into.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { refuseShape } from "../blocks/shape.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import type { BlockId, WriterId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import type { RandomBytes } from "../crypto/primitives.ts";
import { beginEdit, type Edit } from "../tree/edit.ts";
import { readState, sealState } from "../tree/sealed-state.ts";
import { emptyState, type State } from "../tree/state.ts";
import { StateDraft } from "../tree/state-draft.ts";
import { nextStamp } from "../tree/version-vector.ts";
import {
  decodeRevision,
  encodeLogItem,
  encodeRevision,
  encodeVersion,
  logKey,
  type Revision,
  versionKey,
} from "./revision.ts";

/** A revision with its state, opened. */
export interface Tip {
  readonly link: Link;
  readonly revision: Revision;
  readonly state: State;
}

/** What sealing revisions of a space takes. */
export interface RevisionSealer extends MapSealer {
  /** Hash of the statement of the current epoch: 32 bytes. */
  readonly epoch: Uint8Array;
  readonly random: RandomBytes;
}

/** Opens the revision behind a link, and its state. @throws not-found, damaged, newer */
export async function readTip(reader: MapReader, link: Link): Promise<Tip> {
  const bytes = await reader.blocks.get(link.id);
  const revision = decodeRevision(openBlock(reader.primitives, link, "revision", bytes));
  const state = await readState(reader, revision.state);
  checkSeen(revision, state);
  return { link, revision, state };
}

/** A change is the last that its own state has seen. FORMAT §11.1. @throws damaged */
function checkSeen({ change }: Revision, { vv }: Pick<State, "vv">): void {
  if (change === undefined) return;
  const { counter, writer } = change.stamp;
  for (const [by, seen] of vv) {
    if (equalBytes(by, writer) ? seen === counter : seen < counter) continue;
    refuseShape("the stamp of a revision", "the one that its state has seen last");
  }
  if (!vv.has(writer)) refuseShape("the stamp of a revision", "one that its state has seen");
}

/**
 * A revision in the making on top of another: the state and the maps of its history being changed.
 */
export class RevisionDraft {
  readonly state: StateDraft;
  readonly versions: MapDraft;
  readonly log: MapDraft;
  readonly tags: MapDraft;
  readonly purged: MapDraft;
  readonly names: MapDraft;
  readonly #sealer: RevisionSealer;

  /** @param base - `undefined` begins a space. */
  constructor(sealer: RevisionSealer, base: Tip | undefined) {
    this.#sealer = sealer;
    this.state = new StateDraft(sealer, base?.state ?? emptyState);
    this.versions = new MapDraft(sealer, base?.revision.versions);
    this.log = new MapDraft(sealer, base?.revision.log);
    this.tags = new MapDraft(sealer, base?.revision.tags);
    this.purged = new MapDraft(sealer, base?.revision.purged);
    this.names = new MapDraft(sealer, base?.revision.names);
  }

  /** Begins the change of a stamp. */
  edit(stamp: Stamp): Edit {
    return beginEdit(this.state, stamp, this.#sealer.random);
  }

  /**
   * Seals a revision that makes one change: its puts become versions, its state goes into the log.
   * @param time - milliseconds since 1970, not before the writer's last.
   */
  async sealChange(
    putter: BlockPutter,
    parents: readonly Tip[],
    edit: Edit,
    time: number,
  ): Promise<Tip> {
    for (const { id, link } of edit.puts.values()) {
      this.versions.set(versionKey(id, edit.stamp), encodeVersion({ time, link }));
    }
    const state = await this.state.flush(putter);
    const link = await sealState(this.#sealer, putter, state);
    this.log.set(logKey(edit.stamp), encodeLogItem({ time, state: link }));
    return this.#sealRevision(putter, parents, state, link, { stamp: edit.stamp, time });
  }

  /** Seals a merge: neither stamp nor time. */
  async sealMerge(putter: BlockPutter, parents: readonly Tip[]): Promise<Tip> {
    const state = await this.state.flush(putter);
    const link = await sealState(this.#sealer, putter, state);
    return this.#sealRevision(putter, parents, state, link, undefined);
  }

  async #sealRevision(
    putter: BlockPutter,
    parents: readonly Tip[],
    state: State,
    stateLink: Link,
    change: { stamp: Stamp; time: number } | undefined,
  ): Promise<Tip> {
    const revision: Revision = {
      epoch: this.#sealer.epoch,
      parents: parents.map(({ link }): BlockId => link.id).sort(compareBytes),
      state: stateLink,
      versions: await this.versions.flush(putter),
      log: await this.log.flush(putter),
      tags: await this.tags.flush(putter),
      purged: await this.purged.flush(putter),
      names: await this.names.flush(putter),
      ...(change === undefined ? {} : { change }),
    };
    const link = sealInto(this.#sealer, putter, "revision", encodeRevision(revision));
    return { link, revision, state };
  }
}

/**
 * Makes one stamped revision on top of `base`.
 * @param time - milliseconds since 1970, not before the writer's last.
 * @param body - changes the draft through the edit.
 */
export async function revise(
  sealer: RevisionSealer,
  putter: BlockPutter,
  base: Tip | undefined,
  as: { readonly writer: WriterId; readonly time: number },
  body: (draft: RevisionDraft, edit: Edit) => Promise<void>,
): Promise<Tip> {
  const draft = new RevisionDraft(sealer, base);
  const edit = draft.edit(nextStamp(draft.state.vv, as.writer));
  await body(draft, edit);
  return draft.sealChange(putter, base === undefined ? [] : [base], edit, as.time);
}
