import assert from "node:assert/strict";
import { accountKeys, accountName, overrideKey } from "../../src/node/account/account.ts";
import { toHex } from "../../src/node/core/bytes.ts";
import { recipientOf } from "../../src/node/crypto/recipients.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { testSecret } from "./test-accounts.ts";

const nonce = new Uint8Array(16).fill(1);

describe("the keys of an account", () => {
  it("are made of its secret alone", async () => {
    const [first, again, other] = [
      await accountKeys(nodePrimitives, testSecret(1)),
      await accountKeys(nodePrimitives, testSecret(1)),
      await accountKeys(nodePrimitives, testSecret(2)),
    ];
    assert.deepEqual(again.root.publicKey, first.root.publicKey);
    assert.deepEqual(again.recover, first.recover);
    assert.deepEqual(again.locateSeed, first.locateSeed);
    assert.notDeepEqual(other.root.publicKey, first.root.publicKey);
    assert.notDeepEqual(other.recover, first.recover);
    assert.notDeepEqual(other.locateSeed, first.locateSeed);
    assert.deepEqual(await recipientOf(first.recoverSeed), first.recover);
  });

  it("override the roster of each space by another key", () => {
    const key = (number: number, spaceNonce: Uint8Array): string =>
      toHex(overrideKey(nodePrimitives, testSecret(number), spaceNonce).publicKey);
    assert.equal(key(1, nonce), key(1, nonce));
    assert.notEqual(key(1, nonce), key(1, new Uint8Array(16).fill(2)));
    assert.notEqual(key(1, nonce), key(2, nonce));
  });

  it("name it: ipc- and 52 digits of base32", async () => {
    const { root } = await accountKeys(nodePrimitives, testSecret(1));
    const name = accountName(nodePrimitives, root.publicKey);
    assert.match(name, /^ipc-[a-z2-7]{52}$/u);
    assert.equal(accountName(nodePrimitives, root.publicKey), name);
  });
});
