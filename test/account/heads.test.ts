import assert from "node:assert/strict";
import {
  decodeHead,
  type Head,
  type HeadTerms,
  headBytes,
  isFork,
  openHead,
  signHead,
} from "../../src/node/account/heads.ts";
import { tipsHash } from "../../src/node/account/lists/roster.ts";
import {
  asWriterSeed,
  certifyWriter,
  encodeCertificate,
  writerHeadKey,
  writerNameSeed,
} from "../../src/node/account/writers.ts";
import { decodeLink } from "../../src/node/blocks/link.ts";
import { concatBytes, uint64Bytes } from "../../src/node/core/bytes.ts";
import { asSpaceId, asWriterId } from "../../src/node/core/ids.ts";
import { asEpochKey, epochKeys, type HeadKey } from "../../src/node/crypto/derive.ts";
import { signatureDomains } from "../../src/node/crypto/domains.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { resigned, seededBytes, testPseudonym, testRoster } from "./test-accounts.ts";

const random = seededBytes(17);
const roster = testRoster(1, 2);
const { space } = roster;
const device = testPseudonym(1);
const writer = asWriterId(new Uint8Array(16).fill(3));
const seed = asWriterSeed(new Uint8Array(32).fill(4));
const writerKey = writerHeadKey(nodePrimitives, seed, space);
const certificate = certifyWriter(device, space, writer, writerKey.publicKey);
const headKeyOf = (epoch: number): HeadKey =>
  epochKeys(nodePrimitives, asEpochKey(new Uint8Array(32).fill(epoch))).headKey;
const revision = decodeLink(concatBytes(Uint8Array.of(1), new Uint8Array(64).fill(9)));

const terms: HeadTerms = {
  space,
  certificate,
  seq: 1,
  prev: new Uint8Array(32),
  roster: tipsHash(nodePrimitives, roster),
  manifest: new Uint8Array(32),
  commit: new Uint8Array(32).fill(6),
};
const sign = (changes: Partial<HeadTerms> = {}, key = writerKey): Head =>
  signHead(nodePrimitives, random, key, headKeyOf(1), { ...terms, ...changes }, revision);

/** A head with some of its fields changed, signed anew by the writer. */
const tampered = (head: Head, changes: Parameters<typeof resigned>[3]): Uint8Array =>
  resigned(head.bytes, writerKey, signatureDomains.head, changes);

