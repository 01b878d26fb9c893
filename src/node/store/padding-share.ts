import type { StatementSync } from "node:sqlite";
import { keptBits, paddedLength } from "../blocks/padding.ts";
import { chunkBytes } from "../blocks/record.ts";
import { sealedOverheadBytes } from "../blocks/seal.ts";
import type { BlockIndex } from "./block-index.ts";
import type { Database } from "./database.ts";
import { integerOf } from "./row-values.ts";

/** So many blocks are looked at. */
const samples = 256;

/** What part of all blocks' bytes is padding, about, told by the lengths of some of them. */
export class PaddingShare {
  readonly #index: BlockIndex;
  readonly #last: StatementSync;
  readonly #from: StatementSync;
  #seen: { readonly version: number; readonly share: number } | undefined;

  constructor(database: Database, index: BlockIndex) {
    this.#index = index;
    this.#last = database.prepare("SELECT coalesce(max(id), 0) AS id FROM block");
    this.#from = database.prepare("SELECT length FROM block WHERE id >= ? ORDER BY id LIMIT 1");
  }

  /** From 0 to 1; 0 if the table can't be read, which whoever checks the store is told. */
  get share(): number {
    const { version } = this.#index;
    if (this.#seen?.version === version) return this.#seen.share;
    let share = 0;
    try {
      share = this.#measure();
    } catch {
      // A figure that is about right is no reason to fail.
    }
    this.#seen = { version, share };
    return share;
  }

  #measure(): number {
    const last = integerOf(this.#last.get(), "id");
    const step = Math.max(1, last / samples);
    let bytes = 0;
    let padding = 0;
    for (let at = 1; at <= last; at += step) {
      const length = integerOf(this.#from.get(Math.ceil(at)), "length");
      bytes += length;
      padding += likelyPadding(length - sealedOverheadBytes);
    }
    return bytes === 0 ? 0 : padding / bytes;
  }
}

/**
 * How much of a padded body is padding, as it is on the average of all that have that length. More
 * nobody can say who can't open it: what padding there is in truth is what it hides.
 * @param padded - in bytes; of another length than bodies have there is none.
 */
function likelyPadding(padded: number): number {
  // What doesn't compress fills a chunk to the end.
  if (paddedLength(padded) !== padded || padded === chunkBytes) return 0;
  if (padded === paddedLength(0)) return padded / 2;
  const unit = 2 ** (31 - Math.clz32(padded - 1) - keptBits);
  return unit / 2;
}
