import { encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { type EncodedRecordLink, encodeRecordLink, type Link } from "../../src/node/blocks/link.ts";
import { encodePack } from "../../src/node/blocks/pack.ts";
import { maxBlockBytes, type SealedBlock } from "../../src/node/blocks/ports.ts";
import { encodeRecord } from "../../src/node/blocks/record.ts";
import { sealBlock } from "../../src/node/blocks/seal.ts";
import { concatBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import type { CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import { asEpochKey, epochKeys } from "../../src/node/crypto/derive.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import type { StoreBatch } from "../../src/node/store/store.ts";
import { blockOf, seededBytes } from "../store/blocks.ts";
import { nested, type Plant } from "./plant.ts";

/** A link that leads to what it should not. */
export interface Trap {
  readonly name: string;
  /** To the version of the file `/bad`. */
  readonly make: (plant: Plant, batch: StoreBatch, space: OpenSpace) => EncodedRecordLink;
  readonly code?: CloudErrorCode;
  readonly sentence: RegExp;
}

const record = (content: Uint8Array) =>
  encodeRecord({ size: content.length, mtime: 0, mode: 0o644, content });
const chunked = (plant: Plant, chunk: Link): EncodedRecordLink =>
  encodeRecordLink(
    plant("record", encodeRecord({ size: 100_000, mtime: 0, mode: 0o644, content: [chunk] })),
  );

/** Every way for the link of a file to lead to what it should not. */
export const linkTraps: readonly Trap[] = [
  {
    name: "of another kind",
    make: (plant) => encodeRecordLink(plant("content", record(toUtf8("x")))),
    sentence: /the record block bafkrei.* can't be opened: it is of another kind or was altered/,
  },
  {
    name: "content of another kind",
    make: (plant) => chunked(plant, plant("record", seededBytes(1, 100_000))),
    sentence: /the content block bafkrei.* can't be opened: it is of another kind/,
  },
  {
    name: "a pack of another kind",
    make: (plant) => encodeRecordLink({ ...plant("record", record(toUtf8("x"))), place: 0 }),
    sentence: /the pack block bafkrei.* can't be opened: it is of another kind/,
  },
  {
    name: "sealed by another key",
    make: (plant) => {
      const [one, other] = [
        plant("record", record(toUtf8("x"))),
        plant("record", record(toUtf8("y"))),
      ];
      return encodeRecordLink({ ...one, key: other.key });
    },
    sentence: /the record block bafkrei.* can't be opened: it was sealed by another key/,
  },
  {
    name: "sealed in another account",
    make: (_plant, batch, { primitives }) => {
      const key = epochKeys(primitives, asEpochKey(seededBytes(9, 32))).contentKey;
      const { link, block } = sealBlock(primitives, key, "record", record(toUtf8("x")), false);
      batch.put(block);
      return encodeRecordLink({ ...link, key: seededBytes(8, 32) as typeof link.key });
    },
    sentence: /the record block bafkrei.* can't be opened: it was sealed by another key/,
  },
  {
    name: "not sealed at all",
    make: (_plant, batch) => putRaw(batch, seededBytes(2, 5000)),
    sentence: /the record block bafkrei.* can't be opened: it was sealed by another key/,
  },
  {
    name: "empty",
    make: (_plant, batch) => putRaw(batch, new Uint8Array(0)),
    sentence: /the record block bafkrei.* can't be opened: it has 0 bytes/,
  },
  {
    name: "too large",
    make: (_plant, batch) => putRaw(batch, new Uint8Array(maxBlockBytes + 1)),
    sentence: /the record block bafkrei.* can't be opened: it has 1048577 bytes/,
  },
  {
    name: "that is not there",
    make: () => encodeRecordLink(rawLink(blockOf(seededBytes(3, 10)))),
    sentence: /block bafkrei.* is missing from the store, though the drive needs it/,
  },
  {
    name: "that opens to no record",
    make: (plant) => encodeRecordLink(plant("record", toUtf8("no cbor"))),
    sentence: /a version record is not canonical dag-cbor/,
  },
  {
    name: "of bytes after its record",
    make: (plant) => encodeRecordLink(plant("record", Uint8Array.of(...record(toUtf8("x")), 0))),
    sentence: /a version record is not canonical dag-cbor: bytes left over/,
  },
  {
    name: "that is not canonical",
    make: (plant) => {
      const bytes = record(toUtf8("x"));
      // The version 1 in two bytes instead of one.
      return encodeRecordLink(
        plant("record", Uint8Array.of(bytes[0] ?? 0, 0x18, 1, ...bytes.subarray(2))),
      );
    },
    sentence: /a version record is not canonical dag-cbor: a number longer than it needs/,
  },
  {
    name: "nested 100,000 deep",
    make: (plant) => encodeRecordLink(plant("record", nested(100_000))),
    sentence: /a version record is not canonical dag-cbor: nested too deep/,
  },
  {
    name: "of half a million values",
    make: (plant) =>
      encodeRecordLink(
        plant(
          "record",
          concatBytes(Uint8Array.of(0x9a, 0, 7, 0xa1, 0x20), new Uint8Array(500_000)),
        ),
      ),
    sentence: /a version record is not canonical dag-cbor: too many values/,
  },
  {
    name: "that says it is larger than it is",
    make: (plant) =>
      encodeRecordLink(plant("record", encodeCanonical([1, 2 ** 50, 0, 0, new Uint8Array(65)]))),
    sentence: /a version record .*links, as its size says/,
  },
  {
    name: "of a newer version",
    make: (plant) =>
      encodeRecordLink(plant("record", encodeCanonical([2, 0, 0, 0, new Uint8Array(0)]))),
    code: "newer",
    sentence: /a version record .*needs a newer IPCloud/,
  },
  {
    name: "beyond the end of a pack",
    make: (plant) => {
      const pack = plant("pack", encodePack([record(toUtf8("x")), record(toUtf8("y"))]));
      return encodeRecordLink({ ...pack, place: 2 });
    },
    sentence: /a link points to record 2 of a pack of 2/,
  },
  {
    name: "shorter than its place",
    make: (plant) => chunked(plant, plant("content", seededBytes(4, 99_999))),
    sentence: /a content block does not have the length its place needs/,
  },
];

const rawLink = ({ id }: SealedBlock): Link => ({
  suite: 1,
  id,
  key: new Uint8Array(32) as Link["key"],
});

function putRaw(batch: StoreBatch, bytes: Uint8Array): EncodedRecordLink {
  const block = blockOf(bytes);
  batch.put(block);
  return encodeRecordLink(rawLink(block));
}
