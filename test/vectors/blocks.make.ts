import { concatBytes, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { type BlockKind, blockKinds, openBlock, sealBlock } from "../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import {
  type ReferenceBlock,
  referencePadme,
  referencePlaintext,
  referenceSeal,
} from "../blocks/reference-seal.ts";
import {
  about,
  type BytesSpec,
  bytesOf,
  codeOf,
  contentKey,
  countingBytes,
  keyFields,
  showLink,
} from "./common.make.ts";
import type { VectorValue } from "./vector-file.ts";

/** Longer ones are given by their length and id alone. */
const shownBytes = 700;

/** zstd frames as some encoder made them: another one may make others. */
const frames = {
  fives: "28b52ffd60e8024d00001005050100e32b8005",
  words: "28b52ffd608001bd0000807468652073616d6520776f7264732c200100da4c3597",
  zeros: "28b52ffda0000004005400001000000100fbff39c00203001000",
};

const hello = toHex(toUtf8("Hello, drive."));

const cases: [string, BlockKind, BytesSpec, string?][] = [
  ["nothing", "record", ""],
  ["one byte", "content", "2a"],
  ...(Object.keys(blockKinds) as BlockKind[]).map(
    (kind): [string, BlockKind, BytesSpec] => [`the same bytes as ${kind}`, kind, hello],
  ),
  ["the last length before padding leaves one byte free", "content", { counting: 122 }],
  ["one byte of padding", "content", { counting: 124 }],
  ["an even length that needs padding", "state", { counting: 508 }],
  ["a full chunk", "content", { counting: 262_144 }],
  ["the largest payload", "pack", { counting: 524_288 }],
  ["fives, compressed", "content", toHex(new Uint8Array(1000).fill(5)), frames.fives],
  ["words, compressed", "pack", toHex(toUtf8("the same words, ".repeat(40))), frames.words],
  ["a chunk of zeros, compressed", "content", { zeros: 262_144 }, frames.zeros],
];

function makeSealed([name, kind, payload, frame]: (typeof cases)[number]): VectorValue {
  const primitives =
    frame === undefined ? nodePrimitives : { ...nodePrimitives, zstdCompress: () => bytesOf(frame) };
  const compress = frame !== undefined;
  const { link, block } = sealBlock(primitives, contentKey, kind, bytesOf(payload), compress);
  const plaintext = referencePlaintext(compress ? 1 : 0, bytesOf(frame ?? payload));
  const isShown = block.bytes.length <= shownBytes;
  return {
    name,
    kind,
    kindNumber: blockKinds[kind],
    codec: compress ? 1 : 0,
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
    [
      "its frame opens to 600,000 bytes",
      seal(
        referencePlaintext(
          1,
          bytesOf("28b52ffda0c02709005400001000000100fbff39c002020010000200100002001000033e0900"),
        ),
      ),
    ],
  ];
  return list.map(([name, { link, bytes }, kind = "record"]) => ({
    name,
    kind,
    ...showLink(link),
    block: toHex(bytes),
    code: codeOf(() => openBlock(nodePrimitives, link, kind, bytes)),
  }));
}

/** Sealed blocks, and blocks that must not open. */
export function makeBlocks(): VectorValue {
  return {
    about: about("§4, sealed blocks", [
      "A block longer than 700 bytes is given by its CID. `frame` is the body of a compressed one.",
      "`refused`: opening `block` by `link` as `kind` fails; its hash was not checked before.",
    ]),
    ...keyFields,
    sealed: cases.map(makeSealed),
    refused: makeRefused(),
    padding: [5, 8, 9, 15, 127, 128, 129, 1000, 4096, 4097, 65_537, 262_149, 524_293].map(
      (length) => ({ length, padded: referencePadme(length) }),
    ),
  };
}
