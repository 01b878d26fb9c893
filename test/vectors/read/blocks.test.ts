import assert from "node:assert/strict";
import { concatBytes, equalBytes, toHex } from "../../../src/node/core/bytes.ts";
import { showCid } from "../../../src/node/core/cid.ts";
import type { CloudErrorCode } from "../../../src/node/core/cloud-error.ts";
import { encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { decodeLink, decodeRecordLink, encodeLink, type RecordLink, sameRecord } from "../../../src/node/blocks/link.ts";
import { paddedLength } from "../../../src/node/blocks/padding.ts";
import { decodePack, recordAt } from "../../../src/node/blocks/pack.ts";
import { decodeRecord } from "../../../src/node/blocks/record.ts";
import { type BlockKind, blockKinds, openBlock } from "../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import { referencePlaintext, referenceSeal } from "../../blocks/reference-seal.ts";
import { refuses } from "../../blocks/refuses.ts";
import { makeBlocks } from "../make/blocks/blocks.make.ts";
import { type BytesSpec, bytesOf } from "../make/common.make.ts";
import { makeLinks } from "../make/blocks/links.make.ts";
import { makePacks } from "../make/blocks/packs.make.ts";
import { contentBytes, makeRecordVectors } from "../make/blocks/records.make.ts";
import { readVectors } from "../vector-file.ts";

interface Refused {
  readonly name: string;
  readonly code: CloudErrorCode;
}
interface Plain {
  readonly kind: BlockKind;
  readonly plaintext: BytesSpec;
}
interface Linked {
  readonly link: string;
  readonly cid: string;
}

describe("vectors of sealed blocks", () => {
  const file = readVectors("blocks") as {
    readonly contentKey: string;
    readonly sealed: readonly (Linked & {
      readonly name: string;
      readonly kind: BlockKind;
      readonly payload: BytesSpec;
      readonly frame?: string;
      readonly block?: string;
    })[];
    readonly read: readonly (Linked & Plain & { name: string; payload: BytesSpec })[];
    readonly refused: readonly (Refused & Linked & (Plain | { kind: BlockKind; block: string }))[];
    readonly padding: readonly { length: number; padded: number }[];
  };

  it("are what is sealed today", () => {
    assert.deepEqual(file, makeBlocks());
  });

  const seal = (kind: BlockKind, plaintext: Uint8Array): Uint8Array =>
    referenceSeal(bytesOf(file.contentKey), blockKinds[kind], plaintext).bytes;

  for (const { name, kind, link, cid, payload, frame, block } of file.sealed) {
    it(`open: ${name}`, () => {
      const plaintext = referencePlaintext(frame === undefined ? 0 : 1, bytesOf(frame ?? payload));
      const bytes = block === undefined ? seal(kind, plaintext) : bytesOf(block);
      const opened = decodeLink(bytesOf(link));
      assert.ok(equalBytes(opened.id, nodePrimitives.sha256(bytes)));
      assert.equal(showCid(opened.id), cid);
      assert.ok(equalBytes(openBlock(nodePrimitives, opened, kind, bytes), bytesOf(payload)));
    });
  }

  for (const { name, kind, link, plaintext, payload } of file.read) {
    it(`open: ${name}`, () => {
      const bytes = seal(kind, bytesOf(plaintext));
      const opened = openBlock(nodePrimitives, decodeLink(bytesOf(link)), kind, bytes);
      assert.ok(equalBytes(opened, bytesOf(payload)));
    });
  }

  for (const { name, kind, link, code, ...given } of file.refused) {
    const bytesGiven = (): Uint8Array =>
      "block" in given ? bytesOf(given.block) : seal(kind, bytesOf(given.plaintext));
    it(`do not open: ${name}`, () =>
      refuses(() => openBlock(nodePrimitives, decodeLink(bytesOf(link)), kind, bytesGiven()), code));
  }

  it("pad as Padmé does", () => {
    for (const { length, padded } of file.padding) assert.equal(paddedLength(length), padded);
  });
});

describe("vectors of links", () => {
  const file = readVectors("links") as {
    readonly links: readonly {
      readonly name: string;
      readonly bytes: string;
      readonly id: string;
      readonly key: string;
      readonly place?: number;
    }[];
    readonly refused: readonly (Refused & { readonly bytes: string })[];
    readonly same: readonly { readonly one: string; readonly other: string; readonly same: boolean }[];
  };

  it("are what is written today", () => {
    assert.deepEqual(file, makeLinks());
  });

  for (const { name, bytes, id, key, place } of file.links) {
    it(`are read: ${name}`, () => {
      const link = decodeRecordLink(bytesOf(bytes));
      assert.deepEqual([toHex(link.id), toHex(link.key), link.place], [id, key, place]);
    });
  }

  for (const { name, bytes, code } of file.refused) {
    it(`are refused: ${name}`, () => refuses(() => decodeRecordLink(bytesOf(bytes)), code));
  }

  it("lead to one record or to two", () => {
    const read = (text: string): RecordLink => decodeRecordLink(bytesOf(text));
    for (const { one, other, same } of file.same) {
      assert.equal(sameRecord(read(one), read(other)), same);
    }
  });
});

describe("vectors of records", () => {
  const file = readVectors("records") as {
    readonly records: readonly {
      readonly name: string;
      readonly size: number;
      readonly mtime: number;
      readonly mode: number;
      readonly content: string;
      readonly payload: string;
    }[];
    readonly contentKey: string;
    readonly files: readonly {
      readonly name: string;
      readonly size: number;
      readonly chunks: readonly { readonly link: string; readonly times: number }[];
      readonly index: readonly { readonly link: string }[];
      readonly link: string;
    }[];
    readonly refused: readonly (Refused & { readonly payload: string })[];
  };

  it("are what is written today", () => {
    assert.deepEqual(file, makeRecordVectors());
  });

  for (const { name, payload, content, ...fields } of file.records) {
    it(`are read: ${name}`, () => {
      const record = decodeRecord(bytesOf(payload));
      assert.deepEqual(fieldsOf(record), fieldsOf(fields));
      assert.equal(toHex(contentBytes(record)), content);
    });
  }

  for (const { name, size, chunks, index, link } of file.files) {
    if (chunks.length === 0) continue;
    it(`lead to as many links as the size says: ${name}`, () => {
      const links = index.length > 0 ? index.map((block) => ({ ...block, times: 1 })) : chunks;
      const top = links.flatMap((each) => Array.from({ length: each.times }, () => bytesOf(each.link)));
      const payload = encodeCanonical([1, size, 7, 0o644, concatBytes(...top)]);
      const plaintext = referencePlaintext(0, payload);
      const sealed = referenceSeal(bytesOf(file.contentKey), blockKinds.record, plaintext);
      assert.equal(toHex(encodeLink(sealed.link)), link);
      assert.deepEqual(contentBytes(decodeRecord(payload)), concatBytes(...top));
    });
  }

  function fieldsOf({ size, mtime, mode }: { size: number; mtime: number; mode: number }) {
    return { size, mtime, mode };
  }

  for (const { name, payload, code } of file.refused) {
    it(`are refused: ${name}`, () => refuses(() => decodeRecord(bytesOf(payload)), code));
  }
});

describe("vectors of packs", () => {
  const file = readVectors("packs") as {
    readonly pack: Linked & {
      readonly records: readonly string[];
      readonly payload: string;
      readonly recordLinks: readonly string[];
    };
    readonly read: readonly { name: string; payload: BytesSpec; count: number }[];
    readonly refused: readonly (Refused & { readonly payload: BytesSpec })[];
  };

  it("are what is written today", () => {
    assert.deepEqual(file, makePacks());
  });

  it("give each record at its place", () => {
    const { records, payload, recordLinks, link } = file.pack;
    const pack = decodePack(bytesOf(payload));
    assert.deepEqual(pack.map(toHex), records);
    recordLinks.forEach((encoded, i) => {
      const { place, ...block } = decodeRecordLink(bytesOf(encoded));
      assert.deepEqual(block, decodeLink(bytesOf(link)));
      assert.equal(toHex(recordAt(pack, place ?? -1)), records[i]);
    });
    assert.throws(() => recordAt(pack, records.length));
  });

  for (const { name, payload, count } of file.read) {
    it(`are read: ${name}`, () => {
      assert.equal(decodePack(bytesOf(payload)).length, count);
    });
  }

  for (const { name, payload, code } of file.refused) {
    it(`are refused: ${name}`, () => refuses(() => decodePack(bytesOf(payload)), code));
  }

  it("do not hold a byte more", () =>
    refuses(
      () => decodePack(concatBytes(bytesOf(file.pack.payload), new Uint8Array(1))),
      "damaged",
    ));
});
