import type { EncodedRecordLink } from "../../../src/node/blocks/link.ts";
import { IdMap } from "../../../src/node/core/id-map.ts";
// What people do in one revision: a few random changes by the verbs of the tree.

import type { BlockPutter } from "../../../src/node/blocks/ports.ts";
import { toBinaryString } from "../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../src/node/core/cloud-error.ts";
import { type EntryId, rootId, type WriterId } from "../../../src/node/core/ids.ts";
import { compareStamps } from "../../../src/node/core/stamp.ts";
import { nameDevice } from "../../../src/node/history/device-names.ts";
import { purgeHistory } from "../../../src/node/history/purge.ts";
import { letGo } from "../../../src/node/history/retention.ts";
import {
  decodeLogItem,
  encodeLogItem,
  firstState,
  type KeptState,
  parseLogKey,
  tagKey,
} from "../../../src/node/history/revision.ts";
import type { RevisionDraft, RevisionSealer, Tip } from "../../../src/node/history/tip.ts";
import { copy } from "../../../src/node/tree/copy.ts";
import { change, type Edit } from "../../../src/node/tree/edit.ts";
import { type Entry, isLive, isRoot } from "../../../src/node/tree/entry.ts";
import { child, type Target } from "../../../src/node/tree/lookup.ts";
import { move } from "../../../src/node/tree/move.ts";
import { createPathNamer } from "../../../src/node/tree/path-namer.ts";
import { type EntryChange, folderEntry } from "../../../src/node/tree/place.ts";
import { put } from "../../../src/node/tree/put.ts";
import { reclaim } from "../../../src/node/tree/reclaim.ts";
import { remove } from "../../../src/node/tree/remove.ts";
import { restoreFrom, reviveEntry } from "../../../src/node/tree/restore.ts";
import { type State } from "../../../src/node/tree/state.ts";
import { viewState } from "../../../src/node/tree/state-view.ts";
import type { VersionVector } from "../../../src/node/tree/version-vector.ts";
import { below, pick, type Random } from "../../blocks/random.ts";
import { fakeLink, readAll } from "../../tree/test-trees.ts";

const names = ["a", "b", "c"];
const maxFolders = 7;
const dayMs = 24 * 3600 * 1000;

/** What one device has at hand to change its drive. */
export interface EditContext {
  readonly random: Random;
  readonly sealer: RevisionSealer;
  readonly putter: BlockPutter;
  readonly tip: Tip;
  readonly draft: RevisionDraft;
  readonly edit: Edit;
  /** What every writer that this device takes for active has seen. */
  readonly seenByAll: VersionVector;
  readonly now: number;
  /** States that the device saw before. */
  readonly past: readonly State[];
  /** Content that nothing else has. */
  readonly newLink: () => EncodedRecordLink;
  readonly retention: boolean;
  readonly thinning: boolean;
  /** Retention leaves the log alone: by it a copy finds where it parted. */
  readonly keepsLog: boolean;
  readonly purges: boolean;
  readonly manyFolders: boolean;
}

/** What one change was, for a trace; `undefined`: there was nothing to do. */
type Done = string | undefined;

/**
 * Makes the changes of one revision.
 * @returns what they were; none: nothing was changed and nothing is to be sealed.
 */
export async function randomEdit(context: EditContext): Promise<string[]> {
  const { random } = context;
  const choice = random();
  if (choice < 0.14) {
    const done = await upkeep(context);
    if (done !== undefined) return [done];
  }
  const count = random() < 0.7 ? 1 : 2 + below(random, 2);
  const done: string[] = [];
  for (let i = 0; i < count; i++) {
    try {
      const what = await changeTree(context);
      if (what !== undefined) done.push(what);
    } catch (error) {
      // Refused before anything was changed.
      if (!isCloudError(error, "exists", "usage", "not-empty")) throw error;
    }
  }
  return done;
}

