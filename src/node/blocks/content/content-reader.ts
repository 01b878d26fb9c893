import { LRUCache } from "lru-cache";
import type { Primitives } from "../../crypto/primitives.ts";
import { decodeRecordLink, type EncodedRecordLink, type Link, type RecordLink } from "../link.ts";
import { recordAt } from "../pack.ts";
import type { BlockGetter } from "../ports.ts";
import {
  chunkBytes,
  decodeRecord,
  indexDepth,
  indexFanout,
  type VersionRecord,
} from "../record.ts";
import { type BlockKind, openBlock } from "../seal.ts";
import {
  checkChunk,
  linkCount,
  linksOfIndex,
  nameOpened,
  openRecordBlock,
  recordKind,
} from "./open-content.ts";

/** What reading content takes: no key, since a link is the right to read. */
export interface ContentPorts {
  readonly primitives: Primitives;
  readonly blocks: BlockGetter;
}

/** Bytes of opened records and chunks that are held in memory. */
const cacheBytes = 8 * 1024 * 1024;

/** Chunks that a long read asks the store for ahead of the one that it opens. */
const chunksAhead = 4;

/** Reads records and content, holding what was opened last. */
export class ContentReader {
  readonly #ports: ContentPorts;
  /** Of a pack its records, of any other block its payload. */
  readonly #opened = new LRUCache<string, readonly Uint8Array[]>({
    maxSize: cacheBytes,
    sizeCalculation: (value) => value.reduce((sum, { length }) => sum + length, 1),
  });

  constructor(ports: ContentPorts) {
    this.#ports = ports;
  }

  /** The version record behind an encoded link. @throws not-found, damaged, newer */
  async record(encoded: EncodedRecordLink): Promise<VersionRecord> {
    return decodeRecord(await this.recordPayload(decodeRecordLink(encoded)));
  }

  /** Holds the payload of a record that was sealed alone, as if it had been read. */
  remember(link: RecordLink, payload: Uint8Array): void {
    this.#opened.set(nameOpened(link, "record"), [payload]);
  }

  /** Whether a record is held and would not have to be read. */
  remembers(link: RecordLink): boolean {
    return this.#opened.has(nameOpened(link, recordKind(link)));
  }

  /** The payload of a record. @throws not-found, damaged, newer */
  async recordPayload(link: RecordLink): Promise<Uint8Array> {
    const { primitives } = this.#ports;
    const records = await this.#open(link, recordKind(link), (sealed) =>
      openRecordBlock(primitives, link, sealed),
    );
    return recordAt(records, link.place ?? 0);
  }

  /**
   * The bytes of a version from `offset`, at most `length` of them: fewer only at its end. Reads
   * just the chunks that they lie in.
   * @throws not-found, damaged, newer
   */
  async read(record: VersionRecord, offset: number, length: number): Promise<Uint8Array> {
    const { size, content } = record;
    const start = Math.min(offset, size);
    const end = Math.min(size, start + length);
    if (content instanceof Uint8Array) return content.slice(start, end);
    const bytes = new Uint8Array(end - start);
    const last = Math.ceil(end / chunkBytes);
    const ahead: Promise<Uint8Array>[] = [];
    let next = Math.floor(start / chunkBytes);
    for (let at = start; at < end; ) {
      for (; next < last && ahead.length <= chunksAhead; next++) {
        const coming = this.chunk(record, next);
        coming.catch(() => undefined); // whoever awaits it gets it
        ahead.push(coming);
      }
      const index = Math.floor(at / chunkBytes);
      const chunk = (await ahead.shift()) as Uint8Array;
      const within = at - index * chunkBytes;
      const piece = chunk.subarray(within, Math.min(chunk.length, within + end - at));
      bytes.set(piece, at - start);
      at += piece.length;
    }
    return bytes;
  }

  /** One whole chunk, of {@link chunkBytes} unless it is the last. */
  async chunk(record: VersionRecord, index: number): Promise<Uint8Array> {
    const [link] = await this.chunkLinks(record, index, 1);
    const chunk = await this.#payload(link as Link, "content");
    checkChunk(chunk, Math.min(chunkBytes, record.size - index * chunkBytes));
    return chunk;
  }

  /** The links of some chunks that follow one another, all of which the record has. */
  async chunkLinks(record: VersionRecord, first: number, count: number): Promise<Link[]> {
    const found: Link[] = [];
    while (found.length < count) {
      found.push(...(await this.#linksFrom(record, first + found.length, count - found.length)));
    }
    return found;
  }

  /**
   * The link of a chunk and those that follow it in the same block of the index, at most `most`:
   * one computed step down for each level. FORMAT §8.2.
   */
  async #linksFrom(record: VersionRecord, index: number, most: number): Promise<Link[]> {
    let depth = indexDepth(record.size);
    const top = record.content as readonly Link[];
    if (depth === 0) return top.slice(index, index + most);
    let { size } = record;
    let within = index;
    let at = Math.floor(within / indexFanout ** depth);
    for (let link = top[at] as Link; ; ) {
      const span = indexFanout ** depth;
      within -= at * span;
      size = Math.min(span * chunkBytes, size - at * span * chunkBytes);
      depth--;
      const payload = await this.#payload(link, "index");
      at = Math.floor(within / indexFanout ** depth);
      const count = linkCount(size, depth);
      if (depth === 0) return linksOfIndex(payload, count, at, at + most);
      [link] = linksOfIndex(payload, count, at, at + 1) as [Link];
    }
  }

  /** The payload of a block that holds nothing else. */
  async #payload(link: Link, kind: BlockKind): Promise<Uint8Array> {
    const { primitives } = this.#ports;
    const [payload] = await this.#open(link, kind, (sealed) => [
      openBlock(primitives, link, kind, sealed),
    ]);
    return payload as Uint8Array;
  }

  async #open(
    link: Link,
    kind: BlockKind,
    open: (sealed: Uint8Array) => readonly Uint8Array[],
  ): Promise<readonly Uint8Array[]> {
    const name = nameOpened(link, kind);
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const sealed = await this.#ports.blocks.get(link.id);
    const value = open(sealed);
    this.#opened.set(name, value);
    return value;
  }
}
