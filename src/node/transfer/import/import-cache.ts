import type { CborValue } from "../../blocks/cbor.ts";
import { asRecordLink, type EncodedRecordLink } from "../../blocks/link.ts";
import type { MapRoot } from "../../blocks/sealed-map.ts";
import { asBytes, asInteger, asList, asText, asTuple, asVersioned } from "../../blocks/shape.ts";
import { concatBytes, equalBytes, toHex, toUtf8 } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { asEntryId, type EntryId, shortIdBytes } from "../../core/ids.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import { decodeRoot, encodeRoot } from "../../tree/state.ts";
import { LocalRows } from "../local-rows.ts";

/** One thing as an import left it, on the disk and in the drive. */
export interface CachedItem {
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly inode: number;
  readonly id: EntryId;
  /** To the record that the drive showed. */
  readonly link: EncodedRecordLink;
}

/** What is remembered of one folder. */
export interface CachedFolder {
  /** In the drive. */
  readonly id: EntryId;
  /** What is remembered under a name. Names must be asked for in the order of the walk. */
  find(name: string): CachedItem | undefined;
}

/** Some things of one folder, sorted by name. */
export interface CachedPart {
  /** Below the source, names joined by slashes. */
  readonly below: string;
  /** The folder in the drive. */
  readonly folder: EntryId;
  readonly items: readonly CachedItem[];
}

/** What one import remembers, as the list of all of them has it. */
interface CacheEntry {
  readonly name: Uint8Array;
  /** 0 or 1: the next import writes the other. */
  readonly generation: number;
  readonly pieces: number;
  /** Root of the drive's tree at which it holds. */
  readonly tree: MapRoot;
}

const cacheVersion = 1;
const nameBytes = 16;
const numbersBytes = 32;
/** Bytes of one sealed row, about. */
const pieceBytes = 256 * 1024;
/** Things in one part at most, so that rows stay small. */
const partItems = 1000;
/** Of millions of things; each is looked for that is counted, also where none is there. */
const maxPieces = 16_384;
/** Pairs of source and destination that are remembered. */
const maxRemembered = 8;
const listRow = "imports";
const what = "what is remembered of an import";
const nothing = new Uint8Array(0);

function rowName(name: Uint8Array, generation: number, piece: number): string {
  return `import/${toHex(name)}/${generation.toString()}/${piece.toString()}`;
}

/** The rows of imports, and the list of them. */
class Rows extends LocalRows {
  /** The name under which one pair is remembered: no one reads a path from it. */
  nameOf(source: string, dest: string): Uint8Array {
    return this.hide(concatBytes(toUtf8(source), Uint8Array.of(0), toUtf8(dest))).slice(
      0,
      nameBytes,
    );
  }

  list(): CacheEntry[] {
    const value = this.read(listRow, what);
    if (value === undefined) return [];
    const [entries] = asVersioned(value, 2, what, cacheVersion);
    return asList(entries, what).map((entry) => {
      const [name, generation, pieces, tree] = asTuple(entry, 4, what);
      return {
        name: asBytes(name, what, nameBytes),
        generation: asInteger(generation, what, 0, 1),
        pieces: asInteger(pieces, what, 0, maxPieces),
        tree: decodeRoot(tree, what),
      };
    });
  }

  async writeList(entries: readonly CacheEntry[], remove: readonly string[]): Promise<void> {
    const list = entries.map(
      ({ name, generation, pieces, tree }): CborValue => [
        name,
        generation,
        pieces,
        encodeRoot(tree),
      ],
    );
    await this.write(listRow, [cacheVersion, list], remove);
  }
}

/**
 * What the imports of one source into one destination remember: each thing's state on the disk and
 * the record that the drive showed for it, so that what is unchanged need not be read again. It lies
 * in the store, sealed. Nothing depends on it: what is missing or damaged is read anew.
 */
export class ImportCache {
  readonly #rows: Rows;
  readonly #name: Uint8Array;
  readonly #entry: CacheEntry | undefined;
  #readPieces = 0;
  /** What was read and not passed yet, and the next item in the first part of it. */
  #ahead: CachedPart[] = [];
  #nextItem = 0;
  // The next generation.
  #written = 0;
  #parts: CborValue[] = [];
  #partsBytes = 0;

  /** @param source - the folder's real path. @param dest - the drive's path. */
  constructor(space: OpenSpace, source: string, dest: string) {
    this.#rows = new Rows(space);
    this.#name = this.#rows.nameOf(source, dest);
    this.#entry = this.#list().find(({ name }) => equalBytes(name, this.#name));
  }

  /** Whether anything is remembered. */
  get isThere(): boolean {
    return this.#entry !== undefined;
  }

  /** Root of the drive's tree at which the links held. */
  get tree(): MapRoot {
    return this.#entry?.tree;
  }