/** Changes that make a revision of their own. */
async function upkeep(context: EditContext): Promise<Done> {
  const { random, draft, sealer, tip, edit, now } = context;
  const choice = random();
  if (choice < 0.2) return restorePast(context);
  if (choice < 0.3) {
    const item = { time: now, state: tip.revision.state };
    draft.tags.set(tagKey(pick(random, names), edit.stamp), encodeLogItem(item));
    return "tag";
  }
  if (choice < 0.35) {
    const device = new Uint8Array(32).fill(below(random, 2));
    await nameDevice(draft, edit.stamp, device, pick(random, names));
    return "name";
  }
  if (context.thinning && random() < 0.3) return thinOne(context);
  if (choice < 0.55 && context.retention) return dropOne(context);
  if (choice < 0.7 && context.purges) return purgePath(context);
  if (!context.retention && !context.purges) return undefined;
  const own = context.retention ? 1 + below(random, 3) : 1000;
  const days = own + (context.keepsLog ? ages : 0);
  const policy = { keepAllDays: days, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 };
  const seen = context.purges ? context.seenByAll : new IdMap<WriterId, number>();
  const { versions, revisions, entries } = await letGo(draft, sealer, tip, policy, seen, now);
  if (versions + revisions + entries === 0) return undefined;
  return `let go ${[versions, revisions, entries].join("/")}`;
}

/** More days than any clock is wrong by. */
const ages = 100_000;

async function restorePast(context: EditContext): Promise<Done> {
  const { random, sealer, tip, edit, past } = context;
  if (past.length === 0) return undefined;
  const from = pick(random, past);
  const view = viewState(sealer, from);
  const { entries } = await readAll(view);
  const alive = [...entries.values()].filter(isLive);
  const path =
    alive.length === 0 || random() < 0.2 ? "/" : await createPathNamer(view)(pick(random, alive));
  const relink = (link: EncodedRecordLink): Promise<EncodedRecordLink> => Promise.resolve(link);
  const count = await restoreFrom(edit, sealer, tip.state, from, path, relink);
  return count === 0 ? undefined : `restore ${path} from the past`;
}

/** Lets go of one version or log record that nothing needs. */
async function dropOne({ random, draft, edit, keepsLog }: EditContext): Promise<Done> {
  const { entries } = await readAll(edit.draft);
  const shown = new Set<string>();
  for (const { id, content } of entries.values()) {
    for (const { stamp } of content) shown.add(toBinaryString(id) + stampText(stamp));
  }
  const map = random() < 0.7 || keepsLog ? draft.versions : draft.log;
  const keys: Uint8Array[] = [];
  for await (const [key] of map.range(new Uint8Array(0))) {
    if (map === draft.log || !shown.has(toBinaryString(key))) keys.push(key);
  }
  if (keys.length === 0) return undefined;
  map.delete(pick(random, keys));
  return map === draft.log ? "drop a log record" : "drop a version";
}

/** Lets go of a state of one's own log, save the last. */
async function thinOne({ random, draft, edit }: EditContext): Promise<Done> {
  const kept: { key: Uint8Array; item: KeptState }[] = [];
  for await (const [key, value] of draft.log.range(edit.stamp.writer)) {
    const item = decodeLogItem(value);
    if (item.state !== undefined) kept.push({ key, item });
  }
  kept.pop();
  if (kept.length === 0) return undefined;
  const { key, item } = pick(random, kept);
  const rewritten = { by: edit.stamp, first: firstState(item) };
  draft.log.set(key, encodeLogItem({ time: item.time, state: undefined, rewritten }));
  return `thin the change ${parseLogKey(key).counter.toString()}`;
}

function stampText({ counter, writer }: { counter: number; writer: Uint8Array }): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(counter));
  return toBinaryString(bytes) + toBinaryString(writer);
}

async function purgePath({ random, sealer, putter, tip, draft, edit }: EditContext): Promise<Done> {
  const { entries } = await readAll(edit.draft);
  if (entries.size === 0) return undefined;
  const list = [pick(random, [...entries.values()])];
  for (const above of list) {
    if (above.kind !== "folder") continue;
    for (const entry of entries.values()) {
      if (toBinaryString(entry.parent) === toBinaryString(above.id) && !list.includes(entry)) {
        list.push(entry);
      }
    }
  }
  // On a cycle each would have to go before the other.
  if (list.length > 3) return undefined;
  const innermost = list.reverse();
  await purgeHistory(sealer, putter, tip, draft, edit, { entries: innermost });
  return `purge ${innermost.map(({ name }) => name).join()}`;
}

