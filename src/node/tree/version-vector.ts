import type { CborValue } from "../blocks/cbor.ts";
import { decodeLink, encodeLink, type Link } from "../blocks/link.ts";
import { MapDraft, type MapSealer } from "../blocks/map-draft.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import { type MapReader, rangeOfMap } from "../blocks/sealed-map.ts";
import { asBytes, asInteger, asList, refuseShape } from "../blocks/shape.ts";
import { compareBytes, readUint64, uint64Bytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import { asWriterId, type WriterId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";

/** Highest counter seen of each writer. */
export type VersionVector = ReadonlyIdMap<WriterId, number>;

/** A vector as a state holds it: by itself, or the root of a map of it where it is long. */
export type StoredVector = VersionVector | Link;

/** A vector of more writers stands in a map of its own, so that a state stays small. */
export const maxListedWriters = 64;

/** The largest counter may exceed the largest that was known by no more than this. FORMAT §5. */
const maxJump = 2 ** 32;

/** The highest counter seen of a writer; 0 if it was not met. */
export function counterOf(vector: VersionVector, writer: WriterId): number {
  return vector.get(writer) ?? 0;
}

/** Whether the vector has seen the change of a stamp. */
export function covers(vector: VersionVector, stamp: Stamp): boolean {
  return counterOf(vector, stamp.writer) >= stamp.counter;
}

/** Whether `b` has seen all that `a` has. */
export function vectorAtMost(a: VersionVector, b: VersionVector): boolean {
  for (const [writer, counter] of a) if ((b.get(writer) ?? 0) < counter) return false;
  return true;
}

/** The pointwise maximum. */
export function joinVectors(a: VersionVector, b: VersionVector): VersionVector {
  const joined = new IdMap(a);
  for (const [writer, counter] of b) {
    if ((joined.get(writer) ?? 0) < counter) joined.set(writer, counter);
  }
  return joined;
}

/** The vector that has also seen `stamp`. */
export function withStamp(vector: VersionVector, stamp: Stamp): VersionVector {
  return joinVectors(vector, new IdMap([[stamp.writer, stamp.counter]]));
}

/** The stamp that `writer` gives to its next change: one more than every counter seen. */
export function nextStamp(vector: VersionVector, writer: WriterId): Stamp {
  return { counter: largestCounter(vector) + 1, writer };
}

function largestCounter(vector: VersionVector): number {
  let largest = 0;
  for (const counter of vector.values()) largest = Math.max(largest, counter);
  return largest;
}

/** Refuses counters that jump, which would use up the numbers. @throws damaged */
export function checkJump(known: VersionVector, received: VersionVector): void {
  if (largestCounter(received) - largestCounter(known) > maxJump) {
    throw new CloudError(
      "damaged",
      "a received state counts more than 2^32 changes beyond what is known: it is refused",
    );
  }
}

/** The writers of a vector with their counters, by id. */
export function vectorItems(vector: VersionVector): { writer: WriterId; counter: number }[] {
  return [...vector]
    .map(([writer, counter]) => ({ writer, counter }))
    .sort((a, b) => compareBytes(a.writer, b.writer));
}

/**
 * Puts a long vector into a map of its own. FORMAT §5.
 * @returns what stands for it in a state.
 */
export async function storeVector(
  sealer: MapSealer,
  putter: BlockPutter,
  vector: VersionVector,
): Promise<StoredVector> {
  if (vector.size <= maxListedWriters) return vector;
  const draft = new MapDraft(sealer, undefined);
  for (const item of vectorItems(vector)) draft.set(item.writer, uint64Bytes(item.counter));
  return (await draft.flush(putter)) as Link;
}

/** Reads {@link storeVector} back. @throws not-found, damaged, newer */
export async function loadVector(
  reader: MapReader,
  stored: StoredVector,
  what: string,
): Promise<VersionVector> {
  if (isListed(stored)) return stored;
  const vector = new IdMap<WriterId, number>();
  for await (const [key, value] of rangeOfMap(reader, stored, new Uint8Array(0))) {
    const { writer, counter } = parseVectorItem(key, value);
    vector.set(writer, counter);
  }
  if (vector.size <= maxListedWriters) refuseShape(what, "a list where there are few writers");
  return vector;
}

/** Whether a vector stands in its state by itself. */
export function isListed(stored: StoredVector): stored is VersionVector {
  return stored instanceof IdMap;
}

/** An item of the map of a long vector. @throws damaged */
export function parseVectorItem(
  key: Uint8Array,
  value: Uint8Array,
): { writer: WriterId; counter: number } {
  const what = "an item of a version vector";
  const counter = readUint64(asBytes(value, what, 8), 0);
  return {
    writer: asWriterId(key),
    counter: asInteger(counter, `the counter of ${what}`, 1),
  };
}

/**
 * `[writer, counter, writer, counter, ...]`, by writer, or the link of a map. FORMAT §5.
 * @throws RangeError for a list of more writers than may be
 */
export function encodeVector(stored: StoredVector): CborValue {
  if (!isListed(stored)) return encodeLink(stored);
  if (stored.size > maxListedWriters) throw new RangeError("a long vector is stored as a map");
  return vectorItems(stored).flatMap(({ writer, counter }) => [writer, counter]);
}

/** Reads {@link encodeVector} back. @throws damaged, newer */
export function decodeVector(value: CborValue | undefined, what: string): StoredVector {
  if (value instanceof Uint8Array) return decodeLink(value, what);
  const list = asList(value, what);
  if (list.length > 2 * maxListedWriters) refuseShape(what, "a map where there are many writers");
  const vector = new IdMap<WriterId, number>();
  let last: Uint8Array | undefined;
  for (let i = 0; i < list.length; i += 2) {
    const writer = asWriterId(asBytes(list[i], `a writer in ${what}`, 16));
    if (last !== undefined && compareBytes(last, writer) >= 0) {
      refuseShape(what, "writers in order");
    }
    last = writer;
    vector.set(writer, asInteger(list[i + 1], `a counter in ${what}`, 1));
  }
  return vector;
}
