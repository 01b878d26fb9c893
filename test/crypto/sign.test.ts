import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes, fromHex, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { signatureDomains } from "../../src/node/crypto/domains.ts";
import {
  asPublicKey,
  asSignature,
  asSigningSeed,
  isStrongPoint,
  type PublicKey,
  signingKey,
  verify,
} from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { below, randomBytes, seeded } from "../blocks/random.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail(text);
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;
const fieldPrime = 2n ** 255n - 19n;

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** RFC 8032 §7.1, tests 1 to 3. */
const published = [
  {
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
];

/** Encodings of the eight points of small order, with every sign and every y that decoders take. */
function smallOrderEncodings(): Uint8Array[] {
  const order8 = ed25519.Point.fromBytes(
    hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
  );
  const points = Array.from({ length: 8 }, (_, i) =>
    i === 0 ? ed25519.Point.ZERO : order8.multiplyUnsafe(BigInt(i)),
  );
  const encodings = points.flatMap((point) => {
    const canonical = point.toBytes();
    const y = fromLittleEndian(canonical) & (2n ** 255n - 1n);
    const sign = BigInt((canonical[31] ?? 0) >> 7) << 255n;
    const beyond = y + fieldPrime;
    return beyond < 2n ** 255n ? [canonical, littleEndian(beyond | sign)] : [canonical];
  });
  const bothSigns = encodings.map((bytes) => {
    const other = bytes.slice();
    other[31] = (other[31] ?? 0) ^ 0x80;
    return other;
  });
  return [...encodings, ...bothSigns];
}

describe("Ed25519 by the platform", () => {
  for (const [index, each] of published.entries()) {
    it(`gives what RFC 8032 §7.1, test ${(index + 1).toString()} says`, () => {
      const signer = nodePrimitives.ed25519Signer(hex(each.seed));
      assert.equal(toHex(signer.publicKey), each.publicKey);
      assert.equal(toHex(signer.sign(hex(each.message))), each.signature);
      const [publicKey, message] = [hex(each.publicKey), hex(each.message)];
      assert.ok(nodePrimitives.ed25519Verify(publicKey, message, hex(each.signature)));
    });
  }

  it("signs as noble does, and each verifies the other", () => {
    const random = seeded(1);
    for (let i = 0; i < 30; i++) {
      const seed = randomBytes(random, 32);
      const message = randomBytes(random, below(random, 300));
      const signer = nodePrimitives.ed25519Signer(seed);
      const signature = signer.sign(message);
      assert.deepEqual(signature, ed25519.sign(message, seed));
      assert.deepEqual(signer.publicKey, ed25519.getPublicKey(seed));
      assert.ok(ed25519.verify(signature, message, signer.publicKey, { zip215: false }));
      const at = below(random, 64);
      const altered = signature.slice();
      altered[at] = (altered[at] ?? 0) ^ (1 << below(random, 8));
      assert.equal(nodePrimitives.ed25519Verify(signer.publicKey, message, altered), false);
    }
  });

  it("refuses a signature whose S was raised by the group order", () => {
    const signer = nodePrimitives.ed25519Signer(new Uint8Array(32).fill(3));
    const message = toUtf8("once");
    const signature = signer.sign(message);
    const raised = littleEndian(fromLittleEndian(signature.subarray(32)) + groupOrder);
    const twin = concatBytes(signature.subarray(0, 32), raised);
    assert.equal(nodePrimitives.ed25519Verify(signer.publicKey, message, twin), false);
  });
});

describe("verify", () => {
  const key = signingKey(nodePrimitives, asSigningSeed(new Uint8Array(32).fill(4)));
  const message = toUtf8("a head");
  const signature = key.sign(signatureDomains.head, message);

  it("holds for the key, the purpose and the message that were signed", () => {
    const holds = verify(nodePrimitives, key.publicKey, signatureDomains.head, message, signature);
    assert.ok(holds);
  });

  it("fails for another purpose, message or key", () => {
    const other = signingKey(nodePrimitives, asSigningSeed(new Uint8Array(32).fill(5)));
    const check = (publicKey: PublicKey, text: Uint8Array): boolean =>
      verify(nodePrimitives, publicKey, signatureDomains.head, text, signature);
    assert.equal(check(other.publicKey, message), false);
    assert.equal(check(key.publicKey, toUtf8("a heat")), false);
    for (const domain of Object.values(signatureDomains)) {
      const holds = verify(nodePrimitives, key.publicKey, domain, message, signature);
      assert.equal(holds, domain === signatureDomains.head, domain);
    }
  });

  it("signs domain ‖ 0 ‖ message", () => {
    const bound = concatBytes(toUtf8("ipcloud/v1/sign/head"), Uint8Array.of(0), message);
    assert.ok(nodePrimitives.ed25519Verify(key.publicKey, bound, signature));
  });

  it("refuses every public key of small order, under which a signature holds for many messages", () => {
    const encodings = smallOrderEncodings();
    assert.ok(encodings.length >= 20);
    const forged = new Uint8Array(64);
    forged[0] = 1;
    for (const bytes of encodings) {
      const weak = asPublicKey(bytes);
      assert.equal(isStrongPoint(weak), false, toHex(bytes));
      for (const text of ["one", "another", "third", "fourth", "fifth", "sixth", "seventh"]) {
        const domain = signatureDomains.roster;
        assert.equal(
          verify(nodePrimitives, weak, domain, toUtf8(text), asSignature(forged)),
          false,
        );
      }
    }
  });

  it("refuses public keys whose y is not below 2^255 - 19", () => {
    for (let y = fieldPrime; y < 2n ** 255n; y++) {
      assert.equal(isStrongPoint(asPublicKey(littleEndian(y))), false);
      assert.equal(isStrongPoint(asPublicKey(littleEndian(y | (1n << 255n)))), false);
    }
    assert.equal(isStrongPoint(asPublicKey(littleEndian(fieldPrime - 2n))), true);
  });

  it("refuses an R of small order or not canonical, whatever the platform says of it", () => {
    const lenient = { ...nodePrimitives, ed25519Verify: () => true };
    const holds = (signed: Uint8Array): boolean =>
      verify(lenient, key.publicKey, signatureDomains.head, message, asSignature(signed));
    assert.ok(holds(signature));
    for (const r of [...smallOrderEncodings(), littleEndian(fieldPrime + 2n)]) {
      assert.equal(holds(concatBytes(r, signature.subarray(32))), false, toHex(r));
    }
  });

  it("takes bytes that are no point for no key", () => {
    const noPoint = asPublicKey(littleEndian(2n));
    assert.throws(() => ed25519.Point.fromBytes(noPoint));
    assert.equal(verify(nodePrimitives, noPoint, signatureDomains.head, message, signature), false);
  });
});