async function changeTree(context: EditContext): Promise<Done> {
  const { random, edit, newLink } = context;
  const { entries, state } = await readAll(edit.draft);
  const visible: Entry[] = [];
  for (const key of state.tree.keys()) visible.push(entries.get(key.slice(-16)) as Entry);
  const folders = visible.filter(({ kind }) => kind === "folder");
  // Folders that everybody moves into one another make cycles.
  const choice = context.manyFolders && random() < 0.4 ? 0.6 : random();
  const targetIn = async (parent: EntryId): Promise<Target> => {
    const name = pick(random, names);
    return { parent, name, entry: await child(edit.draft, parent, name) };
  };
  const somewhere = (): Promise<Target> =>
    targetIn(pick(random, [rootId, ...folders.map(({ id }) => id)]));

  if (choice < 0.25) {
    const target = await somewhere();
    const isFile = random() < (context.manyFolders ? 0.2 : 0.5);
    const kind = isFile ? "file" : random() < 0.85 ? "folder" : "link";
    if (kind === "folder" && folders.length >= maxFolders) return undefined;
    const hasLink = kind !== "folder" || random() < 0.5;
    await put(edit, target, { kind, ...(hasLink ? { link: newLink() } : {}) });
    return `put ${kind} ${target.name}`;
  }
  if (visible.length === 0) return undefined;
  const isFolder = context.manyFolders && folders.length > 0 && random() < 0.6;
  const entry = pick(random, isFolder ? folders : visible);
  const { name, kind } = entry;
  if (choice < 0.47) {
    if (kind === "mount") return undefined;
    await put(edit, { parent: entry.parent, name, entry }, { kind, link: newLink() });
    return `write ${name}`;
  }
  if (choice < 0.7) {
    const target = await (random() < 0.3 ? targetIn(entry.parent) : somewhere());
    await move(edit, entry, target, random() < 0.6);
    return `move ${name} to ${target.name}`;
  }
  if (choice < 0.84) {
    await remove(edit, entry, random() < 0.9);
    return `remove ${name}`;
  }
  if (choice < 0.93) return restore(context, entries);
  if (choice < 0.97) {
    if (folders.length >= maxFolders) return undefined;
    const target = await somewhere();
    await copy(edit, edit.draft, entry, target);
    return `copy ${name} to ${target.name}`;
  }
  if (kind !== "file") return undefined;
  const target = await somewhere();
  if (target.entry !== undefined) return undefined;
  await reclaim(edit, entry, target, newLink());
  return `put again ${target.name}, once ${name}`;
}

/** Brings something dead back, with what was removed with it below and what is dead above. */
async function restore(
  { random, edit, newLink }: EditContext,
  entries: ReadonlyMap<string, Entry>,
): Promise<Done> {
  const dead = [...entries.values()].filter((entry) => !isLive(entry));
  if (dead.length === 0) return undefined;
  const top = pick(random, dead);
  if (top.kind === "file" && random() < 0.5) {
    await reviveEntry(edit, top, newLink());
    return `revive ${top.name}`;
  }
  const list = [top];
  const note = (entry: Entry): void => {
    if (!list.includes(entry) && !isLive(entry)) list.push(entry);
  };
  for (const above of list) {
    for (const entry of dead) {
      const isBelow = toBinaryString(entry.parent) === toBinaryString(above.id);
      const together = entry.gone?.some((a) => top.gone?.some((b) => compareStamps(a, b) === 0));
      if (isBelow && together === true) note(entry);
    }
  }
  const seen = new Set<string>();
  for (let parent = top.parent; !isRoot(parent) && !seen.has(toBinaryString(parent)); ) {
    seen.add(toBinaryString(parent));
    const folder = await folderEntry(edit.draft, parent);
    if (folder === undefined) break;
    note(entries.get(toBinaryString(parent)) as Entry);
    parent = folder.parent;
  }
  const changes = list.map((old): EntryChange => ({ old, next: { ...old, live: [edit.stamp] } }));
  await change(edit, ...changes);
  return `restore ${top.name}`;
}

/** Makes some folders that everybody knows. */
export async function makeFolders(edit: Edit): Promise<void> {
  for (const name of names) {
    await put(edit, { parent: rootId, name, entry: undefined }, { kind: "folder" });
  }
}

/** A link that no other put of a history has. */
export function createLinks(): () => EncodedRecordLink {
  let count = 0;
  return () => fakeLink((count++).toString());
}

export { dayMs };
