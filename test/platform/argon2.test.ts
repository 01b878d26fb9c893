import assert from "node:assert/strict";
import { toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { argon2id, nativeArgon2id, portableArgon2id } from "../../src/node/platform/argon2.ts";

const passphrase = toUtf8("correct horse");
const salt = toUtf8("sixteen bytes!!!");

describe("argon2id", () => {
  it("gives what the reference implementation's test says", async () => {
    const cost = { memoryKiB: 65_536, passes: 2, lanes: 1 };
    const tag = await argon2id(toUtf8("password"), toUtf8("somesalt"), cost, 32);
    assert.equal(toHex(tag), "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  });

  it("gives the same by OpenSSL as by noble", async () => {
    for (const [memoryKiB, passes, lanes] of [
      [8, 1, 1],
      [64, 3, 4],
      [100, 2, 3],
      [256, 1, 8],
    ] as const) {
      const cost = { memoryKiB, passes, lanes };
      const native = await nativeArgon2id(passphrase, salt, cost, 32);
      assert.deepEqual(await portableArgon2id(passphrase, salt, cost, 32), native);
    }
  });
});
