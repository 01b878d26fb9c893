import assert from "node:assert/strict";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import { boxOverheadBytes, openBox, sealBox } from "../../src/node/crypto/box.ts";
import { boxDomains } from "../../src/node/crypto/domains.ts";
import { randomBytes, seeded } from "../blocks/random.ts";

const random = seeded(11);
const draw = (length: number): Uint8Array => randomBytes(random, length);
const key = draw(32);
const context = toUtf8("space and writer");
const domain = boxDomains.headLink;

describe("a box", () => {
  it("opens to what was sealed, at every size", () => {
    for (const size of [0, 1, 15, 16, 17, 63, 64, 65, 4096, 100_000]) {
      const plaintext = draw(size);
      const box = sealBox(key, domain, context, plaintext, draw);
      assert.equal(box.length, size + boxOverheadBytes);
      assert.deepEqual(openBox(key, domain, context, box), plaintext);
    }
  });

  it("is nonce ‖ XChaCha20-Poly1305 over domain ‖ 0 ‖ context", () => {
    const plaintext = draw(65);
    const box = sealBox(key, domain, context, plaintext, draw);
    const associated = concatBytes(toUtf8(domain), Uint8Array.of(0), context);
    const nonce = box.subarray(0, 24);
    const expected = xchacha20poly1305(key, nonce, associated).encrypt(plaintext);
    assert.deepEqual(box.subarray(24), expected);
  });

  it("opens under no other key, domain or context", () => {
    const box = sealBox(key, domain, context, draw(40), draw);
    const other = key.slice();
    other[31] = (other[31] ?? 0) ^ 1;
    assert.equal(openBox(other, domain, context, box), undefined);
    assert.equal(openBox(key, boxDomains.handover, context, box), undefined);
    assert.equal(openBox(key, domain, toUtf8("space and writes"), box), undefined);
    assert.equal(openBox(key, domain, new Uint8Array(0), box), undefined);
  });

  it("does not open with any bit changed or any byte missing", () => {
    const box = sealBox(key, domain, context, draw(40), draw);
    for (let bit = 0; bit < box.length * 8; bit += 3) {
      const altered = box.slice();
      altered[bit >>> 3] = (altered[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(openBox(key, domain, context, altered), undefined);
    }
    for (let length = 0; length < box.length; length++) {
      assert.equal(openBox(key, domain, context, box.subarray(0, length)), undefined);
    }
    assert.equal(openBox(key, domain, context, concatBytes(box, Uint8Array.of(0))), undefined);
  });
});
