import assert from "node:assert/strict";
import { accountKeys, overrideKey } from "../../src/node/account/account.ts";
import { createAccount, newWriter, recoverEpochs } from "../../src/node/account/create.ts";
import {
  deviceIdentity,
  devicePseudonym,
  deviceReceiveSeed,
  holdsClaim,
} from "../../src/node/account/device-keys.ts";
import { openEpochs } from "../../src/node/account/epoch-keys.ts";
import { mayRead } from "../../src/node/account/epoch-readers.ts";
import { checkEpochs, currentEpoch, decodeEpoch } from "../../src/node/account/epochs.ts";
import type { KeptSpace } from "../../src/node/account/kept-space.ts";
import { encodeContents, type KeystoreContents } from "../../src/node/account/keystore-contents.ts";
import { openDeviceList } from "../../src/node/account/lists/device-list.ts";
import { openRoster } from "../../src/node/account/lists/roster.ts";
import { secretOfWords, wordsOfSecret } from "../../src/node/account/words.ts";
import { currentSuite } from "../../src/node/blocks/link.ts";
import { toBinaryString } from "../../src/node/core/bytes.ts";
import { recipientOf } from "../../src/node/crypto/recipients.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { seededBytes, testSecret } from "./test-accounts.ts";

const random = seededBytes(41);
const instance = new Uint8Array(32).fill(0x11);
const secret = testSecret(1);
const create = (deviceName = "laptop"): Promise<KeystoreContents> =>
  createAccount(nodePrimitives, random, { secret, deviceName, instance });

let contents: KeystoreContents;
let space: KeptSpace;
before(async () => {
  contents = await create();
  [space = assert.fail()] = contents.spaces;
  assert.deepEqual(space.id, contents.drive);
});

describe("a new account", () => {
  it("is that of its words", async () => {
    const { root, recover, locateSeed } = await accountKeys(nodePrimitives, secret);
    assert.deepEqual(contents.account, root.publicKey);
    assert.deepEqual(contents.recover, recover);
    assert.deepEqual(contents.locateSeed, locateSeed);
  });

  it("doesn't keep them", () => {
    assert.ok(!toBinaryString(encodeContents(contents)).includes(toBinaryString(secret)));
  });

  it("has one device, which opens what is boxed to it", async () => {
    const list = openDeviceList(nodePrimitives, contents.account, contents.devices);
    const identity = deviceIdentity(nodePrimitives, contents.deviceSeed).publicKey;
    const device = list.standing.present.get(identity) ?? assert.fail();
    assert.equal(list.standing.present.size, 1);
    const receive = deviceReceiveSeed(nodePrimitives, contents.deviceSeed);
    assert.deepEqual(device.receive, await recipientOf(receive));
    assert.equal(contents.deviceName, "laptop");
  });

  it("has a space that its device may write to and the words override", () => {
    const roster = openRoster(nodePrimitives, space.id, space.roster);
    const { nonce } = roster.founding;
    const pseudonym = devicePseudonym(nodePrimitives, contents.deviceSeed, nonce);
    assert.deepEqual(
      [...roster.standing.present.values()].map(({ key }) => key),
      [pseudonym.publicKey],
    );
    assert.deepEqual(roster.root, overrideKey(nodePrimitives, secret, nonce).publicKey);
    assert.equal(roster.standing.suite, currentSuite);
  });

  it("gives its device the right to change the lists only if it is told to", async () => {
    const rights = ({ account, devices, spaces }: KeystoreContents): boolean[] =>
      [
        openDeviceList(nodePrimitives, account, devices),
        ...spaces.map(({ id, roster }) => openRoster(nodePrimitives, id, roster)),
      ].flatMap(({ standing }) => [...standing.present.values()].map(({ admin }) => admin));
    assert.deepEqual(rights(contents), [false, false]);
    const input = { secret, deviceName: "laptop", instance, admin: true };
    assert.deepEqual(rights(await createAccount(nodePrimitives, random, input)), [true, true]);
  });

  it("has an epoch that the device opens, and the words alone", async () => {
    const roster = openRoster(nodePrimitives, space.id, space.roster);
    const statements = space.epochs.map((bytes) => decodeEpoch(nodePrimitives, bytes));
    checkEpochs(space.id, statements);
    const pseudonym = devicePseudonym(nodePrimitives, contents.deviceSeed, roster.founding.nonce);
    const receive = deviceReceiveSeed(nodePrimitives, contents.deviceSeed);
    const [own] = await openEpochs(nodePrimitives, statements, pseudonym.publicKey, receive);
    const input = { space: space.id, nonce: roster.founding.nonce, statements };
    const again = secretOfWords(wordsOfSecret(secret));
    const [recovered] = await recoverEpochs(nodePrimitives, again, input);
    const known = space.epochKeys.map(({ statement, key }) => ({ statement, key }));
    for (const epoch of [own, recovered]) {
      assert.ok(epoch);
      assert.deepEqual(known, [{ statement: epoch.statement.hash, key: epoch.key }]);
      assert.deepEqual(epoch.boundaryKey, space.boundaryKey);
      assert.deepEqual(currentEpoch(mayRead(roster), roster.root, statements), epoch.statement);
      const [claim] = epoch.claims;
      assert.ok(claim && holdsClaim(nodePrimitives, claim, roster.founding.nonce));
      assert.deepEqual(claim.pseudonym, pseudonym.publicKey);
    }
  });

  it("is the same by the same words, with a device and a space of its own", async () => {
    const other = await create("desktop");
    assert.deepEqual(other.account, contents.account);
    assert.notDeepEqual(other.drive, contents.drive);
    assert.notDeepEqual(other.deviceSeed, contents.deviceSeed);
    assert.notDeepEqual(other.spaces[0]?.boundaryKey, space.boundaryKey);
    assert.notDeepEqual(other.writer.id, contents.writer.id);
  });

  it("takes no device name that can't be shown", async () => {
    await refuses(() => create(""), "usage", /the device name "" is empty/u);
    await refuses(() => create("a\nb"), "usage", /control character/u);
  });
});

describe("a new writer", () => {
  it("shares nothing with another", () => {
    const [one, other] = [newWriter(random, instance), newWriter(random, instance)];
    assert.notDeepEqual(one.id, other.id);
    assert.notDeepEqual(one.seed, other.seed);
    assert.deepEqual(one.instance, instance);
  });
});
