import { followOn, nextRecord, nextRecordNow, recordTime } from "../blocks/content/next-record.ts";
import type { SealedContent } from "../blocks/content/seal-content.ts";
import { type EncodedRecordLink, encodeRecordLink, type RecordLink } from "../blocks/link.ts";
import { encodeRecord, type VersionRecord } from "../blocks/record.ts";
import { sealInto } from "../blocks/seal-into.ts";
import { equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { type EntryId, rootId } from "../core/ids.ts";
import { formatPath, parsePath } from "../core/path.ts";
import { compareStamps, showStamp } from "../core/stamp.ts";
import { copy as copyEntry } from "../tree/copy.ts";
import { decodeEntry, type Entry, isLive } from "../tree/entry.ts";
import { child, resolve, resolveTarget, shownContent, type Target } from "../tree/lookup.ts";
import { move as moveEntry, refuseReplacingAbove } from "../tree/move.ts";
import { put } from "../tree/put.ts";
import { reclaim } from "../tree/reclaim.ts";
import { remove as removeEntry } from "../tree/remove.ts";
import type { StateView } from "../tree/state-view.ts";
import type { Change } from "./commit-loop.ts";
import { soundRecord } from "./describe.ts";
import { mustBeAlike } from "./must-be-alike.ts";
import { sealMeanwhile } from "./seal-meanwhile.ts";
import type { SpaceParts } from "./space-parts.ts";
import type { Overwrite } from "./types.ts";

const defaultFileMode = 0o644;
const defaultFolderMode = 0o755;
const linkMode = 0o777;

/** What is to be written at a path. */
export interface WriteRequest {
  readonly path: string;
  readonly kind: "file" | "link";
  readonly sealed: SealedContent;
  /** Only if this is the current version; `null`: only if nothing is there. */
  readonly base?: string | null | undefined;
  readonly mode?: number | undefined;
  /** Milliseconds since 1970. */
  readonly mtime?: number | undefined;
  readonly parents?: boolean | undefined;
}

/** Puts a file or a symbolic link. @returns the entry as it now is. */
export async function writeFile(
  parts: SpaceParts,
  change: Change,
  request: WriteRequest,
): Promise<Entry> {
  if (request.parents === true) await makeParents(parts, change, request.path);
  const target = await resolveTarget(change.draft.state, request.path);
  const standing = target.entry;
  if (standing?.kind === "folder" && isLive(standing)) {
    throw new CloudError("is-a-folder", `${request.path} is a folder`);
  }
  checkBase(request, standing);
  const before = await currentRecord(parts, standing);
  const asked = askedRecord(change, request, before);
  const next =
    request.mtime === undefined ? nextRecordNow(asked, before) : nextRecord(asked, before);
  // Of two contents at once, and of what is gone, the one that is put is what stands from now on.
  const isSettled = standing !== undefined && isLive(standing) && standing.content.length === 1;
  if (next === undefined && isSettled) return standing;
  const link = sealRecord(parts, change, next ?? followOn(asked, before));
  const moved = request.kind === "file" ? await justMoved(parts, change, target) : undefined;
  if (moved !== undefined) return reclaim(change.edit, moved, target, link);
  return put(change.edit, target, { kind: request.kind, link });
}

function checkBase({ path, base }: WriteRequest, standing: Entry | undefined): void {
  if (base === undefined) return;
  const shown = standing === undefined ? undefined : shownContent(standing);
  if (base === null) {
    if (standing === undefined || !isLive(standing)) return;
    throw new CloudError("exists", `something stands at ${path} already`);
  }
  const current = shown === undefined ? undefined : showStamp(shown.stamp);
  if (current === base && (standing?.content.length ?? 0) <= 1) return;
  throw new CloudError(
    "conflict",
    current === undefined
      ? `${path} was removed since the version ${base} that you began with`
      : `${path} is at version ${current}, not at ${base} that you began with`,
  );
}

async function currentRecord(
  { content }: SpaceParts,
  entry: Entry | undefined,
): Promise<VersionRecord | undefined> {
  const shown = entry === undefined ? undefined : shownContent(entry);
  // A file whose record is damaged can be written anew.
  return shown === undefined ? undefined : soundRecord(content, shown.link);
}

/** The record that a put asks for, before it is set beside what stands there. */
function askedRecord(
  change: Change,
  request: WriteRequest,
  before: VersionRecord | undefined,
): VersionRecord {
  const mode =
    request.kind === "link" ? linkMode : (request.mode ?? before?.mode ?? defaultFileMode);
  const mtime = recordTime(request.mtime ?? change.time);
  return { ...request.sealed, mode: mode & 0o7777, mtime };
}

/** Seals a record of its own, which will be read soon. @returns its encoded link. */
export function sealRecord(
  { space, content }: SpaceParts,
  change: Change,
  record: VersionRecord,
): EncodedRecordLink {
  const payload = encodeRecord(record);
  const link: RecordLink = sealInto(space.sealer, change.batch, "record", payload);
  content.remember(link, payload);
  return encodeRecordLink(link);
}

/** The file that was moved away from a vacant name a moment ago. */
async function justMoved(
  { vacated }: SpaceParts,
  change: Change,
  target: Target,
): Promise<Entry | undefined> {
  if (target.entry !== undefined) return undefined;
  const id = vacated.at(target.parent, target.name, change.time);
  if (id === undefined) return undefined;
  // It was moved within the window, so it is near: in the same folder, as such programs do.
  for await (const [key, value] of change.draft.state.tree.range(target.parent)) {
    if (!equalBytes(key.subarray(-16), id)) continue;
    const entry = decodeEntry(key, value);
    // What was written to since has a life of its own.
    const since = compareStamps(shownContent(entry)?.stamp ?? entry.at, entry.at) > 0;
    return entry.kind === "file" && isLive(entry) && !since ? entry : undefined;
  }
  return undefined;
}

/** Makes a folder; one that is there already stays as it is if `parents` is asked for. */
export async function makeFolder(
  parts: SpaceParts,
  change: Change,
  path: string,
  parents: boolean,
): Promise<Entry | undefined> {
  if (parents) {
    await makeParents(parts, change, path);
    if (parsePath(path).length === 0) return undefined;
  }
  const target = await resolveTarget(change.draft.state, path);
  if (target.entry !== undefined && isLive(target.entry)) {
    if (target.entry.kind !== "folder") {
      throw new CloudError("exists", `${path} is a ${target.entry.kind}, not a folder`);
    }
    if (parents) return target.entry;
    throw new CloudError("exists", `the folder ${path} is there already`);
  }
  return newFolder(parts, change, target);
}

function newFolder(parts: SpaceParts, change: Change, target: Target): Promise<Entry> {
  const record = {
    size: 0,
    mtime: recordTime(change.time),
    mode: defaultFolderMode,
    content: new Uint8Array(0),
  };
  const link = sealRecord(parts, change, record);
  return put(change.edit, target, { kind: "folder", link });
}

async function makeParents(parts: SpaceParts, change: Change, path: string): Promise<void> {
  const names = parsePath(path).slice(0, -1);
  let parent: EntryId = rootId;
  for (const [i, name] of names.entries()) {
    const entry = await child(change.draft.state, parent, name);
    const isThere = entry !== undefined && isLive(entry);
    const folder = isThere ? entry : await newFolder(parts, change, { parent, name, entry });
    if (folder.kind !== "folder") {
      throw new CloudError(
        "not-a-folder",
        `${formatPath(names.slice(0, i + 1))} is not a folder, so nothing can stand below it`,
      );
    }
    parent = folder.id;
  }
}

/** Removes what stands at a path. @throws not-found; not-empty, unless `recursive`; usage: the root */
export async function remove(change: Change, path: string, recursive: boolean): Promise<void> {
  const { entry } = await resolve(change.draft.state, path);
  if (entry === undefined) throw new CloudError("usage", "the root folder can't be removed");
  await removeEntry(change.edit, entry, recursive, sealMeanwhile(change));
}

/** Moves what stands at a path. @returns the entry where it now stands. */
export async function move(
  { vacated }: SpaceParts,
  change: Change,
  from: string,
  to: string,
  overwrite: Overwrite,
): Promise<Entry> {
  const { entry } = await resolve(change.draft.state, from);
  if (entry === undefined) throw new CloudError("usage", "the root folder can't be moved");
  const target = await resolveTarget(change.draft.state, to);
  if (target.entry !== undefined && equalBytes(target.entry.id, entry.id)) {
    if (target.entry.name === target.name) return entry;
  } else if (overwrite === "alike") await mustBeAlike(change, entry, target, to);
  const seal = sealMeanwhile(change);
  const moved = await moveEntry(change.edit, entry, target, overwrite !== false, seal);
  if (entry.kind === "file" && equalBytes(moved.id, entry.id)) vacated.note(entry, change.time);
  return moved;
}

/** Copies what stands at a path, now or at a moment. @returns the copy. */
export async function copy(
  change: Change,
  view: StateView,
  from: string,
  to: string,
  overwrite: Overwrite,
): Promise<Entry> {
  const { entry } = await resolve(view, from);
  if (entry === undefined) throw new CloudError("usage", "the root folder can't be copied");
  const target = await resolveTarget(change.draft.state, to);
  const standing = target.entry;
  if (standing !== undefined && isLive(standing)) {
    if (overwrite === false) throw new CloudError("exists", `something stands at ${to} already`);
    if (equalBytes(standing.id, entry.id)) return standing;
    if (overwrite === "alike") await mustBeAlike(change, entry, target, to);
    // What is copied as it is now would go with the folder.
    if (view === change.draft.state) await refuseReplacingAbove(change.edit, standing, entry);
    if (standing.kind !== entry.kind || standing.kind === "folder") {
      await removeEntry(change.edit, standing, true, sealMeanwhile(change));
      const vacant = {
        ...target,
        entry: await child(change.draft.state, target.parent, target.name),
      };
      return copyEntry(change.edit, view, entry, vacant);
    }
  }
  return copyEntry(change.edit, view, entry, target);
}

/** Changes the mode or the time of what stands at a path. */
export async function setMeta(
  parts: SpaceParts,
  change: Change,
  path: string,
  meta: { readonly mode?: number | undefined; readonly mtime?: number | undefined },
): Promise<Entry> {
  const target = await resolveTarget(change.draft.state, path);
  const { entry } = target;
  if (entry === undefined) throw new CloudError("not-found", `there is nothing at ${path}`);
  const shown = shownContent(entry);
  const before = (shown && (await parts.content.record(shown.link))) ?? {
    size: 0,
    mtime: recordTime(change.time),
    mode: defaultFolderMode,
    content: new Uint8Array(0),
  };
  const record = {
    ...before,
    mode: (meta.mode ?? before.mode) & 0o7777,
    mtime: meta.mtime === undefined ? before.mtime : Math.max(recordTime(meta.mtime), before.mtime),
  };
  const kind = entry.kind === "mount" ? "folder" : entry.kind;
  return put(change.edit, target, { kind, link: sealRecord(parts, change, record) });
}
