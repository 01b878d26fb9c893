import type { EncodedRecordLink } from "../../blocks/link.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { diskIdentity } from "../../core/disk-identity.ts";
import type { WorkCall } from "../../space/work-call.ts";
import type { TransferParts } from "../parts.ts";
import type { FailedItem } from "../worker/seal-jobs.ts";
import { ExportFiles } from "./export-files.ts";

/** One version of a file, and where it goes. */
export interface GivenFile {
  /** To its record. */
  readonly link: EncodedRecordLink;
  /** In the drive. */
  readonly shown: string;
  /** Of its content. */
  readonly size: number;
  /** Absolute: the new file, in a folder that is there. */
  readonly dest: string;
  /** The `diskIdentity` of that folder, as whoever asks saw it. */
  readonly seen: string;
}

/** What became of it: done, unless the system refused in the midst of it. */
export interface GivenReport {
  /** As `EIO`. */
  readonly failed?: string;
}

/**
 * Writes one file to the disk with its mode and time, beside its place until it is whole and durable.
 * What stands at the place is replaced, a link too.
 * @returns `undefined` if that folder isn't seen here, or nothing could be written: who asks writes it.
 * @throws usage, in the data folder; damaged, newer; cancelled; storage-full; storage
 */
export function giveFile(
  parts: TransferParts,
  { link, shown, size, dest, seen }: GivenFile,
  call: WorkCall,
): Promise<GivenReport | undefined> {
  return parts.pool.disks.use(dest, call.signal, async (disk) => {
    const place = await disk.call("folderOfFile", dest, parts.home);
    if (place === undefined || diskIdentity(place.folder) !== seen) return undefined;
    let failure: Omit<FailedItem, "outcome"> | undefined;
    let done = 0;
    const files = new ExportFiles(parts, disk, {
      signal: call.signal,
      durable: true,
      keepsNewer: false,
      mustGoOn: () => {
        if (call.signal.aborted) throw new CloudError("cancelled", "the request was cancelled");
      },
      onBytes: (bytes) => {
        done += bytes;
        call.progress({ phase: "receiving", done, total: size, unit: "bytes" });
      },
      onWritten: () => undefined,
      onOpened: () => undefined,
      onFailed: (_, why) => {
        failure = why;
      },
    });
    const path = `${place.path}/${place.name}`;
    try {
      await files.add([{ kind: "file", path, folder: place.folder, shown, link }]);
      await files.drain();
    } catch (error) {
      await files.settle();
      throw error;
    }
    return reportOf(failure, done);
  });
}

function reportOf(
  failure: Omit<FailedItem, "outcome"> | undefined,
  done: number,
): GivenReport | undefined {
  if (failure === undefined) return {};
  if (failure.fault === "damaged") throw new CloudError("damaged", failure.why);
  const { system, why } = failure;
  if (done === 0) return undefined;
  if (system === undefined) throw new CloudError("storage", why);
  return { failed: system };
}
