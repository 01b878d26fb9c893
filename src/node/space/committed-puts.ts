import type { CommittedPut } from "../account/commitment.ts";
import type { ContentReader } from "../blocks/content/content-reader.ts";
import { decodeRecordLink, type EncodedRecordLink } from "../blocks/link.ts";
import type { Stamp } from "../core/stamp.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { StoreBatch } from "../store/store.ts";

/** A put of a revision that is to be committed to. */
export interface MadePut {
  readonly stamp: Stamp;
  readonly link: EncodedRecordLink;
  /** SHA-256 of the record's own bytes; absent: the record is read. */
  readonly record?: Uint8Array | undefined;
}

/**
 * What a head commits to of each put. FORMAT §10.12.
 * @param batch - may hold records that can't be read before they are written.
 * @throws not-found, damaged
 */
export async function committedPuts(
  primitives: Primitives,
  content: ContentReader,
  batch: StoreBatch,
  puts: Iterable<MadePut>,
): Promise<CommittedPut[]> {
  const committed: CommittedPut[] = [];
  let isReadable = false;
  for (const { stamp, link, record } of puts) {
    const decoded = decodeRecordLink(link);
    const { id, place } = decoded;
    let hash = record;
    if (hash === undefined) {
      if (!content.remembers(decoded) && !isReadable) {
        await batch.makeReadable();
        isReadable = true;
      }
      hash = primitives.sha256(await content.recordPayload(decoded));
    }
    committed.push({ stamp, id, ...(place === undefined ? {} : { place }), record: hash });
  }
  return committed;
}
