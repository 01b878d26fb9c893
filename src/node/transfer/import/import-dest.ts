import { recordTime } from "../../blocks/content/next-record.ts";
import { encodeRecordLink } from "../../blocks/link.ts";
import { encodeRecord } from "../../blocks/record.ts";
import { sealInto } from "../../blocks/seal-into.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { type EntryId, rootId } from "../../core/ids.ts";
import { formatPath } from "../../core/path.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import type { StoreBatch } from "../../store/store.ts";
import { isLive } from "../../tree/entry.ts";
import { child } from "../../tree/lookup.ts";
import type { StateView } from "../../tree/state-view.ts";
import type { MatchedFolder, PutItem } from "./import-item.ts";
import type { OpenedSource } from "./open-source.ts";

const folderMode = 0o755;

/** Where an import goes, and the folders that must be made for it first. */
export interface Destination {
  readonly root: MatchedFolder;
  readonly missing: readonly PutItem[];
}

/**
 * Finds the folder of the drive that an import goes into. What of it is not there yet gets records:
 * the folder itself those of the source, the ones above it a mode and a time of their own.
 * @param names - of the path of the destination.
 * @param source - the real path of the source.
 * @throws not-a-folder
 */
export async function findDestination(
  space: OpenSpace,
  view: StateView,
  batch: StoreBatch,
  names: readonly string[],
  source: OpenedSource,
  nowMs: number,
): Promise<Destination> {
  const folderAt = (depth: number, id: EntryId | undefined): MatchedFolder => {
    const path = depth === names.length ? source.path : "";
    return { path, below: "", depth, id };
  };
  const missing: PutItem[] = [];
  let root = folderAt(0, rootId);
  for (const [i, name] of names.entries()) {
    const folder = root;
    const entry = folder.id === undefined ? undefined : await child(view, folder.id, name);
    const inner = folderAt(i + 1, entry?.kind === "folder" ? entry.id : undefined);
    root = inner;
    if (entry !== undefined && isLive(entry)) {
      if (entry.kind === "folder") continue;
      const shown = formatPath(names.slice(0, i + 1));
      throw new CloudError("not-a-folder", `${shown} is a ${entry.kind}, not a folder`);
    }
    const { stat } = source;
    const [mode, mtimeMs] =
      i === names.length - 1 ? [stat.mode, stat.mtimeMs] : [folderMode, nowMs];
    const mtime = recordTime(mtimeMs);
    const payload = encodeRecord({ size: 0, mtime, mode, content: new Uint8Array(0) });
    const link = encodeRecordLink(sealInto(space.sealer, batch, "record", payload));
    missing.push({
      outcome: "put",
      seen: {
        folder,
        name,
        kind: "folder",
        size: 0,
        mtimeMs,
        ctimeMs: mtimeMs,
        inode: 0,
        owner: 0,
        mode,
      },
      inner,
      entry: entry?.kind === "folder" ? entry : undefined,
      link,
      record: space.primitives.sha256(payload),
      steady: false,
    });
  }
  return { root, missing };
}
