import type { SealedContent } from "../../blocks/content/seal-content.ts";
import { encodeLink } from "../../blocks/link.ts";
import { maxInlineBytes } from "../../blocks/record.ts";
import { sealInto } from "../../blocks/seal-into.ts";
import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { diskIdentity } from "../../core/disk-identity.ts";
import type { WorkCall } from "../../space/work-call.ts";
import type { StoreBatch } from "../../store/store.ts";
import type { DiskThread } from "../disk/disk-threads.ts";
import type { TransferParts } from "../parts.ts";
import { Slots } from "../slots.ts";
import type { SealedRange } from "../worker/seal-jobs.ts";
import { sealKeysOf } from "./import-feed.ts";
import { type LargeFile, type LargeFilePort, sealLargeFile } from "./import-large.ts";
import type { OpenedSource } from "./open-source.ts";

/** Sealed bytes that wait in memory before they go to the store. */
const flushBytes = 8 * 1024 * 1024;

/** A file of the disk, sealed. */
export interface SealedFile {
  readonly sealed: SealedContent;
  /** Holds the blocks; whoever gets it ends it. */
  readonly batch: StoreBatch;
  /** Permission bits. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

/**
 * Reads and seals one file of the disk.
 * @param source - absolute path; links are followed.
 * @param seen - the {@link diskIdentity} of the file that whoever asks saw there.
 * @returns `undefined` if that file isn't seen here or can't be read, or is too small for this: who
 * asks sends its content.
 * @throws cancelled; storage, if the disk doesn't answer; storage and its kin of the store
 */
export function sealDiskFile(
  parts: TransferParts,
  source: string,
  seen: string,
  call: WorkCall,
): Promise<SealedFile | undefined> {
  return parts.pool.disks.use(source, call.signal, async (disk) => {
    const found = await findFile(disk, source);
    if (found?.stat.kind !== "file" || diskIdentity(found.stat) !== seen) return undefined;
    const batch = parts.space.store.begin();
    try {
      const file = await sealLargeFile(portOf(parts, disk, batch, found, call), {
        ...found.stat,
        path: found.path,
      });
      mustGoOn(call.signal);
      if ("failed" in file || file.size <= maxInlineBytes) {
        batch.abandon();
        return undefined;
      }
      return { ...sealedFile(file), batch };
    } catch (error) {
      batch.abandon();
      throw error;
    }
  });
}

function mustGoOn({ aborted }: AbortSignal): void {
  if (aborted) throw new CloudError("cancelled", "the request was cancelled");
}

function sealedFile({ size, content, mode, mtimeMs }: LargeFile): Omit<SealedFile, "batch"> {
  return { sealed: { size, content }, mode, mtime: mtimeMs };
}

async function findFile(disk: DiskThread, source: string): Promise<OpenedSource | undefined> {
  try {
    return await disk.call("openSourceFile", source);
  } catch (error) {
    if (isCloudError(error)) throw error;
    return undefined;
  }
}

function portOf(
  { pool, space }: TransferParts,
  disk: DiskThread,
  batch: StoreBatch,
  { stat }: OpenedSource,
  { signal, progress }: WorkCall,
): LargeFilePort {
  const jobs = new Slots(pool.width);
  const keys = sealKeysOf(space);
  let done = 0;
  let staged = 0;
  const note = async ({ bytesRead }: SealedRange): Promise<void> => {
    staged += bytesRead;
    done += bytesRead;
    progress({ phase: "sending", done, total: stat.size, unit: "bytes" });
    if (staged < flushBytes) return;
    staged = 0;
    await batch.flush();
  };
  return {
    range: (path, offset, length) =>
      jobs.run(async () => {
        mustGoOn(signal);
        const job = { type: "range", keys, path, offset, length } as const;
        const range = await pool.run<"range">(job, { batch, signal });
        if (!("failed" in range)) await note(range);
        return range;
      }),
    sealIndex: (payload) => encodeLink(sealInto(space.sealer, batch, "index", payload)),
    look: (path) => disk.call("look", path),
  };
}
