import { lstatSync, mkdirSync, rmdirSync } from "node:fs";
import { toHex } from "../../core/bytes.ts";
import { suffixed } from "../../tree/listed-name.ts";
import type { Listed } from "../../tree/lookup.ts";

const shortDigits = 8;

/** What remains of a name where letters' case and normal form count for nothing. */
function fold(name: string): string {
  return name.normalize("NFC").toLowerCase().normalize("NFC");
}

/** Whether a folder of the disk takes two names that differ only in case or normal form for one. */
export function takesAlikeForOne(folder: string): boolean {
  const stem = `${folder}/.ipcloud-${Math.random().toString(36).slice(2, 12)}-`;
  const name = `${stem}\u00e9a`;
  try {
    mkdirSync(name);
  } catch {
    return false; // what is written will say it
  }
  const alike = [`${stem}\u00e9A`, `${stem}e\u0301a`].some(
    (other) => lstatSync(other, { throwIfNoEntry: false }) !== undefined,
  );
  rmdirSync(name);
  return alike;
}

/** What a name comes to on the disk. */
interface DiskName {
  readonly target: string;
  /** What is to be told of it: another name that differs only in case or normal form. */
  readonly clash?: string;
}

/**
 * Finds names on the disk for what one folder lists. Of names that differ only in case or normal form
 * the later ones are told; where the disk takes them for one they get a suffix, so that all are kept.
 *
 * Invariant: of a name nothing is kept but 32 bits, unless another has the same.
 */
export class DiskNames {
  /** Of all names as they are folded, sorted. */
  readonly #hashes: Uint32Array;
  /** Those that several names have; now and then it means nothing. */
  readonly #shared: ReadonlySet<number>;
  readonly #alikeIsOne: boolean;
  /** By their folded form, those that came and whose hash is shared, and those with a suffix. */
  readonly #taken = new Map<string, string>();

  private constructor(hashes: Uint32Array, shared: ReadonlySet<number>, alikeIsOne: boolean) {
    this.#hashes = hashes;
    this.#shared = shared;
    this.#alikeIsOne = alikeIsOne;
  }

  /**
   * Looks through the names that {@link place} will be asked for.
   * @param alike - asks, only if it matters, whether the folder takes such names for one.
   */
  static async of(
    listed: AsyncIterable<Listed> | Iterable<Listed>,
    alike: () => Promise<boolean>,
  ): Promise<DiskNames> {
    const found: number[] = [];
    for await (const { name } of listed) found.push(hashOf(fold(name)));
    const hashes = Uint32Array.from(found).sort();
    const shared = new Set(hashes.filter((hash, i) => i > 0 && hash === hashes[i - 1]));
    return new DiskNames(hashes, shared, shared.size > 0 && (await alike()));
  }

  /** The name of each thing on the disk, asked for once, in the order of the list. */
  place({ name, entry }: Listed): DiskName {
    const folded = fold(name);
    const first = this.#taken.get(folded);
    if (first === undefined) {
      if (this.#shared.has(hashOf(folded))) this.#taken.set(folded, name);
      return { target: name };
    }
    const differs = `differs from ${JSON.stringify(first)} only in case or normal form`;
    if (!this.#alikeIsOne) {
      const clash = `${differs}: both were written, and other systems may take them for one`;
      return { target: name, clash };
    }
    const target = this.#freeName(name, toHex(entry.id));
    this.#taken.set(fold(target), target);
    const clash = `${differs}, which this disk takes for one: it was written as ${JSON.stringify(target)}`;
    return { target, clash };
  }

  #freeName(name: string, id: string): string {
    let { text } = suffixed(name, id.slice(0, shortDigits));
    if (this.#isFree(text)) return text;
    ({ text } = suffixed(name, id));
    for (let count = 2; !this.#isFree(text); count++) {
      ({ text } = suffixed(name, `${id}~${count.toString()}`));
    }
    return text;
  }

  /** Whether nothing has a name, and nothing will; now and then it has not. */
  #isFree(name: string): boolean {
    const folded = fold(name);
    return !this.#taken.has(folded) && !includes(this.#hashes, hashOf(folded));
  }
}

/** 32 bits of a name (FNV-1a over its UTF-16): it decides only what is looked at closely. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Whether a sorted list has a number. */
function includes(sorted: Uint32Array, wanted: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
