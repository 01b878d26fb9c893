import { concatBytes, toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { encodeLink, type Link } from "../../../../src/node/blocks/link.ts";
import {
  chunkBytes,
  decodeRecord,
  encodeLinks,
  encodeRecord,
  indexFanout,
  maxInlineBytes,
  type VersionRecord,
} from "../../../../src/node/blocks/record.ts";
import { type BlockKind, sealBlock } from "../../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../../src/node/platform/primitives.ts";
import {
  about,
  type BytesSpec,
  bytesOf,
  codeOf,
  contentKey,
  countingBytes,
  keyFields,
  showLink,
} from "../common.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const seal = (kind: BlockKind, payload: Uint8Array): Link =>
  sealBlock(nodePrimitives, contentKey, kind, payload, false).link;

/** The content of a record as it is encoded. */
export function contentBytes({ content }: VersionRecord): Uint8Array {
  return content instanceof Uint8Array ? content : encodeLinks(content);
}

function makeRecords(): VectorValue[] {
  const list: [string, VersionRecord][] = [
    ["an empty file", { size: 0, mtime: 0, mode: 0o644, content: new Uint8Array(0) }],
    [
      "a small file",
      { size: 13, mtime: 1_700_000_000_123_456, mode: 0o755, content: toUtf8("Hello, drive.") },
    ],
    ["a folder before 1970", { size: 0, mtime: -1, mode: 0o1777, content: new Uint8Array(0) }],
    ["a symbolic link", { size: 9, mtime: 1, mode: 0o777, content: toUtf8("../target") }],
    [
      "times at their ends",
      { size: 0, mtime: Number.MIN_SAFE_INTEGER, mode: 0o7777, content: new Uint8Array(0) },
    ],
    ["the last time", { size: 0, mtime: Number.MAX_SAFE_INTEGER, mode: 0, content: new Uint8Array(0) }],
    ["as much content as a record holds", { size: 4096, mtime: 0, mode: 0o644, content: countingBytes(4096) }],
    [
      "the largest file: four blocks of an index, which isn't made here",
      { size: 2 ** 50, mtime: 0, mode: 0o644, content: Array.from({ length: 4 }, () => seal("index", new Uint8Array(65))) },
    ],
  ];
  return list.map(([name, record]) => ({
    name,
    size: record.size,
    mtime: record.mtime,
    mode: record.mode,
    content: toHex(contentBytes(record)),
    payload: toHex(encodeRecord(record)),
    ...showLink(seal("record", encodeRecord(record))),
  }));
}

/** Seals a file chunk by chunk, nothing compressed; equal chunks are sealed once. */
function makeFile(name: string, content: BytesSpec, size: number): VectorValue {
  const bytes = typeof content === "object" && "zeros" in content ? undefined : bytesOf(content);
  const sealed = new Map<string, Link>();
  const chunkAt = (offset: number): Link => {
    const length = Math.min(chunkBytes, size - offset);
    const known = bytes === undefined ? length.toString() : offset.toString();
    const chunk = (): Uint8Array =>
      bytes?.subarray(offset, offset + length) ?? new Uint8Array(length);
    const link = sealed.get(known) ?? seal("content", chunk());
    sealed.set(known, link);
    return link;
  };
  let links: Link[] = [];
  if (size > maxInlineBytes) {
    for (let offset = 0; offset < size; offset += chunkBytes) links.push(chunkAt(offset));
  }
  const counts = new Map<string, { link: Link; times: number }>();
  for (const link of links) {
    const { cid } = showLink(link);
    counts.set(cid, { link, times: (counts.get(cid)?.times ?? 0) + 1 });
  }
  const chunks = [...counts.values()].map(({ link, times }) => ({ ...showLink(link), times }));
  const index: VectorValue[] = [];
  while (links.length > indexFanout) {
    const above: Link[] = [];
    for (let at = 0; at < links.length; at += indexFanout) {
      const group = links.slice(at, at + indexFanout);
      const link = seal("index", encodeLinks(group));
      index.push({ ...showLink(link), links: group.length });
      above.push(link);
    }
    links = above;
  }
  const inline = size <= maxInlineBytes ? bytesOf(content) : links;
  const payload = encodeRecord({ size, mtime: 7, mode: 0o644, content: inline });
  return { name, content, size, chunks, index, ...showLink(seal("record", payload)) };
}

function makeRefused(): VectorValue[] {
  const two = new Uint8Array(2);
  const link = encodeLink(seal("content", new Uint8Array(1)));
  const list: [string, Uint8Array][] = [
    ["it is longer than its size says", encodeCanonical([1, 1, 0, 0, two])],
    ["it is shorter than its size says", encodeCanonical([1, 3, 0, 0, two])],
    ["a link too many", encodeCanonical([1, 4097, 0, 0, concatBytes(link, link)])],
    ["half a link", encodeCanonical([1, 4097, 0, 0, link.subarray(0, 30)])],
    ["a size beyond 2^50", encodeCanonical([1, 2 ** 50 + 1, 0, 0, concatBytes(link, link, link, link, link)])],
    ["a size below 0", encodeCanonical([1, -1, 0, 0, new Uint8Array(0)])],
    ["a size in text", encodeCanonical([1, "2", 0, 0, two])],
    ["a mode beyond 7777", encodeCanonical([1, 2, 0, 0o10000, two])],
    ["a mode below 0", encodeCanonical([1, 2, 0, -1, two])],
    ["a mode in text", encodeCanonical([1, 2, 0, "4", two])],
    ["a time in text", encodeCanonical([1, 2, "7", 0, two])],
    ["a time of null", encodeCanonical([1, 2, null, 0, two])],
    ["4,097 bytes in the record", encodeCanonical([1, 4097, 0, 0, countingBytes(4097)])],
    ["a link for 4,096 bytes", encodeCanonical([1, 4096, 0, 0, link])],
    ["a list for content", encodeCanonical([1, 1, 0, 0, [1]])],
    ["null", encodeCanonical(null)],
    ["bytes that count as a record would", encodeCanonical(Uint8Array.of(1, 0, 0, 0, 0))],
    ["text", encodeCanonical("12345")],
    ["a map", encodeCanonical({})],
    ["nothing in the list", encodeCanonical([])],
    ["a version in text", encodeCanonical(["1", 2, 0, 0, two])],
    ["a later version in text", encodeCanonical(["2", 2, 0, 0, two])],
    ["a version below 0", encodeCanonical([-1, 2, 0, 0, two])],
    ["a field too many", encodeCanonical([1, 2, 0, 0, two, 0])],
    ["a field too few", encodeCanonical([1, 2, 0, 0])],
    ["text for content", encodeCanonical([1, 2, 0, 0, "ab"])],
    ["version 0", encodeCanonical([0, 2, 0, 0, two])],
    ["a later version", encodeCanonical([2, "whatever it holds then"])],
    ["a link of a later suite", encodeCanonical([1, 4097, 0, 0, link.map((b, i) => (i === 0 ? 2 : b))])],
    ["a number longer than it needs to be", Uint8Array.of(0x85, 1, 0x18, 2, 0, 0, 0x42, 0, 0)],
    ["a byte follows", concatBytes(encodeCanonical([1, 2, 0, 0, two]), Uint8Array.of(0))],
    ["a list of indefinite length", Uint8Array.of(0x9f, 1, 2, 0, 0, 0x42, 0, 0, 0xff)],
  ];
  return list.map(([name, payload]) => ({
    name,
    payload: toHex(payload),
    code: codeOf(() => decodeRecord(payload)),
  }));
}

/** Version records, files cut into chunks, and payloads that are no records. */
export function makeRecordVectors(): VectorValue {
  return {
    about: about("§8.1 and §8.2, version records, chunks and index", [
      "Nothing is compressed. A file's record has mtime 7 and mode 0644.",
      "`chunks`: different ones in the order in which they first stand, each so many `times`.",
      "`index`: the blocks of the index from the chunks up.",
    ]),
    ...keyFields,
    records: makeRecords(),
    files: [
      makeFile("empty", "", 0),
      makeFile("the largest that stands in its record", { counting: 4096 }, 4096),
      makeFile("the smallest that does not", { counting: 4097 }, 4097),
      makeFile("one full chunk", { counting: 262_144 }, 262_144),
      makeFile("a byte more", { counting: 262_145 }, 262_145),
      makeFile("three chunks", { counting: 600_000 }, 600_000),
      makeFile("the largest without an index", { zeros: 268_435_456 }, 268_435_456),
      makeFile("the smallest with an index", { zeros: 268_435_457 }, 268_435_457),
    ],
    refused: makeRefused(),
  };
}
