import { concatBytes, equalBytes } from "../core/bytes.ts";
import type { BlockId, WriterId } from "../core/ids.ts";
import { encodeStamp, type Stamp, stampBytes } from "../core/stamp.ts";
import type { SaltKey } from "../crypto/derive.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { ascending } from "./signed-record.ts";

/** One put of a revision: which version record it wrote. */
export interface CommittedPut {
  readonly stamp: Stamp;
  /** The block that the version record stands in. */
  readonly id: BlockId;
  /** Its place there, 0 to 65,535, if the block is a pack. */
  readonly place?: number;
  /** SHA-256 of the record's own bytes: who shows it in a pack need not open the others. */
  readonly record: Uint8Array;
}

/** A put as it was committed to, with the salt that keeps others from guessing it. */
export interface Leaf {
  /** stamp (24 B) ‖ record (32 B) ‖ id (32 B) ‖ place (2 B, big endian; only in a pack). */
  readonly put: Uint8Array;
  /** 16 bytes. */
  readonly salt: Uint8Array;
}

const saltBytes = 16;
/** Of a record that fills its block, and of one in a pack. */
const putBytes = [stampBytes + 64, stampBytes + 66];
const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** The form in which a put is committed to, as in {@link Leaf}. */
export function encodePut({ stamp, id, place, record }: CommittedPut): Uint8Array {
  const placed = place === undefined ? [] : [place >>> 8, place & 0xff];
  return concatBytes(encodeStamp(stamp), record, id, Uint8Array.from(placed));
}

/**
 * The leaves of one head's commitment: its puts in ascending order of their bytes, each once, with
 * salts that readers of the epoch find again and nobody else can guess. FORMAT §12.7.
 *
 * The salts are one key stream and not a hash for each put, which would be a third of the time that
 * committing to a large import takes.
 * @param previous - the commitment of the writer's head before, 32 bytes; zeros for its first.
 */
export function saltedLeaves(
  primitives: Primitives,
  saltKey: SaltKey,
  writer: WriterId,
  previous: Uint8Array,
  puts: readonly CommittedPut[],
): Leaf[] {
  const encoded = ascending(puts.map(encodePut));
  const key = primitives.hmacSha256(saltKey, concatBytes(writer, previous));
  const zeros = new Uint8Array(encoded.length * saltBytes);
  const stream = primitives.aesGcmSeal(key, new Uint8Array(12), zeros, new Uint8Array(0));
  return encoded.map((put, i) => ({
    put,
    salt: stream.subarray(i * saltBytes, (i + 1) * saltBytes),
  }));
}

function leafHash(primitives: Primitives, leaf: Leaf): Uint8Array {
  return primitives.sha256(concatBytes(leafPrefix, leaf.salt, leaf.put));
}

function nodeHash(primitives: Primitives, left: Uint8Array, right: Uint8Array): Uint8Array {
  return primitives.sha256(concatBytes(nodePrefix, left, right));
}

/** Leaves in the left half: the largest power of two below `count`, for a count of 2 or more. */
function leftCount(count: number): number {
  let left = 1;
  while (left * 2 < count) left *= 2;
  return left;
}

/** The root over hashes `from` to `to`, exclusive (RFC 6962 §2.1). */
function merkleRoot(
  primitives: Primitives,
  hashes: readonly Uint8Array[],
  from = 0,
  to = hashes.length,
): Uint8Array {
  const first = hashes[from];
  if (first === undefined) return primitives.sha256(new Uint8Array(0));
  if (to - from === 1) return first;
  const middle = from + leftCount(to - from);
  return nodeHash(
    primitives,
    merkleRoot(primitives, hashes, from, middle),
    merkleRoot(primitives, hashes, middle, to),
  );
}

/**
 * The commitment that a head carries: SHA-256(previous ‖ Merkle root of the puts). FORMAT §12.7.
 * @param previous - that of the writer's head before, 32 bytes; zeros for its first.
 * @param leaves - of {@link saltedLeaves}; there may be none.
 */
export function commitment(
  primitives: Primitives,
  previous: Uint8Array,
  leaves: readonly Leaf[],
): Uint8Array {
  const hashes = leaves.map((leaf) => leafHash(primitives, leaf));
  return primitives.sha256(concatBytes(previous, merkleRoot(primitives, hashes)));
}

/** Shows that one put is among those of a commitment. */
export interface CommitmentProof {
  readonly leaf: Leaf;
  /** Which of the leaves, from 0. */
  readonly index: number;
  /** How many leaves there are. */
  readonly count: number;
  /** Hashes from the leaf's sibling upwards, 32 bytes each. */
  readonly path: readonly Uint8Array[];
  /** The commitment before. */
  readonly previous: Uint8Array;
}

/**
 * Proves the leaf at `index`. Opens nothing of the others.
 * @returns `undefined` if there is no such leaf.
 */
export function proveCommitment(
  primitives: Primitives,
  previous: Uint8Array,
  leaves: readonly Leaf[],
  index: number,
): CommitmentProof | undefined {
  const leaf = leaves[index];
  if (leaf === undefined) return undefined;
  const hashes = leaves.map((each) => leafHash(primitives, each));
  const path: Uint8Array[] = [];
  for (let from = 0, to = hashes.length; to - from > 1; ) {
    const middle = from + leftCount(to - from);
    if (index < middle) {
      path.unshift(merkleRoot(primitives, hashes, middle, to));
      to = middle;
    } else {
      path.unshift(merkleRoot(primitives, hashes, from, middle));
      from = middle;
    }
  }
  return { leaf, index, count: leaves.length, path, previous };
}

/** Whether the proof's put is among those of `expected`, the commitment of a signed head. */
export function checkCommitment(
  primitives: Primitives,
  proof: CommitmentProof,
  expected: Uint8Array,
): boolean {
  const { put, salt } = proof.leaf;
  // Else the end of a salt could be shown as the beginning of a put.
  if (salt.length !== saltBytes || !putBytes.includes(put.length)) return false;
  const sides = sidesUpwards(proof.index, proof.count);
  if (sides?.length !== proof.path.length) return false;
  let root = leafHash(primitives, proof.leaf);
  for (const [level, sibling] of proof.path.entries()) {
    root =
      sides[level] === "left"
        ? nodeHash(primitives, root, sibling)
        : nodeHash(primitives, sibling, root);
  }
  return equalBytes(primitives.sha256(concatBytes(proof.previous, root)), expected);
}

/** On which side of each node, from the leaf upwards, the leaf at `index` stands. */
function sidesUpwards(index: number, count: number): ("left" | "right")[] | undefined {
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return undefined;
  const sides: ("left" | "right")[] = [];
  for (let from = 0, to = count; to - from > 1; ) {
    const middle = from + leftCount(to - from);
    if (index < middle) {
      sides.unshift("left");
      to = middle;
    } else {
      sides.unshift("right");
      from = middle;
    }
  }
  return sides;
}
