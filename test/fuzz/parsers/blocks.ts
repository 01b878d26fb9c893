import { decodeCanonical, encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { partsOfIndex, partsOfRecord } from "../../../src/node/blocks/content/content-parts.ts";
import { openChunk, openRecordBlock } from "../../../src/node/blocks/content/open-content.ts";
import {
  asRecordLink,
  decodeLink,
  decodeRecordLink,
  encodeLink,
  encodeRecordLink,
} from "../../../src/node/blocks/link.ts";
import { childLink, decodeNode, encodeNode } from "../../../src/node/blocks/map-node.ts";
import { decodePack, encodePack } from "../../../src/node/blocks/pack.ts";
import { paddedLength } from "../../../src/node/blocks/padding.ts";
import {
  chunkBytes,
  decodeLinks,
  decodeRecord,
  encodeLinks,
  encodeRecord,
} from "../../../src/node/blocks/record.ts";
import {
  type BlockKind,
  blockKinds,
  maxPayloadBytes,
  openBlock,
} from "../../../src/node/blocks/seal.ts";
import { checkPlace } from "../../../src/node/blocks/sealed-map.ts";
import { concatBytes, toUtf8 } from "../../../src/node/core/bytes.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import { zstdByCalls, zstdCompress, zstdDecompress } from "../../../src/node/platform/zstd.ts";
import { measureZstdFrame } from "../../../src/node/platform/zstd-frame.ts";
import { referencePlaintext, referenceSeal, zstdFrame } from "../../blocks/reference-seal.ts";
import { bytesParser, Flaw, type Parser } from "../parser.ts";
import { vectorBytes } from "../vectors.ts";

const contentKey = new Uint8Array(32).fill(7);
const link = decodeLink(Uint8Array.from({ length: 65 }, (_, i) => (i === 0 ? 1 : i)));
const links = (count: number): Uint8Array =>
  concatBytes(...Array.from({ length: count }, () => encodeLink(link)));
/** Codec and length of the body. */
const headerBytes = 5;
const kindNames = Object.keys(blockKinds) as BlockKind[];
const words = toUtf8("the same words again, ".repeat(40));
const frames = [
  new Uint8Array(0),
  words,
  Uint8Array.from({ length: 700 }, (_, i) => (i * i) >> 3),
].map(zstdFrame);
const maxContent = 4096;
/** One frame in about so many is shown to zlib too. */
const zlibEvery = 8;
const isSame = (a: Uint8Array, b: Uint8Array | undefined): boolean =>
  b !== undefined && Buffer.compare(a, b) === 0;

/** Payloads as a tree's walk finds them: a node with each level and range that its place may have. */
const nodes = (): Uint8Array[] => [
  encodeNode({
    level: 0,
    keys: [Uint8Array.of(1), Uint8Array.of(2, 3)],
    values: [words, new Uint8Array(0)],
  }),
  encodeNode({
    level: 1,
    keys: [new Uint8Array(0), Uint8Array.of(9)],
    values: [links(1), links(1)],
  }),
  encodeNode({
    level: 0,
    keys: Array.from({ length: 40 }, (_, i) => Uint8Array.of(i + 1)),
    values: Array.from({ length: 40 }, () => links(1)),
  }),
  encodeNode({ level: 8, keys: [new Uint8Array(0)], values: [links(1)] }),
];

/** What sealed blocks are and hold. */
export const blockParsers: readonly Parser[] = [
  bytesParser("dag-cbor", {
    samples: () => vectorBytes("cbor", "records", "states", "revisions"),
    parse: (bytes) => ({ value: decodeCanonical(bytes, "the bytes") }),
    encode: ({ value }) => encodeCanonical(value),
  }),
  bytesParser("a link", {
    samples: () => vectorBytes("links"),
    parse: (bytes) => decodeLink(bytes),
    encode: encodeLink,
  }),
  bytesParser("a link to a version", {
    samples: () => vectorBytes("links", "packs"),
    parse: (bytes) => decodeRecordLink(bytes),
    encode: encodeRecordLink,
    check: (_, bytes) => {
      asRecordLink(bytes, "a link");
    },
  }),
  bytesParser("a version record", {
    samples: () => vectorBytes("records"),
    parse: decodeRecord,
    encode: encodeRecord,
    check: (record) => {
      const parts = partsOfRecord(record);
      const size = parts.reduce((sum, part) => sum + part.size, 0);
      if (parts.length > 0 && size !== record.size) throw new Flaw("parts of another size");
    },
  }),
  bytesParser("a block of an index", {
    samples: () => [1, 2, 5].map(links),
    parse: (bytes) => {
      const count = Math.max(1, Math.floor(bytes.length / 65));
      return partsOfIndex({ link, size: count * chunkBytes, depth: 1 }, bytes);
    },
    encode: (parts) => concatBytes(...parts.map((part) => encodeLink(part.link))),
  }),
  bytesParser("links one after the other", {
    samples: () => [1, 3].map(links),
    parse: (bytes) => decodeLinks(bytes, Math.floor(bytes.length / 65), "the links"),
    encode: encodeLinks,
  }),
  bytesParser("a pack in its block", {
    samples: () => vectorBytes("packs"),
    parse: (payload) => {
      const plaintext = referencePlaintext(0, payload);
      const sealed = referenceSeal(contentKey, blockKinds.pack, plaintext);
      return openRecordBlock(nodePrimitives, { ...sealed.link, place: 0 }, sealed.bytes);
    },
    encode: encodePack,
    share: 0.1,
  }),
  bytesParser("a node of a map", {
    samples: nodes,
    parse: (bytes) => decodeNode(bytes),
    encode: encodeNode,
  }),
  bytesParser("a node at its place", {
    samples: nodes,
    parse: (bytes) => {
      const node = decodeNode(bytes);
      const start = node.keys[0]?.length === 1 ? Uint8Array.of(1) : new Uint8Array(0);
      const placed = checkPlace({ link, level: node.level, start, end: Uint8Array.of(0xf0) }, node);
      if (node.level > 0) node.keys.forEach((_, i) => childLink(node, i));
      return placed;
    },
  }),
  bytesParser("a pack", {
    samples: () => vectorBytes("packs"),
    parse: decodePack,
    encode: encodePack,
  }),
  bytesParser("a sealed block", {
    samples: () =>
      kindNames.map(
        (kind) =>
          referenceSeal(contentKey, blockKinds[kind], referencePlaintext(0, toUtf8(kind))).bytes,
      ),
    parse: (bytes) => {
      const sealed = referenceSeal(
        contentKey,
        blockKinds.record,
        referencePlaintext(0, toUtf8("record")),
      );
      return openBlock(nodePrimitives, sealed.link, "record", bytes);
    },
    share: 0.3,
  }),
  bytesParser("what is sealed in a block", {
    samples: () => [
      ...frames.map((frame) => referencePlaintext(1, frame)),
      ...frames.map((frame) => referencePlaintext(0, frame)),
    ],
    // As its sealer pads it, or as it is.
    parse: (plaintext) => {
      const kind = kindNames[plaintext.length % kindNames.length] ?? "record";
      const whole = headerBytes + paddedLength(Math.max(0, plaintext.length - headerBytes));
      const padded = concatBytes(plaintext, new Uint8Array(whole - plaintext.length));
      const sealed = referenceSeal(contentKey, blockKinds[kind], padded);
      return openBlock(nodePrimitives, sealed.link, kind, sealed.bytes);
    },
    check: ({ length }) => {
      if (length > maxPayloadBytes) throw new Flaw("more than a block may hold");
    },
    share: 0.3,
  }),
  bytesParser("a chunk", {
    samples: () => [referencePlaintext(0, words.subarray(0, 100))],
    parse: (plaintext) => {
      const sealed = referenceSeal(
        contentKey,
        blockKinds.content,
        plaintext.length < 5 ? new Uint8Array(5) : plaintext,
      );
      return openChunk(nodePrimitives, sealed.link, sealed.bytes, 100);
    },
    share: 0.2,
  }),
  bytesParser("the size of a zstd frame", {
    samples: () => frames,
    parse: measureZstdFrame,
    check: ({ frameBytes }, bytes) => {
      if (frameBytes > bytes.length) throw new Flaw("a frame beyond its end");
    },
  }),
  bytesParser("a zstd frame", {
    samples: () => frames,
    parse: (bytes) => zstdDecompress(bytes, maxContent),
    check: (content, bytes) => {
      if (content.length > maxContent) throw new Flaw("more than asked for");
      // Each call of zlib's own leaves half a MB to the collector.
      if (
        bytes.length % zlibEvery === 0 &&
        !isSame(content, zstdByCalls.decompress(bytes, maxContent))
      ) {
        throw new Flaw("zlib says otherwise");
      }
      if (zstdDecompress(zstdCompress(content), maxContent)?.length !== content.length)
        throw new Flaw("lost");
    },
    share: 0.2,
  }),
];
