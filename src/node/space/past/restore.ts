import { followOn, recordTime } from "../../blocks/content/next-record.ts";
import type { EncodedRecordLink } from "../../blocks/link.ts";
import type { VersionRecord } from "../../blocks/record.ts";
import { equalBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { findRemoved } from "../../history/timeline.ts";
import type { Tip } from "../../history/tip.ts";
import { isLive } from "../../tree/entry.ts";
import { find, resolveTarget, shownContent } from "../../tree/lookup.ts";
import { put } from "../../tree/put.ts";
import { restoreFrom, reviveEntry } from "../../tree/restore.ts";
import { emptyState, type State } from "../../tree/state.ts";
import type { Change } from "../commit-loop.ts";
import { soundRecord } from "../describe.ts";
import { sealRecord } from "../edits.ts";
import type { SpaceParts } from "../space-parts.ts";
import { versionAt } from "./past.ts";

/** Seals a record again with a time that moves on. @returns its encoded link. */
function relink(
  parts: SpaceParts,
  change: Change,
  record: VersionRecord,
  before: VersionRecord | undefined,
): EncodedRecordLink {
  const next = { ...record, mtime: recordTime(change.time) };
  return sealRecord(parts, change, followOn(next, before));
}

/**
 * Brings what stood at a path to how it was at a moment.
 * @returns how many entries changed.
 * @throws not-found, if nothing stood there then
 */
export function restoreAt(
  parts: SpaceParts,
  change: Change,
  from: State,
  path: string,
): Promise<number> {
  const now = change.base?.state ?? emptyState;
  const { content, space } = parts;
  return restoreFrom(change.edit, space.sealer, now, from, path, async (link, replaced) => {
    const before = replaced && (await soundRecord(content, replaced));
    return relink(parts, change, await content.record(link), before);
  });
}

/**
 * Brings back what was removed at a path last: a folder with all that went with it. What took its
 * name meanwhile keeps it; what comes back is listed beside it with a suffix.
 * @throws usage, if nothing was removed there that is not back; not-found, if nothing ever was
 */
export async function restoreRemoved(
  parts: SpaceParts,
  change: Change,
  path: string,
): Promise<number> {
  const view = change.draft.state;
  const [removed] = await findRemoved(view, path);
  const standing = await find(view, path).catch(() => undefined);
  // A folder that is dead and seen since something stands in it is no hindrance, but the thing.
  const ghost = standing?.entry !== undefined && !isLive(standing.entry);
  const entry = ghost ? standing.entry : removed;
  if (entry === undefined) {
    if (standing === undefined) {
      throw new CloudError(
        "not-found",
        `there is nothing at ${path} and nothing was removed there`,
      );
    }
    throw new CloudError("usage", `${path} is there: say which version or moment to restore`);
  }
  const shown = shownContent(entry);
  // A folder has nothing to read; a file that can't be read can't come back.
  const record =
    shown === undefined
      ? undefined
      : entry.kind === "folder"
        ? await soundRecord(parts.content, shown.link)
        : await parts.content.record(shown.link);
  const link = record && relink(parts, change, record, record);
  return reviveEntry(change.edit, entry, link);
}

/** Brings a file to one of its versions. @returns how many entries changed. @throws not-found */
export async function restoreVersion(
  parts: SpaceParts,
  tip: Tip,
  change: Change,
  path: string,
  id: string,
): Promise<number> {
  const { entry, version } = await versionAt(parts.space, tip, path, id);
  if (entry.kind === "folder" || entry.kind === "mount") {
    throw new CloudError(
      "is-a-folder",
      `${path} is a folder: say as of which moment to restore it`,
    );
  }
  const shown = shownContent(entry);
  const isShown = shown !== undefined && equalBytes(shown.link, version.link);
  if (isLive(entry) && isShown && entry.content.length === 1) return 0;
  const before = shown && (await soundRecord(parts.content, shown.link));
  const next = relink(parts, change, await parts.content.record(version.link), before);
  if (!isLive(entry)) return reviveEntry(change.edit, entry, next);
  const where = await resolveTarget(change.draft.state, path);
  await put(change.edit, { ...where, entry }, { kind: entry.kind, link: next });
  return 1;
}
