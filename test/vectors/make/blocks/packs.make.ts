import { equalBytes, toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { encodeRecordLink, type Link, type RecordLink } from "../../../../src/node/blocks/link.ts";
import { decodePack, encodePack, PackWriter } from "../../../../src/node/blocks/pack.ts";
import { encodeRecord } from "../../../../src/node/blocks/record.ts";
import { sealBlock } from "../../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../../src/node/platform/primitives.ts";
import { about, boundaryKey, type BytesSpec, bytesOf, codeOf, ruleNotes, contentKey, countingBytes, keyFields, showLink } from "../common.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Record i of the run that is cut into packs. */
export function recordOfRun(i: number): Uint8Array {
  const content = countingBytes((i * 37) % 900);
  return encodeRecord({ size: content.length, mtime: i, mode: 0o644, content });
}

/** How many records the run has. */
export const recordsInRun = 400;

interface Packed {
  readonly links: readonly RecordLink[];
  readonly sealed: readonly VectorValue[];
}

function packRun(records: readonly Uint8Array[]): Packed {
  const links: RecordLink[] = [];
  const sealed: { kind: string; link: Link }[] = [];
  const writer = new PackWriter(nodePrimitives, boundaryKey, (kind, payload): Link => {
    const { link } = sealBlock(nodePrimitives, contentKey, kind, payload, false);
    sealed.push({ kind, link });
    return link;
  });
  records.forEach((record, i) => {
    writer.add(record, (link) => {
      links[i] = link;
    });
  });
  writer.close();
  const counted = sealed.map(({ kind, link }) => {
    const inIt = links.filter(({ id }) => equalBytes(id, link.id));
    return { kind, ...showLink(link), records: inIt.length };
  });
  return { links, sealed: counted };
}

/** The first of some like records that is, or is not, the last of a pack by its hash. */
function sized(length: number, isBoundary: boolean): BytesSpec {
  for (let i = 0; ; i++) {
    const spec = [i.toString(16).padStart(4, "0"), { counting: length - 2 }];
    const hash = nodePrimitives.hmacSha256(boundaryKey, bytesOf(spec));
    if (((hash[31] as number) % 32 === 0) === isBoundary) return spec;
  }
}

const inside = (length: number): BytesSpec => sized(length, false);
const last = (length: number): BytesSpec => sized(length, true);

const edges: [string, BytesSpec[]][] = [
  ["a record of 16,384 bytes is packed", [inside(100), inside(16_384), inside(200)]],
  ["one of 16,385 is not, and leaves the run as it is", [inside(100), inside(16_385), inside(200)]],
  [
    "a run has 65,536 bytes at most",
    [inside(16_384), inside(16_384), inside(16_384), inside(16_382), inside(2), inside(3), inside(4)],
  ],
  [
    "a record that would bring it to 65,537 begins the next",
    [inside(16_384), inside(16_384), inside(16_384), inside(16_383), inside(2), inside(3)],
  ],
  ["a run of 16,384 bytes is closed by its last record", [inside(10_000), last(6384), inside(50), inside(60)]],
  ["one of 16,383 is not", [inside(10_000), last(6383), inside(50), inside(60)]],
];

/** Packs, how records are gathered into them, and payloads that are no packs. */
export function makePacks(): VectorValue {
  const small = ["first", "second", "third"].map((word, i) =>
    encodeRecord({ size: word.length, mtime: i, mode: 0o644, content: toUtf8(word) }),
  );
  const { links } = packRun(small);
  const refused: [string, BytesSpec][] = [
    ["nothing is in it", toHex(encodeCanonical([]))],
    ["one record is in it", toHex(encodeCanonical([small[0] as Uint8Array]))],
    ["65,537 records are in it", ["9a00010001", { repeat: "40", times: 65_537 }]],
    ["text is in it", toHex(encodeCanonical([small[0] as Uint8Array, "text"]))],
    ["it is a map", toHex(encodeCanonical({}))],
    ["it is bytes", toHex(encodeCanonical(Uint8Array.of(1, 2, 3)))],
    ["it is cut off", toHex(encodePack(small).subarray(0, -1))],
  ];
  const run = Array.from({ length: recordsInRun }, (_, i) => recordOfRun(i));
  return {
    about: about("§8.3, packs", [
      ...ruleNotes,
      "Nothing is compressed. Record i of the run, from 0 to 399, is [1, n, i, 0644, n counting",
      "bytes] with n = (37 i) mod 900; `packs` tells into which blocks they are gathered, in order.",
      "In `runs` bytes stand for records, whatever they are. `read`: payloads of so many records.",
    ]),
    ...keyFields,
    pack: {
      records: small.map(toHex),
      payload: toHex(encodePack(small)),
      ...showLink(links[0] as RecordLink),
      recordLinks: links.map((link) => toHex(encodeRecordLink(link))),
    },
    run: { count: recordsInRun, packs: packRun(run).sealed },
    runs: edges.map(([name, records]) => ({
      name,
      records,
      packs: packRun(records.map(bytesOf)).sealed,
    })),
    read: [
      { name: "two records", payload: ["82", "4107", "420809"], count: 2 },
      { name: "65,536 records", payload: ["9a00010000", { repeat: "40", times: 65_536 }], count: 65_536 },
    ],
    refused: refused.map(([name, payload]) => ({
      name,
      payload,
      code: codeOf(() => decodePack(bytesOf(payload))),
    })),
  };
}
