import { toBinaryString } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { decodeRecordLink, encodeLink, type Link, type RecordLink } from "../link.ts";
import { decodePack, recordAt } from "../pack.ts";
import type { BlockPutter } from "../ports.ts";
import {
  chunkBytes,
  chunkCount,
  decodeLinks,
  decodeRecord,
  indexDepth,
  indexFanout,
  type VersionRecord,
} from "../record.ts";
import { type BlockKind, openBlock } from "../seal.ts";
import { type SealWriter, sealInto } from "../seal-into.ts";
import type { MapReader } from "../sealed-map.ts";
import { ChunkIndex } from "./chunk-index.ts";

/** Content that is sealed and not yet anybody's. */
export interface SealedContent {
  readonly size: number;
  readonly content: VersionRecord["content"];
}

/** Seals content of more than {@link maxInlineBytes} that is at hand. */
export function sealContent(
  writer: SealWriter,
  putter: BlockPutter,
  bytes: Uint8Array,
): SealedContent {
  const seal = (kind: BlockKind, payload: Uint8Array): Uint8Array =>
    encodeLink(sealInto(writer, putter, kind, payload));
  const index = new ChunkIndex((payload) => seal("index", payload));
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    index.add(seal("content", bytes.subarray(at, at + chunkBytes)));
  }
  return { size: bytes.length, content: index.end() };
}

/** Bytes of opened records and chunks that are held in memory. */
const cacheBytes = 8 * 1024 * 1024;

/** Chunks that a long read asks the store for ahead of the one that it opens. */
const chunksAhead = 4;

/** Reads records and content, holding what was opened last. */
export class ContentReader {
  readonly #reader: MapReader;
  readonly #opened = new Map<string, { value: readonly Uint8Array[]; bytes: number }>();
  #held = 0;

  constructor(reader: MapReader) {
    this.#reader = reader;
  }

  /** The version record behind an encoded link. @throws not-found, damaged, newer */
  async record(encoded: Uint8Array): Promise<VersionRecord> {
    return decodeRecord(await this.recordPayload(decodeRecordLink(encoded)));
  }

  /** Holds the payload of a record that was sealed alone, as if it had been read. */
  remember(link: RecordLink, payload: Uint8Array): void {
    this.#hold(toBinaryString(link.id), [payload], payload.length);
  }

  /** The payload of a record. @throws not-found, damaged, newer */
  async recordPayload(link: RecordLink): Promise<Uint8Array> {
    const { place } = link;
    const decode = place === undefined ? (payload: Uint8Array) => [payload] : decodePack;
    const records = await this.#open(link, place === undefined ? "record" : "pack", decode);
    return recordAt(records, place ?? 0);
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
    const [chunk] = await this.#open(link as Link, "content", (payload) => [payload]);
    const expected = Math.min(chunkBytes, record.size - index * chunkBytes);
    if (chunk?.length !== expected) {
      throw new CloudError("damaged", "a content block does not have the length its place needs");
    }
    return chunk;
  }

  /** The links of some chunks that follow one another, all of which the record has. */
  async chunkLinks(record: VersionRecord, first: number, count: number): Promise<Link[]> {
    const found: Link[] = [];
    while (found.length < count) {
      const { links, within } = await this.#linksAround(record, first + found.length);
      found.push(...links.slice(within, within + count - found.length));
    }
    return found;
  }

  /** The links among which that of a chunk is, one computed step down for each level of the index. */
  async #linksAround(
    record: VersionRecord,
    index: number,
  ): Promise<{ links: readonly Link[]; within: number }> {
    let links = record.content as readonly Link[];
    let within = index;
    let size = record.size;
    for (let depth = indexDepth(record.size); depth > 0; depth--) {
      const span = indexFanout ** depth;
      const at = Math.floor(within / span);
      const below = Math.min(span * chunkBytes, size - at * span * chunkBytes);
      const count = Math.ceil(chunkCount(below) / indexFanout ** (depth - 1));
      const [payload] = await this.#open(links[at] as Link, "index", (bytes) => [bytes]);
      links = decodeLinks(payload as Uint8Array, count, "a block of an index");
      within -= at * span;
      size = below;
    }
    return { links, within };
  }

  async #open(
    link: Link,
    kind: BlockKind,
    decode: (payload: Uint8Array) => readonly Uint8Array[],
  ): Promise<readonly Uint8Array[]> {
    const name = toBinaryString(link.id);
    const known = this.#opened.get(name);
    if (known !== undefined) {
      this.#opened.delete(name);
      this.#opened.set(name, known);
      return known.value;
    }
    const bytes = await this.#reader.blocks.get(link.id);
    const payload = openBlock(this.#reader.primitives, link, kind, bytes);
    const value = decode(payload);
    this.#hold(name, value, payload.length);
    return value;
  }

  #hold(name: string, value: readonly Uint8Array[], bytes: number): void {
    // Another read may have brought it meanwhile.
    this.#held += bytes - (this.#opened.get(name)?.bytes ?? 0);
    this.#opened.set(name, { value, bytes });
    for (const [oldest, { bytes: freed }] of this.#opened) {
      if (this.#held <= cacheBytes) break;
      this.#opened.delete(oldest);
      this.#held -= freed;
    }
  }
}
