import { asWriterId, type WriterId } from "../../../../src/node/core/ids.ts";
import { IdMap } from "../../../../src/node/core/id-map.ts";
import { compareBytes, concatBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { type CborValue, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import {
  checkJump,
  encodeVector,
  isListed,
  storeVector,
  type VersionVector,
} from "../../../../src/node/tree/version-vector.ts";
import { codeOf, hashOf, showLink } from "../common.make.ts";
import { ann, bob } from "./entry-words.make.ts";
import { vectorMaps } from "../blocks/maps.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Vectors at the border between a list and a map, and beyond. */
export async function makeVectors(): Promise<VectorValue[]> {
  const made: VectorValue[] = [];
  for (const writers of [0, 1, 64, 65, 1000]) {
    const maps = vectorMaps();
    const stored = await storeVector(maps, maps.blocks, vectorOfRule(writers));
    made.push({
      writers,
      value: toHex(encodeCanonical(encodeVector(stored))),
      ...(isListed(stored) ? {} : { root: showLink(stored) }),
    });
  }
  return made;
}

/** Writer i is the first 16 bytes of SHA-256("writer i"), its counter i + 1. */
export function vectorOfRule(writers: number): VersionVector {
  const items = Array.from({ length: writers }, (_, i): [WriterId, number] => [
    asWriterId(hashOf(`writer ${i.toString()}`).subarray(0, 16)),
    i + 1,
  ]);
  return new IdMap(items);
}

/** The list of so many writers, as long as it may be or not. */
export function listOf(writers: number): CborValue[] {
  return [...vectorOfRule(writers)].sort(([a], [b]) => compareBytes(a, b)).flat();
}

const counterBytes = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);
const [one8, zero8] = [counterBytes(0, 0, 0, 0, 0, 0, 0, 1), new Uint8Array(8)];

/** Maps of version vectors that must not be read. */
export function makeRefusedVectors(): VectorValue[] {
  const many = [...vectorOfRule(70)].map(([writer]): [Uint8Array, Uint8Array] => [writer, one8]);
  const with65 = (key: Uint8Array, value: Uint8Array) => [...many.slice(0, 65), [key, value] as const];
  const cases: [string, readonly (readonly [Uint8Array, Uint8Array])[]][] = [
    ["64 writers, which stand in a list", many.slice(0, 64)],
    ["one writer", many.slice(0, 1)],
    ["a writer of 15 bytes", with65(ann.subarray(1), one8)],
    ["a writer of 17 bytes", with65(concatBytes(ann, Uint8Array.of(0)), one8)],
    ["a counter of 7 bytes", with65(ann, one8.subarray(1))],
    ["a counter of 9 bytes", with65(ann, concatBytes(one8, Uint8Array.of(1)))],
    ["a counter of 0", with65(ann, zero8)],
    ["a counter of 2^53", with65(ann, counterBytes(0, 32, 0, 0, 0, 0, 0, 0))],
  ];
  return cases.map(([name, items]) => ({
    name,
    items: items.map(([key, value]) => [toHex(key), toHex(value)]),
    code: "damaged",
  }));
}

/** What one may come to know of counters at once. */
export function makeJumps(): VectorValue[] {
  const vectorOf = (...items: [Uint8Array, number][]): VersionVector =>
    new IdMap(items.map(([writer, counter]) => [asWriterId(writer), counter]));
  const far = 2 ** 32;
  const cases: [string, VersionVector, VersionVector][] = [
    ["as far as may be", vectorOf([ann, 5]), vectorOf([ann, 5 + far])],
    ["one farther", vectorOf([ann, 5]), vectorOf([ann, 6 + far])],
    ["as far as may be, from nothing", vectorOf(), vectorOf([bob, far])],
    ["one farther, from nothing", vectorOf(), vectorOf([bob, far + 1])],
    ["of a writer not met, measured by the largest of all", vectorOf([ann, 9]), vectorOf([ann, 1], [bob, 9 + far])],
    ["one farther", vectorOf([ann, 9]), vectorOf([ann, 9], [bob, 10 + far])],
    ["back", vectorOf([ann, far + 10]), vectorOf([bob, 1])],
  ];
  const shown = (vector: VersionVector): VectorValue =>
    [...vector].map(([writer, counter]) => [toHex(writer), counter]);
  return cases.map(([name, known, received]) => ({
    name,
    known: shown(known),
    received: shown(received),
    code: codeOrNull(() => {
      checkJump(known, received);
    }),
  }));
}

function codeOrNull(body: () => void): string | null {
  try {
    body();
  } catch {
    return codeOf(body);
  }
  return null;
}
