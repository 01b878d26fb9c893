import { setImmediate as nextTurn } from "node:timers/promises";
import { openChunk } from "../../blocks/content/open-content.ts";
import type { Link } from "../../blocks/link.ts";
import { chunkBytes, type VersionRecord } from "../../blocks/record.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import type { FilePlace } from "../../store/store.ts";
import type { TransferParts } from "../parts.ts";
import { BlockFiles, NotThereError } from "../worker/block-files.ts";

/** Shorter reads are worth being held: what reads a little often reads it again. */
const longBytes = 1024 * 1024;
/** Chunks that are opened in one turn: 1 to 2 ms. */
const turnChunks = 4;

/**
 * The bytes of a version from `offset`, at most `length` of them. Long reads take one chunk after the
 * other through the same memory; a process that did it would hand over each byte twice.
 * @param signal - once it is aborted, no more is read.
 * @throws not-found, damaged, newer; cancelled
 */
export async function readLong(
  { content, space }: Pick<TransferParts, "content" | "space">,
  record: VersionRecord,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const start = Math.min(offset, record.size);
  const end = Math.min(record.size, start + length);
  if (record.content instanceof Uint8Array || end - start < longBytes) {
    return content.read(record, offset, length);
  }
  const bytes = new Uint8Array(end - start);
  const files = new BlockFiles();
  const last = Math.ceil(end / chunkBytes);
  try {
    for (let at = Math.floor(start / chunkBytes); at < last; at += turnChunks) {
      if (signal?.aborted === true) throw new CloudError("cancelled", "the read was cancelled");
      const links = await content.chunkLinks(record, at, Math.min(turnChunks, last - at));
      for (const [i, link] of links.entries()) {
        const base = (at + i) * chunkBytes;
        const size = Math.min(chunkBytes, record.size - base);
        const place = space.store.locate(link.id);
        const chunk =
          (place === undefined ? undefined : openAt(files, place, link, size)) ??
          openChunk(nodePrimitives, link, await space.store.get(link.id), size);
        const from = Math.max(start, base);
        bytes.set(chunk.subarray(from - base, end - base), from - start);
      }
      await nextTurn();
    }
  } finally {
    files.close();
  }
  return bytes;
}

/** A chunk that lies in a file; `undefined`, if it is not there as it was: the store knows more. */
function openAt(
  files: BlockFiles,
  place: FilePlace,
  link: Link,
  size: number,
): Uint8Array | undefined {
  try {
    return openChunk(nodePrimitives, link, files.read(link.id, place), size);
  } catch (error) {
    if (error instanceof NotThereError) return undefined;
    throw error;
  }
}
