import { CloudError } from "../core/cloud-error.ts";
import type { BoundaryKey } from "../crypto/derive.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { decodeCanonical, encodeCanonical } from "./cbor.ts";
import type { Link, RecordLink } from "./link.ts";
import type { BlockKind } from "./seal.ts";
import { asBytes, asList, refuseShape } from "./shape.ts";

/** A pack is closed before its records would exceed this. */
export const maxPackBytes = 64 * 1024;
/** No keyed boundary closes a pack below this. */
const leastPackBytes = 16 * 1024;
/** Records above this are sealed alone. */
const maxPackedRecordBytes = 16 * 1024;
/** One record in so many is a boundary. */
const boundaryMask = 0x1f;

/** The payload of a pack: its records in order, 2 to 65,536. FORMAT §8.3. */
export function encodePack(records: readonly Uint8Array[]): Uint8Array {
  return encodeCanonical(records);
}

/** Reads {@link encodePack} back. @throws damaged */
export function decodePack(payload: Uint8Array): Uint8Array[] {
  const what = "a pack of version records";
  const list = asList(decodeCanonical(payload, what), what);
  if (list.length < 2 || list.length > 0x1_0000) refuseShape(what, "2 to 65,536 records");
  return list.map((record) => asBytes(record, `a record in ${what}`));
}

/** The record at a link's place. @throws damaged, if the pack ends before it */
export function recordAt(pack: readonly Uint8Array[], place: number): Uint8Array {
  const record = pack[place];
  if (record === undefined) throw beyondPack(place, pack.length);
  return record;
}

/** What is wrong with a link to a place that a pack of so many records does not have. */
export function beyondPack(place: number, records: number): CloudError {
  return new CloudError(
    "damaged",
    `a link points to record ${place.toString()} of a pack of ${records.toString()}`,
  );
}

/**
 * Gathers the records of one change into packs, in the order in which they are added: that of
 * their directories, so that a listing opens few of them. Cut where a keyed hash of the record says
 * so, so that equal runs of records make equal packs.
 */
export class PackWriter {
  readonly #primitives: Primitives;
  readonly #boundaryKey: BoundaryKey;
  readonly #seal: (kind: BlockKind, payload: Uint8Array) => Link;
  #open: { payload: Uint8Array; onLink: (link: RecordLink) => void }[] = [];
  #openBytes = 0;

  constructor(
    primitives: Primitives,
    boundaryKey: BoundaryKey,
    seal: (kind: BlockKind, payload: Uint8Array) => Link,
  ) {
    this.#primitives = primitives;
    this.#boundaryKey = boundaryKey;
    this.#seal = seal;
  }

  /**
   * Adds an encoded record.
   * @param onLink - called once, now or at a later `add` or `close`, with the record's link.
   */
  add(payload: Uint8Array, onLink: (link: RecordLink) => void): void {
    if (payload.length > maxPackedRecordBytes) {
      onLink(this.#seal("record", payload));
      return;
    }
    if (this.#openBytes + payload.length > maxPackBytes) this.close();
    this.#open.push({ payload, onLink });
    this.#openBytes += payload.length;
    if (this.#openBytes >= leastPackBytes && this.#isBoundary(payload)) this.close();
  }

  /** Seals what is open; a single record is sealed alone. */
  close(): void {
    const open = this.#open;
    this.#open = [];
    this.#openBytes = 0;
    const [first] = open;
    if (first === undefined) return;
    if (open.length === 1) {
      first.onLink(this.#seal("record", first.payload));
      return;
    }
    const link = this.#seal("pack", encodePack(open.map(({ payload }) => payload)));
    open.forEach(({ onLink }, place) => {
      onLink({ ...link, place });
    });
  }

  #isBoundary(payload: Uint8Array): boolean {
    const hash = this.#primitives.hmacSha256(this.#boundaryKey, payload);
    return ((hash[31] as number) & boundaryMask) === 0;
  }
}
