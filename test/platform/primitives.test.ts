import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { gcm } from "@noble/ciphers/aes.js";
import { concatBytes, fromHex, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { aesGcmSealInto, nodePrimitives, sealedBytes } from "../../src/node/platform/primitives.ts";
import { below, randomBytes, seeded } from "../blocks/random.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail(text);
const plainArray = (bytes: Buffer): Uint8Array => Uint8Array.from(bytes);

/** RFC 4231, test cases 1 to 4, 6 and 7. */
const publishedHmacs = [
  [
    "0b".repeat(20),
    toHex(toUtf8("Hi There")),
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  [
    toHex(toUtf8("Jefe")),
    toHex(toUtf8("what do ya want for nothing?")),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    "aa".repeat(20),
    "dd".repeat(50),
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  ],
  [
    "0102030405060708090a0b0c0d0e0f10111213141516171819",
    "cd".repeat(50),
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  ],
  [
    "aa".repeat(131),
    toHex(toUtf8("Test Using Larger Than Block-Size Key - Hash Key First")),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
  [
    "aa".repeat(131),
    toHex(
      toUtf8(
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
      ),
    ),
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  ],
] as const;

describe("the hashes of the platform", () => {
  for (const [index, [key, data, expected]] of publishedHmacs.entries()) {
    it(`give the HMAC of RFC 4231, number ${(index + 1).toString()}`, () => {
      assert.equal(toHex(nodePrimitives.hmacSha256(hex(key), hex(data))), expected);
    });
  }

  it("give the HMAC that createHmac gives, for keys and messages of all lengths", () => {
    const random = seeded(3);
    const messages = [0, 1, 55, 56, 63, 64, 65, 1000, 2047, 2048, 2049, 5000, 300_000];
    for (const keyLength of [0, 1, 31, 32, 33, 63, 64, 65, 131]) {
      for (const length of messages) {
        const key = randomBytes(random, keyLength);
        const data = randomBytes(random, Math.min(length, 5000));
        const message = length > 5000 ? new Uint8Array(length).fill(7) : data;
        const expected = createHmac("sha256", key).update(message).digest();
        assert.deepEqual(nodePrimitives.hmacSha256(key, message), plainArray(expected));
      }
    }
  });

  it("give SHA-256 and SHA-512, also of a view into a larger array", () => {
    const data = randomBytes(seeded(4), 1000).subarray(100, 700);
    const of = (name: string): Uint8Array => plainArray(createHash(name).update(data).digest());
    assert.deepEqual(nodePrimitives.sha256(data), of("sha256"));
    assert.deepEqual(nodePrimitives.sha512(data), of("sha512"));
  });
});

describe("AES-256-GCM by the platform", () => {
  const random = seeded(5);
  const key = randomBytes(random, 32);
  const nonce = randomBytes(random, 12);

  it("seals as noble does, and opens it, at every size", () => {
    for (const size of [0, 1, 15, 16, 17, 100, 4096, 65_536, 70_000]) {
      const plaintext = randomBytes(random, size);
      const associated = randomBytes(random, below(random, 60));
      const sealed = nodePrimitives.aesGcmSeal(key, nonce, plaintext, associated);
      assert.deepEqual(sealed, gcm(key, nonce, associated).encrypt(plaintext));
      const head = randomBytes(random, below(random, 40));
      const target = new Uint8Array(sealedBytes(size, head.length)).fill(9);
      aesGcmSealInto(target, key, nonce, plaintext, associated, head);
      assert.deepEqual(target, concatBytes(head, sealed));
      assert.deepEqual(nodePrimitives.aesGcmOpen(key, nonce, sealed, associated), plaintext);
    }
  });

  it("opens nothing that was altered, cut or bound to something else", () => {
    const associated = Uint8Array.of(1, 2, 3);
    const sealed = nodePrimitives.aesGcmSeal(key, nonce, randomBytes(random, 40), associated);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = sealed.slice();
      altered[bit >>> 3] = (altered[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(nodePrimitives.aesGcmOpen(key, nonce, altered, associated), undefined);
    }
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(
        nodePrimitives.aesGcmOpen(key, nonce, sealed.subarray(0, length), associated),
        undefined,
      );
    }
    assert.equal(nodePrimitives.aesGcmOpen(key, nonce, sealed, Uint8Array.of(1, 2)), undefined);
  });
});

describe("the primitives of the platform", () => {
  it("hand out arrays that are no Buffers", () => {
    const key = new Uint8Array(32);
    const nonce = new Uint8Array(12);
    const sealed = nodePrimitives.aesGcmSeal(key, nonce, key, nonce);
    const signer = nodePrimitives.ed25519Signer(key);
    const compressed = nodePrimitives.zstdCompress(key);
    const results = [
      nodePrimitives.sha256(key),
      nodePrimitives.sha512(key),
      nodePrimitives.hmacSha256(key, key),
      sealed,
      nodePrimitives.aesGcmOpen(key, nonce, sealed, nonce),
      signer.publicKey,
      signer.sign(key),
      compressed,
      nodePrimitives.zstdDecompress(compressed, 32),
    ];
    for (const result of results) assert.equal(Object.getPrototypeOf(result), Uint8Array.prototype);
  });
});
