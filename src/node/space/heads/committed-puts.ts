import type { CommittedPut } from "../../account/commitment.ts";
import type { ContentReader } from "../../blocks/content/content-reader.ts";
import { decodeRecordLink, type EncodedRecordLink, type RecordLink } from "../../blocks/link.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import type { Stamp } from "../../core/stamp.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import type { StoreBatch } from "../../store/store.ts";

/** A put of a revision that is to be committed to. */
export interface MadePut {
  readonly stamp: Stamp;
  readonly link: EncodedRecordLink;
  /** SHA-256 of the record's own bytes; absent: the record is read. */
  readonly record?: Uint8Array | undefined;
}

/** In the place of the hash of a record that is lost: what is damaged can still be moved and copied. */
const unknown = new Uint8Array(32);

async function recordHash(
  primitives: Primitives,
  content: ContentReader,
  link: RecordLink,
): Promise<Uint8Array> {
  try {
    return primitives.sha256(await content.recordPayload(link));
  } catch (error) {
    if (isCloudError(error, "damaged", "not-found", "newer")) return unknown;
    throw error;
  }
}

/**
 * What a head commits to of each put. FORMAT §12.7.
 * @param batch - may hold records that can't be read before they are written.
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
      hash = await recordHash(primitives, content, decoded);
    }
    committed.push({ stamp, id, ...(place === undefined ? {} : { place }), record: hash });
  }
  return committed;
}
