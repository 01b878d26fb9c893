import { equalBytes, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { encodeRecordLink, type Link, type RecordLink } from "../../src/node/blocks/link.ts";
import { decodePack, encodePack, PackWriter } from "../../src/node/blocks/pack.ts";
import { encodeRecord } from "../../src/node/blocks/record.ts";
import { sealBlock } from "../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { about, boundaryKey, codeOf, contentKey, countingBytes, keyFields, showLink } from "./common.make.ts";
import type { VectorValue } from "./vector-file.ts";

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

/** Packs, how records are gathered into them, and payloads that are no packs. */
export function makePacks(): VectorValue {
  const small = ["first", "second", "third"].map((word, i) =>
    encodeRecord({ size: word.length, mtime: i, mode: 0o644, content: toUtf8(word) }),
  );
  const { links } = packRun(small);
  const refused: [string, Uint8Array][] = [
    ["nothing is in it", encodeCanonical([])],
    ["one record is in it", encodeCanonical([small[0] as Uint8Array])],
    ["text is in it", encodeCanonical([small[0] as Uint8Array, "text"])],
    ["it is no list", encodeCanonical({})],
    ["it is cut off", encodePack(small).subarray(0, -1)],
  ];
  const run = Array.from({ length: recordsInRun }, (_, i) => recordOfRun(i));
  return {
    about: about("§6.3, packs", [
      "Nothing is compressed. Record i of the run, from 0 to 399, is [1, n, i, 0644, n counting",
      "bytes] with n = (37 i) mod 900; `packs` tells into which blocks they are gathered, in order.",
    ]),
    ...keyFields,
    pack: {
      records: small.map(toHex),
      payload: toHex(encodePack(small)),
      ...showLink(links[0] as RecordLink),
      recordLinks: links.map((link) => toHex(encodeRecordLink(link))),
    },
    run: { count: recordsInRun, packs: packRun(run).sealed },
    refused: refused.map(([name, payload]) => ({
      name,
      payload: toHex(payload),
      code: codeOf(() => decodePack(payload)),
    })),
  };
}