  /** What is remembered of a folder. Folders must be asked for in the order of the walk. */
  folder(below: string): CachedFolder | undefined {
    for (let part = this.#peek(); part !== undefined; part = this.#peek()) {
      if (part.below === below) {
        return { id: part.folder, find: (name) => this.#find(below, name) };
      }
      if (walkKey(part.below) > walkKey(below)) return undefined;
      this.#pass();
    }
    return undefined;
  }

  /** Adds to what the next import will remember, in the order of the walk. */
  async add({ below, folder, items }: CachedPart): Promise<void> {
    for (let at = 0; at < items.length; at += partItems) {
      const encoded = encodePart({ below, folder, items: items.slice(at, at + partItems) });
      this.#parts.push(encoded.value);
      this.#partsBytes += encoded.bytes;
      if (this.#partsBytes >= pieceBytes) await this.#flush();
    }
  }

  /** Adds all that is remembered of what comes before something in the walk. */
  async keepBefore(below: string, name: string): Promise<void> {
    const end = walkKey(below);
    for (const part of this.#remembered()) {
      const key = walkKey(part.below);
      const items = key < end ? part.items : part.items.filter((item) => item.name < name);
      if (key <= end && items.length > 0) await this.add({ ...part, items });
      if (key > end || items.length < part.items.length) return;
    }
  }

  /** Makes what was added count, and forgets what the import before remembered. */
  async finish(tree: MapRoot): Promise<void> {
    if (this.#parts.length > 0) await this.#flush();
    const generation = this.#generation();
    const stale: string[] = [];
    // Of an import that was interrupted.
    for (let at = this.#written; this.#rows.has(this.#row(generation, at)); at++) {
      stale.push(this.#row(generation, at));
    }
    for (let at = 0; at < (this.#entry?.pieces ?? 0); at++) {
      stale.push(this.#row(1 - generation, at));
    }
    await this.#put({ name: this.#name, generation, pieces: this.#written, tree }, stale);
  }

  /** Says that all that was remembered holds at another root too. */
  async confirm(tree: MapRoot): Promise<void> {
    if (this.#entry !== undefined) await this.#put({ ...this.#entry, tree }, []);
  }

  async #put(entry: CacheEntry, stale: readonly string[]): Promise<void> {
    const others = this.#list().filter(({ name }) => !equalBytes(name, this.#name));
    const forgotten = others
      .splice(maxRemembered - 1)
      .flatMap(({ name, generation, pieces }) =>
        Array.from({ length: pieces }, (_, at) => rowName(name, generation, at)),
      );
    await this.#rows.writeList([entry, ...others], [...stale, ...forgotten]);
  }

  #list(): CacheEntry[] {
    try {
      return this.#rows.list();
    } catch (error) {
      if (isCloudError(error, "damaged", "newer")) return [];
      throw error;
    }
  }

  #generation(): number {
    return this.#entry === undefined ? 0 : 1 - this.#entry.generation;
  }

  #row(generation: number, piece: number): string {
    return rowName(this.#name, generation, piece);
  }

  async #flush(): Promise<void> {
    const parts = this.#parts;
    this.#parts = [];
    this.#partsBytes = 0;
    const row = this.#row(this.#generation(), this.#written++);
    await this.#rows.write(row, [cacheVersion, parts]);
  }

  #find(below: string, name: string): CachedItem | undefined {
    for (let part = this.#peek(); part?.below === below; part = this.#peek()) {
      for (; this.#nextItem < part.items.length; this.#nextItem++) {
        const item = part.items[this.#nextItem] as CachedItem;
        if (item.name < name) continue;
        return item.name === name ? item : undefined;
      }
      this.#pass();
    }
    return undefined;
  }

  #peek(): CachedPart | undefined {
    while (this.#ahead.length === 0) {
      if (this.#readPieces >= (this.#entry?.pieces ?? 0)) return undefined;
      this.#ahead = this.#readPiece(this.#readPieces++);
    }
    return this.#ahead[0];
  }

  #pass(): void {
    this.#ahead.shift();
    this.#nextItem = 0;
  }

  *#remembered(): Generator<CachedPart> {
    for (let at = 0; at < (this.#entry?.pieces ?? 0); at++) yield* this.#readPiece(at);
  }

  #readPiece(at: number): CachedPart[] {
    try {
      const row = this.#row(this.#entry?.generation ?? 0, at);
      const value = this.#rows.read(row, what);
      if (value === undefined) return [];
      const [parts] = asVersioned(value, 2, what, cacheVersion);
      return asList(parts, what).map(decodePart);
    } catch (error) {
      if (isCloudError(error, "damaged", "newer")) return [];
      throw error;
    }
  }
}

/** Sorts as the walk goes: a folder before what is in it, and its contents by name. */
function walkKey(below: string): string {
  return below.replaceAll("/", "\0");
}

function encodePart({ below, folder, items }: CachedPart): { value: CborValue; bytes: number } {
  const numbers = new Uint8Array(items.length * numbersBytes);
  const view = new DataView(numbers.buffer);
  let bytes = below.length;
  items.forEach(({ name, size, mtimeMs, ctimeMs, inode, link }, i) => {
    [size, mtimeMs, ctimeMs, inode].forEach((number, j) => {
      view.setFloat64(i * numbersBytes + j * 8, number);
    });
    bytes += numbersBytes + shortIdBytes + name.length + link.length;
  });
  const names = items.map(({ name }) => name);
  const ids = concatBytes(...items.map(({ id }) => id));
  const links = items.map(({ link }) => link);
  return { value: [below, folder, names, numbers, ids, links], bytes };
}

function decodePart(value: CborValue): CachedPart {
  const [below, folder, nameList, numberBytes, idBytes, linkList] = asTuple(value, 6, what);
  const names = asList(nameList, what).map((name) => asText(name, what));
  const numbers = asBytes(numberBytes, what, names.length * numbersBytes);
  const ids = asBytes(idBytes, what, names.length * shortIdBytes);
  const links = asList(linkList, what);
  const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.length);
  return {
    below: asText(below, what),
    folder: asEntryId(asBytes(folder, what)),
    items: names.map((name, i) => ({
      name,
      size: view.getFloat64(i * numbersBytes),
      mtimeMs: view.getFloat64(i * numbersBytes + 8),
      ctimeMs: view.getFloat64(i * numbersBytes + 16),
      inode: view.getFloat64(i * numbersBytes + 24),
      id: asEntryId(ids.subarray(i * shortIdBytes, (i + 1) * shortIdBytes)),
      link: asRecordLink(asBytes(links[i] ?? nothing, what), what),
    })),
  };
}
