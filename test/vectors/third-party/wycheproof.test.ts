// Wycheproof over what this project encrypts, signs and derives with. `third-party/README.md` says
// where the vectors come from.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes, fromHex, fromUtf8, toHex } from "../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../src/node/core/cloud-error.ts";
import { openBox } from "../../../src/node/crypto/box.ts";
import { hkdfSha256 } from "../../../src/node/crypto/derive.ts";
import type { BoxDomain } from "../../../src/node/crypto/domains.ts";
import { asPublicKey, asSignature, isStrongPoint } from "../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";

const bytesOf = (text: string): Uint8Array => fromHex(text) ?? assert.fail(text);

interface Test {
  readonly tcId: number;
  readonly result: "valid" | "invalid";
}

interface Aead extends Test {
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
}

interface Group<One extends Test> {
  readonly tests: readonly One[];
}

function groupsOf(name: string, count: number): readonly Group<Test>[] {
  const path = join(import.meta.dirname, "wycheproof", `${name}_test.json`);
  const file = JSON.parse(readFileSync(path, "utf8")) as {
    numberOfTests: number;
    testGroups: Group<Test>[];
  };
  assert.equal(file.numberOfTests, count);
  return file.testGroups;
}

/** All tests, and how many of them are run and must hold. */
function judge<One extends Test>(tests: readonly One[], holds: (test: One) => boolean) {
  for (const test of tests) {
    assert.equal(holds(test) ? "valid" : "invalid", test.result, `test ${test.tcId.toString()}`);
  }
  return { run: tests.length, valid: tests.filter(({ result }) => result === "valid").length };
}

describe("Wycheproof", () => {
  it("AES-256-GCM: all with keys of 32 bytes and nonces of 12; others are never used", () => {
    const tests = (
      groupsOf("aes_gcm", 316) as readonly (Group<Aead> & { keySize: number; ivSize: number })[]
    )
      .filter(({ keySize, ivSize }) => keySize === 256 && ivSize === 96)
      .flatMap((group) => group.tests);
    const opens = ({ key, iv, aad, msg, ct, tag, result }: Aead): boolean => {
      const sealed = concatBytes(bytesOf(ct), bytesOf(tag));
      const opened = primitives.aesGcmOpen(bytesOf(key), bytesOf(iv), sealed, bytesOf(aad));
      if (result === "valid") {
        const head = Uint8Array.of(1, 2, 3);
        const args = [bytesOf(key), bytesOf(iv), bytesOf(msg), bytesOf(aad)] as const;
        assert.deepEqual(primitives.aesGcmSeal(...args), sealed);
        assert.deepEqual(primitives.aesGcmSeal(...args, head), concatBytes(head, sealed));
      }
      return opened !== undefined && toHex(opened) === msg;
    };
    assert.deepEqual(judge(tests, opens), { run: 66, valid: 39 });
  });

  it("XChaCha20-Poly1305: all with nonces of 24 bytes, boxes where the data is a box's", () => {
    const tests = (
      groupsOf("xchacha20_poly1305", 315) as readonly (Group<Aead> & { ivSize: number })[]
    )
      .filter(({ ivSize }) => ivSize === 192)
      .flatMap((group) => group.tests);
    let boxes = 0;
    const opens = ({ key, iv, aad, msg, ct, tag, result }: Aead): boolean => {
      const [associated, sealed] = [bytesOf(aad), concatBytes(bytesOf(ct), bytesOf(tag))];
      const cipher = xchacha20poly1305(bytesOf(key), bytesOf(iv), associated);
      if (result === "valid") assert.deepEqual(cipher.encrypt(bytesOf(msg)), sealed);
      let opened: Uint8Array | undefined;
      try {
        opened = cipher.decrypt(sealed);
      } catch {
        opened = undefined;
      }
      // What a box binds is domain ‖ 0 ‖ context: some associated data is of that form.
      const zero = associated.indexOf(0);
      const domain = zero < 0 ? undefined : fromUtf8(associated.subarray(0, zero));
      if (domain !== undefined) {
        boxes++;
        const context = associated.subarray(zero + 1);
        const box = concatBytes(bytesOf(iv), sealed);
        assert.deepEqual(openBox(bytesOf(key), domain as BoxDomain, context, box), opened);
      }
      return opened !== undefined && toHex(opened) === msg;
    };
    assert.deepEqual(judge(tests, opens), { run: 306, valid: 246 });
    assert.equal(boxes, 70);
  });

  it("Ed25519: all, behind the check of its points", () => {
    const groups = groupsOf("ed25519", 151) as readonly (Group<
      Test & { msg: string; sig: string }
    > & { publicKey: { pk: string } })[];
    const tests = groups.flatMap(({ publicKey, tests: each }) =>
      each.map((test) => ({ ...test, key: publicKey.pk })),
    );
    const verifies = ({ key, msg, sig }: (typeof tests)[number]): boolean => {
      const publicKey = asPublicKey(bytesOf(key));
      assert.ok(isStrongPoint(publicKey));
      try {
        const signature = asSignature(bytesOf(sig));
        const isStrong = isStrongPoint(signature.subarray(0, 32));
        return isStrong && primitives.ed25519Verify(publicKey, bytesOf(msg), signature);
      } catch (error) {
        assert.ok(isCloudError(error, "damaged"));
        return false;
      }
    };
    assert.deepEqual(judge(tests, verifies), { run: 151, valid: 88 });
  });

  it("HMAC-SHA256: all", () => {
    const groups = groupsOf("hmac_sha256", 174) as readonly Group<
      Test & { key: string; msg: string; tag: string }
    >[];
    const tests = groups.flatMap((group) => group.tests);
    const holds = ({ key, msg, tag }: (typeof tests)[number]): boolean =>
      toHex(primitives.hmacSha256(bytesOf(key), bytesOf(msg))).startsWith(tag);
    assert.deepEqual(judge(tests, holds), { run: 174, valid: 66 });
  });

  it("HKDF-SHA256: all, and no more bytes than it has", () => {
    const groups = groupsOf("hkdf_sha256", 86) as readonly Group<
      Test & { ikm: string; salt: string; info: string; size: number; okm: string }
    >[];
    const tests = groups.flatMap((group) => group.tests);
    const holds = ({ ikm, salt, info, size, okm, result }: (typeof tests)[number]): boolean => {
      const derive = (): string =>
        toHex(hkdfSha256(primitives, bytesOf(ikm), bytesOf(info), size, bytesOf(salt)));
      if (result === "valid") return derive() === okm;
      assert.throws(derive, RangeError);
      return false;
    };
    assert.deepEqual(judge(tests, holds), { run: 86, valid: 83 });
  });
});
