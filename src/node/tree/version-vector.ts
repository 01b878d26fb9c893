import type { CborValue } from "../blocks/cbor.ts";
import { asBytes, asInteger, asList, refuseShape } from "../blocks/shape.ts";
import { compareBytes, toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asWriterId, type WriterId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";

/** Highest counter seen of each writer, keyed by the writer's id as a binary string. */
export type VersionVector = ReadonlyMap<string, number>;

/** A counter may exceed what was known of its writer by no more than this. DESIGN §4. */
const maxJump = 2 ** 32;

/** Whether the vector has seen the change of a stamp. */
export function covers(vector: VersionVector, stamp: Stamp): boolean {
  return (vector.get(toBinaryString(stamp.writer)) ?? 0) >= stamp.counter;
}

/** Whether `b` has seen all that `a` has. */
export function vectorAtMost(a: VersionVector, b: VersionVector): boolean {
  for (const [writer, counter] of a) if ((b.get(writer) ?? 0) < counter) return false;
  return true;
}

/** The pointwise maximum. */
export function joinVectors(a: VersionVector, b: VersionVector): VersionVector {
  const joined = new Map(a);
  for (const [writer, counter] of b) {
    if ((joined.get(writer) ?? 0) < counter) joined.set(writer, counter);
  }
  return joined;
}

/** The vector that has also seen `stamp`. */
export function withStamp(vector: VersionVector, stamp: Stamp): VersionVector {
  return joinVectors(vector, new Map([[toBinaryString(stamp.writer), stamp.counter]]));
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
    .map(([writer, counter]) => ({ writer: writerOf(writer), counter }))
    .sort((a, b) => compareBytes(a.writer, b.writer));
}

function writerOf(text: string): WriterId {
  return asWriterId(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/** `[writer, counter, writer, counter, ...]`, by writer. FORMAT §3. */
export function encodeVector(vector: VersionVector): CborValue[] {
  return vectorItems(vector).flatMap(({ writer, counter }) => [writer, counter]);
}

/** Reads {@link encodeVector} back. @throws damaged */
export function decodeVector(value: CborValue | undefined, what: string): VersionVector {
  const list = asList(value, what);
  if (list.length % 2 !== 0) refuseShape(what, "a counter for each writer");
  const vector = new Map<string, number>();
  let last: Uint8Array | undefined;
  for (let i = 0; i < list.length; i += 2) {
    const writer = asBytes(list[i], `a writer in ${what}`, 16);
    if (last !== undefined && compareBytes(last, writer) >= 0)
      refuseShape(what, "writers in order");
    last = writer;
    vector.set(toBinaryString(writer), asInteger(list[i + 1], `a counter in ${what}`, 1));
  }
  return vector;
}
