import { BlockFiles } from "./block-files.ts";
import { failedItem, unreadItem } from "./open-records.ts";
import type { OpenJob, OpenResult } from "./seal-jobs.ts";
import { openChunks } from "./write-chunks.ts";

/** Opens chunks, and gives the part of their content that is asked for in one piece. */
export function openContent(job: OpenJob): OpenResult {
  const { from, to } = job;
  const files = new BlockFiles();
  try {
    const bytes = new Uint8Array(to - from);
    let at = 0;
    for (const part of openChunks(job, files)) {
      const wanted = part.subarray(Math.max(from - at, 0), Math.max(to - at, 0));
      if (wanted.length > 0) bytes.set(wanted, Math.max(at - from, 0));
      at += part.length;
    }
    return { bytes };
  } catch (error) {
    return { failure: unreadItem(error) ?? failedItem(error) };
  } finally {
    files.close();
  }
}
