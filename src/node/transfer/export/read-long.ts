import { chunkBytes, encodeLinks, type VersionRecord } from "../../blocks/record.ts";
import { CloudError } from "../../core/cloud-error.ts";
import type { BlockId } from "../../core/ids.ts";
import type { TransferParts } from "../parts.ts";
import type { BlockAt } from "../worker/block-files.ts";
import type { OpenResult } from "../worker/seal-jobs.ts";

/** Shorter reads are opened where they are: a process would only make them wait. */
const longBytes = 1024 * 1024;
/** Chunks that one process opens at once: 2 MiB. */
const jobChunks = 8;

/**
 * The bytes of a version from `offset`, at most `length` of them; those of long reads are opened by
 * processes.
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

/** Has a process open the chunks that hold some bytes, at most {@link jobChunks} of them. */
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
  const { store } = space;
  const base = first * chunkBytes;
  const size = Math.min(last * chunkBytes, record.size) - base;
  const open = async (find: (id: BlockId) => Promise<BlockAt>): Promise<OpenResult> => {
    const blocks = await Promise.all(links.map(({ id }) => find(id)));
    const part = { links: encodeLinks(links), blocks, size, from: start - base, to: end - base };
    const options = signal === undefined ? {} : { signal };
    return pool.run<"open">({ type: "open", ...part }, options);
  };
  let opened = await open(async (id) => store.locate(id) ?? store.get(id));
  if ("failure" in opened && opened.failure.outcome === "unread") {
    opened = await open((id) => store.get(id));
  }
  if ("bytes" in opened) return opened.bytes;
  const { failure } = opened;
  throw new CloudError("damaged", failure.outcome === "failed" ? failure.why : "a block is lost");
}
