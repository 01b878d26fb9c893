import { closeSync, openSync, writevSync } from "node:fs";
import { chunksOf } from "../../blocks/content/seal-content.ts";
import type { Link } from "../../blocks/link.ts";
import type { SealedBlock } from "../../blocks/ports.ts";
import { type BlockKind, sealBlock } from "../../blocks/seal.ts";
import { concatBytes } from "../../core/bytes.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import { aesGcmSealInto, nodePrimitives, sealedBytes } from "../../platform/primitives.ts";
import { beat } from "../../platform/thread-watch.ts";
import type { HeldBlocks, Rooms, SealedBlocks, SealKeys } from "./seal-jobs.ts";
import { Slabs } from "./slabs.ts";

/** Longer blocks are written by this process: shorter ones lie in the store's database. */
const largeBytes = 16 * 1024;
/** So few bytes of long blocks are handed over too. */
const maxHandedBytes = 64 * 1024;
/** How many buffers one system call takes: IOV_MAX is 1,024. */
const maxBuffers = 512;

/** Seals blocks and holds them, until they are handed over or written. */
export class BlockBasket {
  readonly #keys: Pick<SealKeys, "contentKey" | "compresses">;
  readonly #slabs = new Slabs();
  readonly #primitives: Primitives = {
    ...nodePrimitives,
    aesGcmSeal: (key, nonce, plaintext, associated, head = new Uint8Array(0)) => {
      const target = this.#slabs.take(sealedBytes(plaintext.length, head.length));
      aesGcmSealInto(target, key, nonce, plaintext, associated, head);
      return target;
    },
  };
  #small: SealedBlock[] = [];
  #large: SealedBlock[] = [];
  #largeBytes = 0;

  constructor(keys: Pick<SealKeys, "contentKey" | "compresses">) {
    this.#keys = keys;
  }

  /** Seals one block. @returns its link. */
  seal(kind: BlockKind, payload: Uint8Array): Link {
    beat();
    const { contentKey, compresses } = this.#keys;
    const { link, block } = sealBlock(this.#primitives, contentKey, kind, payload, compresses);
    if (block.bytes.length <= largeBytes) this.#small.push(block);
    else {
      this.#large.push(block);
      this.#largeBytes += block.bytes.length;
    }
    return link;
  }

  /** What this process is to write by itself, if that is worth asking for room. */
  held(): HeldBlocks | undefined {
    if (this.#largeBytes <= maxHandedBytes) return undefined;
    return {
      ids: concatBytes(...this.#large.map(({ id }) => id)),
      lengths: Uint32Array.from(this.#large, ({ bytes }) => bytes.length),
    };
  }

  /** Writes what is wanted of the blocks that are held. @throws what the system says */
  write({ wanted, rooms }: Rooms): void {
    const parts = Array.from(wanted, (i) => (this.#large[i] as SealedBlock).bytes);
    this.#large = [];
    for (const { path, offset, blocks } of rooms) {
      const file = openSync(path, "r+");
      try {
        writeParts(file, parts.splice(0, blocks), offset);
      } finally {
        closeSync(file);
      }
    }
  }

  /** Hands over what was not written, as one copy. */
  take(): SealedBlocks {
    const blocks = [...this.#small, ...this.#large];
    const taken = {
      ids: concatBytes(...blocks.map(({ id }) => id)),
      lengths: Uint32Array.from(blocks, ({ bytes }) => bytes.length),
      bytes: concatBytes(...blocks.map(({ bytes }) => bytes)),
    };
    this.release();
    return taken;
  }

  /** Lets go of all blocks, and of their memory. */
  release(): void {
    this.#small = [];
    this.#large = [];
    this.#slabs.release();
  }
}

/** Seals the chunks of content, at most 1,024 of them. @returns their links, in order. */
export function sealChunks(basket: BlockBasket, bytes: Uint8Array): Link[] {
  return Array.from(chunksOf(bytes), (chunk) => basket.seal("content", chunk));
}

/** Writes all parts one after the other, also where the system takes less. */
function writeParts(file: number, parts: readonly Uint8Array[], offset: number): void {
  let rest = [...parts];
  let position = offset;
  while (rest.length > 0) {
    let written = writevSync(file, rest.slice(0, maxBuffers), position);
    if (written === 0) throw new Error("the system wrote nothing");
    position += written;
    let whole = 0;
    for (; whole < rest.length && written >= (rest[whole] as Uint8Array).length; whole++) {
      written -= (rest[whole] as Uint8Array).length;
    }
    rest = rest.slice(whole);
    if (written > 0) rest[0] = (rest[0] as Uint8Array).subarray(written);
  }
}