describe("a head", () => {
  it("is read as it was signed", () => {
    const head = sign();
    assert.deepEqual(decodeHead(nodePrimitives, head.bytes), head);
  });

  it("has one size, whatever it says", () => {
    const all = [
      sign(),
      sign({ seq: 23 }),
      sign({ seq: Number.MAX_SAFE_INTEGER, manifest: new Uint8Array(32).fill(255) }),
    ];
    for (const { bytes } of all) assert.equal(bytes.length, headBytes);
  });

  it("gives the revision to who has the key of its epoch, and to nobody else", () => {
    const head = sign();
    assert.deepEqual(openHead(head, [headKeyOf(3), headKeyOf(2), headKeyOf(1)]), revision);
    assert.equal(openHead(head, [headKeyOf(2), headKeyOf(3)]), undefined);
    assert.equal(openHead(head, []), undefined);
  });

  it("gives nothing if its box was taken from another head", () => {
    const [first, second] = [sign(), sign({ seq: 2 })];
    const mixed = decodeHead(nodePrimitives, tampered(second, { box: first.box }));
    assert.equal(openHead(mixed, [headKeyOf(1)]), undefined);
  });

  it("is another each time, so that equal revisions don't show", () => {
    assert.notDeepEqual(sign().bytes, sign().bytes);
  });

  it("is refused with any bit changed", () => {
    const { bytes } = sign();
    for (let bit = 0; bit < bytes.length * 8; bit += 11) {
      const altered = bytes.slice();
      altered[bit >>> 3] = (altered[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      let code: unknown;
      try {
        decodeHead(nodePrimitives, altered);
      } catch (error) {
        code = (error as { code: unknown }).code;
      }
      assert.ok(code === "damaged" || code === "newer", `bit ${bit.toString()}`);
    }
  });

  it("is refused cut short, longer, or far too large", async () => {
    const { bytes } = sign();
    for (const length of [0, 1, 100, headBytes - 1]) {
      await refuses(() => decodeHead(nodePrimitives, bytes.subarray(0, length)), "damaged");
    }
    const longer = concatBytes(bytes, Uint8Array.of(0));
    await refuses(() => decodeHead(nodePrimitives, longer), "damaged", /left over/u);
    const large = new Uint8Array(5000);
    await refuses(() => decodeHead(nodePrimitives, large), "damaged", /at most 4096/u);
  });

  it("is refused if a field is of another size, missing, or unknown", async () => {
    const head = sign();
    const cases: [Parameters<typeof resigned>[3], "damaged" | "newer", RegExp][] = [
      [{ version: 2 }, "newer", /a head has version 2, which needs a newer/u],
      [{ time: 1 }, "newer", /"time", which needs a newer/u],
      [{ commit: undefined }, "damaged", /the field "commit"/u],
      [{ prev: new Uint8Array(31) }, "damaged", /"prev".*32 bytes/u],
      [{ box: new Uint8Array(104) }, "damaged", /"box".*105 bytes/u],
      [{ seq: 7 }, "damaged", /"seq".*8 bytes/u],
      [{ seq: uint64Bytes(0) }, "damaged", /a seq from 1/u],
      [{ seq: new Uint8Array(8).fill(255) }, "damaged", /a seq from 1/u],
    ];
    for (const [changes, code, message] of cases) {
      const bytes = tampered(head, changes);
      await refuses(() => decodeHead(nodePrimitives, bytes), code, message);
    }
  });

  it("is refused if its certificate is for another writer, space or key", async () => {
    const other = writerHeadKey(nodePrimitives, asWriterSeed(new Uint8Array(32)), space);
    const otherSpace = asSpaceId(new Uint8Array(32));
    const wrong = [
      certifyWriter(device, otherSpace, writer, writerKey.publicKey),
      certifyWriter(device, space, writer, other.publicKey),
      { ...certificate, writer: asWriterId(new Uint8Array(16)) },
      { ...certificate, device: testPseudonym(2).publicKey },
    ];
    for (const each of wrong) {
      const bytes = tampered(sign(), { certificate: encodeCertificate(each) });
      await refuses(() => decodeHead(nodePrimitives, bytes), "damaged", /did not certify/u);
    }
  });
});

describe("two heads", () => {
  it("of one writer and number that differ are a fork", () => {
    const [one, other] = [sign({ seq: 3 }), sign({ seq: 3 })];
    assert.ok(isFork(one, other));
    assert.ok(!isFork(one, one));
  });

  it("of different numbers, writers or spaces are none", () => {
    const one = sign({ seq: 3 });
    const otherWriter = asWriterId(new Uint8Array(16).fill(8));
    const otherCertificate = certifyWriter(device, space, otherWriter, writerKey.publicKey);
    assert.ok(!isFork(one, sign({ seq: 4 })));
    assert.ok(!isFork(one, sign({ seq: 3, certificate: otherCertificate })));
    assert.ok(!isFork(one, sign({ seq: 3, space: asSpaceId(new Uint8Array(32)) })));
  });
});

describe("the keys of a writer", () => {
  it("are its own in each space, and none is used twice", () => {
    const elsewhere = asSpaceId(new Uint8Array(32));
    const here = writerHeadKey(nodePrimitives, seed, space).publicKey;
    assert.deepEqual(writerHeadKey(nodePrimitives, seed, space).publicKey, here);
    assert.notDeepEqual(writerHeadKey(nodePrimitives, seed, elsewhere).publicKey, here);
    const name = nodePrimitives.ed25519Signer(writerNameSeed(nodePrimitives, seed, space));
    assert.notDeepEqual(name.publicKey, Uint8Array.from(here));
  });
});
