import { concatBytes, toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { type BlockKind, blockKinds, openBlock, sealBlock } from "../../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../../src/node/platform/primitives.ts";
import {
  type ReferenceBlock,
  referencePadded,
  referencePlaintext,
  referenceSeal,
} from "../../../blocks/reference-seal.ts";
import {
  about,
  type BytesSpec,
  bytesOf,
  codeOf,
  contentKey,
  countingBytes,
  keyFields,
  ruleNotes,
  showLink,
} from "../common.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Longer ones are given by their length and id alone. */
const shownBytes = 700;

/** zstd frames as some encoder made them: another one may make others. */
const frames = {
  fives: "28b52ffd60e8024d00001005050100e32b8005",
  words: "28b52ffd608001bd0000807468652073616d6520776f7264732c200100da4c3597",
  zeros: "28b52ffda0000004005400001000000100fbff39c00203001000",
  few: "28b52ffd6001004d000010000001007c0a6001",
  aByteMore: "28b52ffda0010004005400001000000100fbff39c0020200100009000000",
  most: "28b52ffda0000008005400001000000100fbff39c002020010000200100003001000",
  tooMuch: "28b52ffd8048010008005400001000000100fbff39c00202001000020010000200100009000000",
  // By hand, RFC 8878 §3.1.1: a window of 8 MiB, no size of content, one block of five bytes as they are.
  widest: "28b52ffd006829000068656c6c6f",
  tooWide: "28b52ffd007029000068656c6c6f",
  dictionary: "28b52ffd01680729000068656c6c6f",
  skippable: "502a4d1805000000010203040528b52ffd006829000068656c6c6f",
};

const hello = toHex(toUtf8("Hello, drive."));

const cases: [string, BlockKind, BytesSpec, string?][] = [
  ["nothing", "record", ""],
  ["one byte", "content", "2a"],
  ...(Object.keys(blockKinds) as BlockKind[]).map(
    (kind): [string, BlockKind, BytesSpec] => [`the same bytes as ${kind}`, kind, hello],
  ),
  ["the longest body that is padded to 256 bytes", "content", { counting: 255 }],
  ["256 bytes, which are left alone", "content", { zeros: 256 }],
  ["257 bytes, compressed", "content", { zeros: 257 }, frames.few],
  ["257 bytes that nothing makes smaller", "content", { counting: 257 }],
  ["of a kind that is padded alike", "state", { counting: 321 }],
  ["of a kind that is never compressed", "state", { zeros: 1000 }],
  ["a full chunk that nothing makes smaller", "content", { digests: 262_144 }],
  ["the largest payload that nothing makes smaller", "pack", { digests: 524_288 }],
  ["the largest payload, compressed", "pack", { zeros: 524_288 }, frames.most],
  ["fives, compressed", "content", toHex(new Uint8Array(1000).fill(5)), frames.fives],
  ["words, compressed", "pack", toHex(toUtf8("the same words, ".repeat(40))), frames.words],
  ["a chunk of zeros, compressed", "content", { zeros: 262_144 }, frames.zeros],
];

function makeSealed([name, kind, payload, frame]: (typeof cases)[number]): VectorValue {
  const primitives =
    frame === undefined ? nodePrimitives : { ...nodePrimitives, zstdCompress: () => bytesOf(frame) };
  const codec = frame === undefined ? 0 : 1;
  const { link, block } = sealBlock(primitives, contentKey, kind, bytesOf(payload), true);
  const plaintext = referencePlaintext(codec, bytesOf(frame ?? payload));
  const isShown = block.bytes.length <= shownBytes;
  return {
    name,
    kind,
    kindNumber: blockKinds[kind],
    codec,
    payload,
    ...(frame === undefined ? {} : { frame }),
    ...(isShown ? { plaintext: toHex(plaintext) } : {}),
    paddedBytes: plaintext.length,
    key: toHex(link.key),
    ...showLink(link),
    blockBytes: block.bytes.length,
    ...(isShown ? { block: toHex(block.bytes) } : {}),
  };
}

function spoilt(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = byte;
  return copy;
}

/** Codec, length, body and zeros, as a rule. */
function plaintextOf(codec: number, body: BytesSpec): BytesSpec {
  const { length } = bytesOf(body);
  const head = Buffer.alloc(5);
  head.writeUInt8(codec);
  head.writeUInt32BE(length, 1);
  return [head.toString("hex"), body, { zeros: referencePadded(length) - length }];
}

/** Blocks that are given by their plaintext. */
function makePlain(list: readonly [string, BlockKind, BytesSpec][]): Record<string, VectorValue>[] {
  return list.map(([name, kind, plaintext]) => {
    const { link, bytes } = referenceSeal(contentKey, blockKinds[kind], bytesOf(plaintext));
    return { name, kind, ...showLink(link), plaintext, blockBytes: bytes.length };
  });
}

/** A frame of so many empty blocks, by hand. */
const emptyBlocks = (times: number): BytesSpec => [
  "28b52ffd0000",
  { repeat: "000000", times },
  "010000",
];

const read: [string, BlockKind, BytesSpec, BytesSpec][] = [
  ["a frame that says no size, with a window of 8 MiB", "content", plaintextOf(1, frames.widest), toHex(toUtf8("hello"))],
  ["compressed to no use", "record", plaintextOf(1, frames.words), toHex(toUtf8("the same words, ".repeat(40)))],
  ["a chunk of zeros that was not compressed", "content", plaintextOf(0, { zeros: 262_144 }), { zeros: 262_144 }],
  ["a frame of 300,000 empty blocks", "record", plaintextOf(1, emptyBlocks(300_000)), ""],
];

const refusedPlaintexts: [string, BlockKind, BytesSpec][] = [
  ["its plaintext is empty", "record", ""],
  ["its plaintext has 4 bytes", "record", "00000000"],
  ["its codec is 2, before a good frame", "content", plaintextOf(2, frames.fives)],
  ["it is compressed, and its kind is not: index", "index", plaintextOf(1, frames.fives)],
  ["it is compressed, and its kind is not: map node", "mapNode", plaintextOf(1, frames.fives)],
  ["it is compressed, and its kind is not: state", "state", plaintextOf(1, frames.fives)],
  ["it is compressed, and its kind is not: revision", "revision", plaintextOf(1, frames.fives)],
  ["it has a byte more than a chunk", "content", plaintextOf(0, { zeros: 262_145 })],
  ["it opens to a byte more than a chunk", "content", plaintextOf(1, frames.aByteMore)],
  ["it has a byte more than a payload may have", "pack", plaintextOf(0, { zeros: 524_289 })],
  ["it opens to a byte more than a payload may have", "pack", plaintextOf(1, frames.tooMuch)],
  ["its frame has a window of 16 MiB", "content", plaintextOf(1, frames.tooWide)],
  ["its frame needs a dictionary", "content", plaintextOf(1, frames.dictionary)],
  ["a frame that is skipped stands before its frame", "content", plaintextOf(1, frames.skippable)],
  ["it has more than 1,048,576 bytes", "record", plaintextOf(1, emptyBlocks(349_600))],
];

function makeRefused(): VectorValue[] {
  const seal = (plaintext: Uint8Array, kind: BlockKind = "record"): ReferenceBlock =>
    referenceSeal(contentKey, blockKinds[kind], plaintext);
  const good = seal(referencePlaintext(0, countingBytes(40)));
  const other = seal(referencePlaintext(0, countingBytes(41)));
  const padded = referencePlaintext(0, countingBytes(508));
  const fives = bytesOf(frames.fives);
  const damaged = (bytes: Uint8Array): ReferenceBlock => ({ link: good.link, bytes });
  const list: [string, ReferenceBlock, BlockKind?][] = [
    ["its last byte is missing", damaged(good.bytes.subarray(0, -1))],
    ["nothing is there but a commitment", damaged(good.bytes.subarray(0, 32))],
    ["a byte follows it", damaged(concatBytes(good.bytes, Uint8Array.of(0)))],
    ["a bit of the commitment is flipped", damaged(spoilt(good.bytes, 0, (good.bytes[0] ?? 0) ^ 1))],
    ["a bit of the ciphertext is flipped", damaged(spoilt(good.bytes, 40, (good.bytes[40] ?? 0) ^ 128))],
    ["another block stands in its place", damaged(other.bytes)],
    ["it is of another kind", good, "pack"],
    ["the key is another's", { link: { ...good.link, key: other.link.key }, bytes: good.bytes }],
    ["its codec is 2", seal(referencePlaintext(2, countingBytes(40)))],
    ["its padding is not zero", seal(spoilt(padded, padded.length - 1, 1))],
    ["its padding is longer than it may be", seal(concatBytes(padded, new Uint8Array(32)))],
    ["its padding is shorter than it may be", seal(padded.subarray(0, -1))],
    ["its length says more than there is", seal(spoilt(padded, 3, 3))],
    ["its frame is cut off", seal(referencePlaintext(1, fives.subarray(0, -1)), "content"), "content"],
    ["a byte follows its frame", seal(referencePlaintext(1, concatBytes(fives, Uint8Array.of(0))))],
    ["it holds two frames", seal(referencePlaintext(1, concatBytes(fives, fives)))],
  ];
  const codeOfBlock = (kind: BlockKind, { link, bytes }: ReferenceBlock): string =>
    codeOf(() => openBlock(nodePrimitives, link, kind, bytes));
  const plain = makePlain(refusedPlaintexts).map((shown, i): VectorValue => {
    const [, kind, plaintext] = refusedPlaintexts[i] as (typeof refusedPlaintexts)[number];
    return { ...shown, code: codeOfBlock(kind, seal(bytesOf(plaintext), kind)) };
  });
  const given = list.map(([name, sealed, kind = "record"]) => ({
    name,
    kind,
    ...showLink(sealed.link),
    block: toHex(sealed.bytes),
    code: codeOfBlock(kind, sealed),
  }));
  return [...given, ...plain];
}

/** Sealed blocks, and blocks that must not open. */
export function makeBlocks(): VectorValue {
  return {
    about: about("§6, sealed blocks", [
      ...ruleNotes,
      "A block longer than 700 bytes is given by its CID. `frame` is the body of a compressed one.",
      "`read`: what no writer makes and a reader opens, given by `plaintext` and sealed as it is.",
      "`refused`: opening `block`, or `plaintext` sealed as it is, by `link` as `kind` fails; its",
      "hash was not checked before.",
    ]),
    ...keyFields,
    sealed: cases.map(makeSealed),
    read: makePlain(read.map(([name, kind, plaintext]) => [name, kind, plaintext])).map(
      (shown, i): VectorValue => ({ ...shown, payload: read[i]?.[3] ?? "" }),
    ),
    refused: makeRefused(),
    padding: [0, 1, 255, 256, 257, 320, 321, 448, 449, 511, 512, 513, 1000, 4096, 4097, 65_537, 262_144, 262_145, 524_288].map(
      (length) => ({ length, padded: referencePadded(length) }),
    ),
  };
}
