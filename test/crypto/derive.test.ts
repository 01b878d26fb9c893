import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { concatBytes, fromHex, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import {
  asBoundaryKey,
  asEpochKey,
  deriveKey,
  epochKeys,
  hkdfSha256,
} from "../../src/node/crypto/derive.ts";
import {
  boxDomains,
  derivationDomains,
  proofDomains,
  signatureDomains,
} from "../../src/node/crypto/domains.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { randomBytes, seeded } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail(text);

/** RFC 5869, appendix A.1 to A.3. */
const published = [
  {
    secret: "0b".repeat(22),
    salt: "000102030405060708090a0b0c",
    info: "f0f1f2f3f4f5f6f7f8f9",
    output: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  },
  {
    secret: toHex(Uint8Array.from({ length: 80 }, (_, i) => i)),
    salt: toHex(Uint8Array.from({ length: 80 }, (_, i) => 0x60 + i)),
    info: toHex(Uint8Array.from({ length: 80 }, (_, i) => 0xb0 + i)),
    output:
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
  },
  {
    secret: "0b".repeat(22),
    salt: "",
    info: "",
    output: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  },
];

describe("hkdfSha256", () => {
  for (const [index, { secret, salt, info, output }] of published.entries()) {
    it(`gives what RFC 5869, A.${(index + 1).toString()} says`, () => {
      const length = output.length / 2;
      const given = hkdfSha256(nodePrimitives, hex(secret), hex(info), length, hex(salt));
      assert.equal(toHex(given), output);
    });
  }

  it("agrees with the platform's own at every length of the output", () => {
    const random = seeded(5);
    for (let length = 1; length <= 8160; length += length < 100 ? 1 : 997) {
      const secret = randomBytes(random, 1 + (length % 90));
      const info = randomBytes(random, length % 40);
      const expected = new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), info, length));
      assert.deepEqual(hkdfSha256(nodePrimitives, secret, info, length), expected);
    }
  });
});

describe("deriveKey", () => {
  it("is HKDF with the domain as info, and with domain ‖ 0 ‖ context where there is one", () => {
    const secret = randomBytes(seeded(6), 32);
    const domain = derivationDomains.writerHead;
    const context = Uint8Array.of(1, 2, 3);
    const expected = (info: Uint8Array): Uint8Array =>
      new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), info, 32));
    assert.deepEqual(deriveKey(nodePrimitives, secret, domain), expected(toUtf8(domain)));
    assert.deepEqual(
      deriveKey(nodePrimitives, secret, domain, context),
      expected(concatBytes(toUtf8(domain), Uint8Array.of(0), context)),
    );
  });
});

describe("the domains", () => {
  const all = [derivationDomains, signatureDomains, boxDomains, proofDomains].flatMap((table) =>
    Object.values<string>(table),
  );

  it("are never used twice, and none holds the NUL that ends it", () => {
    assert.equal(new Set(all).size, all.length);
    for (const domain of all) assert.match(domain, /^ipcloud\/v1\/[a-z-]+\/[a-z-]+$/u);
  });
});

describe("epochKeys", () => {
  it("gives a key of its own for every use", () => {
    const keys = epochKeys(nodePrimitives, asEpochKey(new Uint8Array(32).fill(9)));
    const distinct = new Set(Object.values<Uint8Array>({ ...keys }).map(toHex));
    assert.equal(distinct.size, 5);
  });

  it("is not made of anything but 32 bytes", async () => {
    await refuses(
      () => asEpochKey(new Uint8Array(31)),
      "damaged",
      /an epoch key of 32 bytes, got 31/u,
    );
    await refuses(() => asBoundaryKey(new Uint8Array(33)), "damaged", /a boundary key/u);
  });
});
