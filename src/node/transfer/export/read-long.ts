import { chunkBytes, encodeLinks, type VersionRecord } from "../../blocks/record.ts";
import { CloudError } from "../../core/cloud-error.ts";
import type { TransferParts } from "../parts.ts";

/** Shorter reads are opened where they are: a thread would only make them wait. */
const longBytes = 1024 * 1024;
/** Chunks that one thread opens at once: 8 MiB. */
const jobChunks = 32;

/**
 * The bytes of a version from `offset`, at most `length` of them; those of long reads are opened by
 * threads.
 * @param signal - once it is aborted, nobody waits for them any more.
 * @throws not-found, damaged, newer; cancelled
 */
export async function readLong(
  parts: Pick<TransferParts, "content" | "pool" | "space">,
  record: VersionRecord,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const start = Math.min(offset, record.size);
  const end = Math.min(record.size, start + length);
  if (record.content instanceof Uint8Array || end - start < longBytes) {
    return parts.content.read(record, offset, length);
  }
  const jobs: Promise<Uint8Array>[] = [];
  for (let at = start; at < end; ) {
    const first = Math.floor(at / chunkBytes);
    const stop = Math.min(end, (first + jobChunks) * chunkBytes);
    const job = openPart(parts, record, at, stop, signal);
    job.catch(() => undefined); // whoever awaits it gets it
    jobs.push(job);
    at = stop;
  }
  if (jobs.length === 1) return jobs[0] as Promise<Uint8Array>;
  const bytes = new Uint8Array(end - start);
  let at = 0;
  for (const job of jobs) {
    const part = await job;
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Has a thread open the chunks that hold some bytes, at most {@link jobChunks} of them. */
async function openPart(
  { content, pool, space }: Pick<TransferParts, "content" | "pool" | "space">,
  record: VersionRecord,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const first = Math.floor(start / chunkBytes);
  const last = Math.ceil(end / chunkBytes);
  const links = await content.chunkLinks(record, first, last - first);
  const blocks = await Promise.all(links.map(({ id }) => space.store.get(id)));
  const base = first * chunkBytes;
  const size = Math.min(last * chunkBytes, record.size) - base;
  const opened = await pool.run<"open">(
    { type: "open", links: encodeLinks(links), blocks, size, from: start - base, to: end - base },
    blocks.map(({ buffer }) => buffer as ArrayBuffer),
    signal,
  );
  if ("bytes" in opened) return opened.bytes;
  throw new CloudError("damaged", opened.failure.why);
}
