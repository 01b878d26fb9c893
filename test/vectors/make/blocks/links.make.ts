import { concatBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { showCid } from "../../../../src/node/core/cid.ts";
import { asBlockId } from "../../../../src/node/core/ids.ts";
import {
  type BlockKey,
  decodeRecordLink,
  encodeRecordLink,
  type RecordLink,
  sameRecord,
} from "../../../../src/node/blocks/link.ts";
import { about, codeOf, hashOf } from "../common.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const id = asBlockId(hashOf("id of a block"));
const key = hashOf("key of a block") as BlockKey;
const link: RecordLink = { suite: 1, id, key };

/** Links, and bytes that are none. */
export function makeLinks(): VectorValue {
  const links: [string, RecordLink][] = [
    ["to a block", link],
    ["to the first record of a pack", { ...link, place: 0 }],
    ["to a later record of a pack", { ...link, place: 258 }],
    ["to the last record that a pack may have", { ...link, place: 65_535 }],
  ];
  const bytes = encodeRecordLink(link);
  const refused: [string, Uint8Array][] = [
    ["nothing", new Uint8Array(0)],
    ["a byte is missing", bytes.subarray(0, 64)],
    ["half a place", concatBytes(bytes, Uint8Array.of(0))],
    ["a byte follows the place", concatBytes(bytes, Uint8Array.of(0, 0, 0))],
    ["suite 0", concatBytes(Uint8Array.of(0), bytes.subarray(1))],
    ["a later suite", concatBytes(Uint8Array.of(2), bytes.subarray(1))],
    ["a later suite, with a place", concatBytes(Uint8Array.of(9), bytes.subarray(1), id.subarray(0, 2))],
  ];
  const elsewhere: RecordLink = { ...link, id: asBlockId(hashOf("id of another block")) };
  const same: [RecordLink, RecordLink][] = [
    [link, link],
    [{ ...link, place: 3 }, { ...link, place: 3 }],
    [link, { ...link, place: 0 }],
    [{ ...link, place: 3 }, { ...link, place: 4 }],
    [link, elsewhere],
    [{ ...link, place: 3 }, { ...elsewhere, place: 3 }],
  ];
  return {
    about: about("§7, links", [
      "`refused`: read as a link to a version record. `same`: whether two lead to one record.",
    ]),
    links: links.map(([name, one]) => ({
      name,
      suite: one.suite,
      id: toHex(one.id),
      cid: showCid(one.id),
      key: toHex(one.key),
      ...(one.place === undefined ? {} : { place: one.place }),
      bytes: toHex(encodeRecordLink(one)),
    })),
    refused: refused.map(([name, wrong]) => ({
      name,
      bytes: toHex(wrong),
      code: codeOf(() => decodeRecordLink(wrong)),
    })),
    same: same.map(([one, other]) => ({
      one: toHex(encodeRecordLink(one)),
      other: toHex(encodeRecordLink(other)),
      same: sameRecord(one, other),
    })),
  };
}
