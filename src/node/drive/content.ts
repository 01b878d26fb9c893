import { decodeRecordLink, type Link, type RecordLink } from "../blocks/link.ts";
import type { MapWriter } from "../blocks/map-draft.ts";
import { decodePack, recordAt } from "../blocks/pack.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import {
  chunkBytes,
  chunkCount,
  decodeLinks,
  decodeRecord,
  encodeIndex,
  indexDepth,
  indexFanout,
  maxFileBytes,
  maxInlineBytes,
  type VersionRecord,
} from "../blocks/record.ts";
import { type BlockKind, openBlock, sealBlock } from "../blocks/seal.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";

/** Content that is sealed and not yet anybody's. */
export interface SealedContent {
  readonly size: number;
  readonly content: VersionRecord["content"];
}

type SealWriter = Pick<MapWriter, "primitives" | "contentKey">;

/** Seals one block of some kind into a putter. @returns its link. */
export function sealInto(
  writer: SealWriter,
  putter: BlockPutter,
  kind: BlockKind,
  payload: Uint8Array,
): Link {
  const compress = kind !== "index";
  const { link, block } = sealBlock(writer.primitives, writer.contentKey, kind, payload, compress);
  putter.put(block);
  return link;
}

/** The content of a file whose chunks are sealed: the links of its record, an index above many. */
export function gatherChunks(
  writer: SealWriter,
  putter: BlockPutter,
  size: number,
  chunks: readonly Link[],
): SealedContent {
  let links = chunks;
  for (let depth = indexDepth(size); depth > 0; depth--) {
    const above: Link[] = [];
    for (let at = 0; at < links.length; at += indexFanout) {
      const payload = encodeIndex(links.slice(at, at + indexFanout));
      above.push(sealInto(writer, putter, "index", payload));
    }
    links = above;
  }
  return { size, content: links };
}

/** Takes plain content in pieces of any size and seals it chunk by chunk, in constant memory. */
export class ContentWriter {
  readonly #writer: SealWriter;
  readonly #putter: BlockPutter;
  readonly #chunks: Link[] = [];
  #open = new Uint8Array(chunkBytes);
  #filled = 0;
  #size = 0;

  constructor(writer: SealWriter, putter: BlockPutter) {
    this.#writer = writer;
    this.#putter = putter;
  }

  /** @throws usage, if the file grows beyond 2^50 bytes */
  write(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > maxFileBytes) {
      throw new CloudError("usage", "the file is larger than the 1 PiB that a file may have");
    }
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, chunkBytes - this.#filled);
      this.#open.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === chunkBytes) this.#sealOpen();
    }
  }

  /** Seals what is left. @returns the content. */
  end(): SealedContent {
    if (this.#size <= maxInlineBytes) {
      return { size: this.#size, content: this.#open.slice(0, this.#filled) };
    }
    if (this.#filled > 0) this.#sealOpen();
    return gatherChunks(this.#writer, this.#putter, this.#size, this.#chunks);
  }

  #sealOpen(): void {
    const chunk = this.#open.subarray(0, this.#filled);
    this.#chunks.push(sealInto(this.#writer, this.#putter, "content", chunk));
    this.#filled = 0;
  }
}

/** Seals content that is at hand. */
export function sealContent(
  writer: SealWriter,
  putter: BlockPutter,
  bytes: Uint8Array,
): SealedContent {
  const content = new ContentWriter(writer, putter);
  content.write(bytes);
  return content.end();
}

/** Bytes of opened records and chunks that are held in memory. */
const cacheBytes = 16 * 1024 * 1024;

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
    for (let at = start; at < end; ) {
      const index = Math.floor(at / chunkBytes);
      const chunk = await this.chunk(record, index);
      const within = at - index * chunkBytes;
      const piece = chunk.subarray(within, Math.min(chunk.length, within + end - at));
      bytes.set(piece, at - start);
      at += piece.length;
    }
    return bytes;
  }

  /** One whole chunk, of {@link chunkBytes} unless it is the last. */
  async chunk(record: VersionRecord, index: number): Promise<Uint8Array> {
    const link = await this.chunkLink(record, index);
    const [chunk] = await this.#open(link, "content", (payload) => [payload]);
    const expected = Math.min(chunkBytes, record.size - index * chunkBytes);
    if (chunk?.length !== expected) {
      throw new CloudError("damaged", "a content block does not have the length its place needs");
    }
    return chunk;
  }

  /** The link of a chunk, one computed step down for each level of the index. */
  async chunkLink(record: VersionRecord, index: number): Promise<Link> {
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
    return links[within] as Link;
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
    this.#opened.set(name, { value, bytes: payload.length });
    this.#held += payload.length;
    for (const [oldest, { bytes: freed }] of this.#opened) {
      if (this.#held <= cacheBytes) break;
      this.#opened.delete(oldest);
      this.#held -= freed;
    }
    return value;
  }
}
