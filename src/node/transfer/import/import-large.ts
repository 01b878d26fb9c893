import { ChunkIndex, eachLink } from "../../blocks/content/chunk-index.ts";
import type { EncodedLink, Link } from "../../blocks/link.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import { fileState } from "../worker/read-source.ts";
import type { RangeResult } from "../worker/seal-jobs.ts";

/** What one job takes of a large file: whole chunks. */
const rangeBytes = 2 * 1024 * 1024;
/** Stretches of one file that are under way. */
const maxAhead = 6;
/** How often a file that changes while it is read is begun again. */
const maxAttempts = 2;
const permissionBits = 0o7777;

/** A large file as the walk saw it. */
export interface LargeSource {
  readonly path: string;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly mode: number;
}

/** A large file as it was read. */
export interface LargeFile {
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
  readonly content: readonly Link[];
  /** It went on changing while it was read: its stretches may be of different times. */
  readonly unsteady: boolean;
}

/** What reading a large file takes. */
export interface LargeFilePort {
  /** Reads and seals one stretch and stores its chunks. */
  readonly range: (path: string, offset: number, length: number) => Promise<RangeResult>;
  /** Seals a block of the index. */
  readonly sealIndex: (payload: Uint8Array) => EncodedLink;
  /** Looks at the file again. @throws what the system says */
  readonly look: (path: string) => Promise<Omit<LargeSource, "path">>;
}

/** Reads and seals a large file stretch by stretch, some of them at once. */
export async function sealLargeFile(
  port: LargeFilePort,
  seen: LargeSource,
): Promise<LargeFile | { readonly failed: string }> {
  let source = seen;
  for (let attempt = 1; ; attempt++) {
    const file = await readOnce(port, source);
    if ("failed" in file || !file.unsteady || attempt === maxAttempts) return file;
    try {
      const stat = await port.look(seen.path);
      source = { ...fileLook(stat), path: seen.path };
    } catch (error) {
      if (isCloudError(error)) throw error;
      return { failed: systemErrorWords(error) };
    }
  }
}

function fileLook({
  ino,
  size,
  mtimeMs,
  ctimeMs,
  mode,
}: Omit<LargeSource, "path">): Omit<LargeSource, "path"> {
  return { ino, size, mtimeMs, ctimeMs, mode: mode & permissionBits };
}

async function readOnce(
  port: LargeFilePort,
  source: LargeSource,
): Promise<LargeFile | { readonly failed: string }> {
  const index = new ChunkIndex(port.sealIndex);
  const { path, size: expected, mtimeMs, mode } = source;
  let size = 0;
  let ended = false;
  let unsteady = false;
  for await (const range of stretches(port, path, expected)) {
    if ("failed" in range) return range;
    if (ended) continue;
    unsteady ||= range.state !== fileState(source);
    for (const link of eachLink(range.links)) index.add(link);
    size += range.bytesRead;
    ended = range.bytesRead < rangeBytes;
  }
  return { size, mtimeMs, mode, content: index.end(), unsteady };
}

/** The stretches of a file in order, the next ones under way. */
async function* stretches(
  { range }: LargeFilePort,
  path: string,
  size: number,
): AsyncGenerator<RangeResult> {
  const ahead: Promise<RangeResult>[] = [];
  for (let offset = 0; offset < size || ahead.length > 0; ) {
    while (offset < size && ahead.length < maxAhead) {
      const next = range(path, offset, Math.min(rangeBytes, size - offset));
      next.catch(() => undefined); // whoever awaits it gets it
      ahead.push(next);
      offset += rangeBytes;
    }
    yield (await ahead.shift()) as RangeResult;
  }
}
