import { hash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import {
  asBlockId,
  asSpaceId,
  asWriterId,
  type SpaceId,
  type WriterId,
} from "../../src/node/core/ids.ts";
import type { HeadCommit, StoredHead } from "../../src/node/store/store.ts";

/** Numbers from 0 (included) to 1 that are the same in every run: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Bytes that are the same in every run. */
export function seededBytes(seed: number, length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed * 0x9e3779b1 + 1) >>> 0 || 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** A block as a store takes it; its bytes are noise, as ciphertext is. */
export function blockOf(bytes: Uint8Array): SealedBlock {
  return { id: asBlockId(new Uint8Array(hash("sha256", bytes, "buffer"))), bytes };
}

/** The block number `seed`, of `length` bytes. */
export function seededBlock(seed: number, length: number): SealedBlock {
  return blockOf(seededBytes(seed, length));
}

export function writerNumber(number: number): WriterId {
  return asWriterId(new Uint8Array(16).fill(number));
}

export function spaceNumber(number: number): SpaceId {
  return asSpaceId(new Uint8Array(32).fill(number));
}

/** A head whose bytes are one byte, as the store keeps it: of space 7 and writer 1 unless told. */
export function headNumber(seq: number, of: Partial<StoredHead> = {}): StoredHead {
  const [space, writer] = [spaceNumber(7), writerNumber(1)];
  return { space, writer, seq, bytes: Uint8Array.of(seq), ...of };
}

/** The same to be committed, with nothing kept below it. */
export function onlyHead(seq: number, of: Partial<StoredHead> = {}): HeadCommit {
  return { ...headNumber(seq, of), keepFrom: seq };
}

/** Runs `work` with a folder of its own, which is gone afterwards. */
export async function inTemporaryFolder<Result>(
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-store-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
