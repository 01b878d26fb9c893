import type { BlockId } from "../core/ids.ts";

/** A block as it is stored and sent: its ciphertext under the SHA-256 of it. */
export interface SealedBlock {
  readonly id: BlockId;
  /** At most {@link maxBlockBytes}. Never changed or reused by whoever handed it over. */
  readonly bytes: Uint8Array;
}

/** The largest sealed block in bytes: what Bitswap peers accept is 2 MiB; we stay well below. */
export const maxBlockBytes = 1024 * 1024;

/** Where sealed blocks come from: a store, a peer, a CAR file. */
export interface BlockGetter {
  /**
   * The bytes of a block, checked against `id`.
   * @throws not-found, if nobody has it; damaged, if what is stored does not hash to `id`.
   */
  get(id: BlockId): Promise<Uint8Array>;
}

/** Where sealed blocks go. */
export interface BlockPutter {
  /** Takes a block in. Whether it is durable then is between the putter and its owner. */
  put(block: SealedBlock): void;
}
