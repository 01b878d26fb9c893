import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountKeys } from "../../src/node/account/account.ts";
import { deviceIdentity } from "../../src/node/account/device-keys.ts";
import { foundSpace } from "../../src/node/account/found-space.ts";
import type { KeptSpace } from "../../src/node/account/kept-space.ts";
import { type OpenKeystore, openKeystore, sealKeystore } from "../../src/node/account/keystore.ts";
import type { KeystoreContents } from "../../src/node/account/keystore-contents.ts";
import {
  type Device,
  type DeviceList,
  introduceDevice,
  openDeviceList,
} from "../../src/node/account/lists/device-list.ts";
import { type Change, extendSet } from "../../src/node/account/lists/extend-set.ts";
import type { Named } from "../../src/node/account/lists/statement.ts";
import { bytesOf } from "../../src/node/account/lists/statement-set.ts";
import { secretOfWords } from "../../src/node/account/words.ts";
import { equalBytes, fromUtf8, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { asSpaceId } from "../../src/node/core/ids.ts";
import { asSigningSeed, type SigningKey, signingKey } from "../../src/node/crypto/sign.ts";
import { Vault } from "../../src/node/drive/vault.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { systemRandom } from "../../src/node/platform/random.ts";
import type { ChangedEvent } from "../../src/node/space/types.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Store } from "../../src/node/store/store.ts";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";
import { refuses } from "../blocks/refuses.ts";
import { testKey } from "../e2e/open-vault.ts";
import { driveOf, withNewEpoch, withoutDevice } from "../support/devices.ts";
import { openTestDrive, quietCall } from "../support/open-drive.ts";

const platform = { primitives: nodePrimitives, argon2id };

describe("the spaces of an account", function () {
  this.timeout(30_000);
  let home: string;
  let store: Store;
  let pool: SealPool;
  let vault: Vault;
  let words: string;
  let events: ChangedEvent[];

  const start = async (): Promise<void> => {
    store = await openStore(home);
    events = [];
    pool = new SealPool();
    vault = await Vault.find({
      home,
      store,
      platform,
      random: systemRandom,
      pool,
      now: () => Date.now(),
      onChanged: (event) => events.push(event),
      onState: () => undefined,
    });
  };
  const stop = async (): Promise<void> => {
    await vault.close();
    await pool.close();
    await store.close();
  };
  const restart = async (): Promise<void> => {
    await stop();
    await start();
    await vault.unlock(testKey);
  };
  /** The keystore on disk. */
  const keystore = async (): Promise<OpenKeystore> => {
    const file = new Uint8Array(await readFile(join(home, "keystore")));
    return openKeystore(platform, file, testKey);
  };
  /** What lies in it. */
  const kept = async (): Promise<KeystoreContents> => (await keystore()).contents;
  const foundAnother = async (): Promise<KeptSpace> => {
    const { deviceSeed } = await kept();
    const secret = secretOfWords(words);
    return foundSpace(nodePrimitives, systemRandom, { secret, deviceSeed, admin: false });
  };
  const read = async (space: KeptSpace | undefined, path: string): Promise<string | undefined> =>
    fromUtf8(await vault.driveOf(space?.id).read(path, {}));

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "ipcloud-spaces-"));
    await start();
    const made = await vault.create(testKey, undefined, "laptop");
    await vault.confirmWords(testKey, made.account);
    ({ words = assert.fail() } = made);
  });
  afterEach(async () => {
    await stop();
    await rm(home, { recursive: true, force: true });
  });

  it("lie in one data folder, each with files, history and keys of its own", async () => {
    const other = await foundAnother();
    await vault.keepSpace(other);
    await vault.drive.write({ path: "/a" }, toUtf8("in the drive"));
    await vault.driveOf(other.id).write({ path: "/a" }, toUtf8("in the other"));
    await vault.driveOf(other.id).write({ path: "/b" }, toUtf8("b"));
    const { drive } = await kept();
    assert.deepEqual(vault.names?.space, toHex(drive));
    assert.deepEqual(
      events.map(({ space, changes }) => [space, changes.map(({ path }) => path).join()]),
      [
        [toHex(drive), "/a"],
        [toHex(other.id), "/a"],
        [toHex(other.id), "/b"],
      ],
    );
    await restart();
    assert.equal(await read(undefined, "/a"), "in the drive");
    assert.equal(await read(other, "/a"), "in the other");
    assert.deepEqual(
      (await vault.drive.list("/")).map(({ name }) => name),
      ["a"],
    );
    assert.equal((await vault.driveOf(other.id).log("/a", 10, true)).length, 1);
    const contentKeys = (await kept()).spaces.map(({ epochKeys }) => epochKeys[0]?.key);
    assert.equal(contentKeys.length, 2);
    assert.notDeepEqual(contentKeys[0], contentKeys[1]);
  });

  it("lose nothing to a collection in another one, which is refused for a space without keys", async () => {
    const other = await foundAnother();
    await vault.keepSpace(other);
    const large = systemRandom(300_000);
    await vault.driveOf(other.id).write({ path: "/large" }, large);
    await vault.drive.write({ path: "/a" }, toUtf8("a"));
    await vault.drive.remove("/a", false);
    await vault.drive.purge("/a", quietCall);
    await vault.drive.collectGarbage(quietCall);
    await vault.driveOf(other.id).collectGarbage(quietCall);
    await restart();
    assert.ok(equalBytes(await vault.driveOf(other.id).read("/large", {}), large));
    assert.ok((await vault.driveOf(other.id).verify(quietCall)).ok);

    // As a keystore that was put back from before the other space.
    const contents = await kept();
    await stop();
    const alone = { ...contents, spaces: [driveOf(contents)] };
    const drive = await openTestDrive(home, alone, { now: Date.now() });
    const before = drive.store.usage().blocks;
    try {
      await refuses(() => drive.drive.collectGarbage(quietCall), "damaged", /keys are not in/u);
      await refuses(() => drive.drive.measureGarbage(quietCall), "damaged", /nothing was freed/u);
      assert.equal(drive.store.usage().blocks, before);
    } finally {
      await drive.close();
      await start();
    }
  });

  it("are regained by the words, all of them, once the keystore is lost", async () => {
    const other = await foundAnother();
    await vault.keepSpace(other);
    await vault.drive.write({ path: "/a" }, toUtf8("in the drive"));
    await vault.driveOf(other.id).write({ path: "/b" }, toUtf8("in the other"));
    await stop();
    await rm(join(home, "keystore"));
    await start();
    assert.match(vault.notices.join(), /whose keystore is missing/u);
    await vault.create(testKey, words, "desk");
    assert.equal(await read(undefined, "/a"), "in the drive");
    assert.equal(await read(other, "/b"), "in the other");
    await vault.driveOf(other.id).write({ path: "/b" }, toUtf8("again"));
    await restart();
    assert.equal(await read(other, "/b"), "again");
  });

  it("go on with a new key while they are open, durably", async () => {
    await vault.drive.write({ path: "/a" }, toUtf8("before"));
    const contents = await kept();
    const next = await withNewEpoch(driveOf(contents), contents);
    await vault.keepSpace(next);
    await vault.drive.write({ path: "/b" }, toUtf8("after"));
    assert.deepEqual(driveOf(await kept()), next);
    await restart();
    assert.equal(await read(undefined, "/a"), "before");
    assert.equal(await read(undefined, "/b"), "after");
    assert.ok((await vault.drive.verify(quietCall)).ok);
  });

  it("tell that nothing can be written once the device was taken out", async () => {
    await vault.drive.write({ path: "/a" }, toUtf8("a"));
    assert.deepEqual(vault.notices, []);
    const laptop = await kept();
    const account = { secret: secretOfWords(words), laptop };
    await vault.keepSpace(withoutDevice(account, driveOf(laptop), laptop));
    assert.match(vault.notices.join(), /can read but not write: it was taken out/u);
    const write = (): Promise<unknown> => vault.drive.write({ path: "/a" }, toUtf8("b"));
    await refuses(write, "may-not-write");
    await restart();
    assert.match(vault.notices.join(), /can read but not write/u);
    assert.equal(await read(undefined, "/a"), "a");
  });

  it("tell of a device that another one took out, until the words confirm it", async () => {
    await vault.drive.write({ path: "/a" }, toUtf8("a"));
    const { contents, slots } = await keystore();
    const { root } = await accountKeys(nodePrimitives, secretOfWords(words));
    const keyOf = (): SigningKey => signingKey(nodePrimitives, asSigningSeed(systemRandom(32)));
    const [desk, phone] = [keyOf(), keyOf()];
    const laptop = deviceIdentity(nodePrimitives, contents.deviceSeed);
    const before = openDeviceList(nodePrimitives, root.publicKey, contents.devices);
    const say = (list: DeviceList, by: SigningKey, change: Change<Device, Named>): DeviceList =>
      extendSet(nodePrimitives, list, by, change);
    const member = (of: SigningKey, admin: boolean): Device =>
      introduceDevice(root.publicKey, of, contents.recover, admin);
    let list = say(before, root, { kind: "add", member: member(desk, true) });
    list = say(list, desk, { kind: "add", member: member(phone, true) });
    const revoked = { kind: "revoke", member: { key: desk.publicKey } } as const;
    /** Unlocks anew with this list. */
    const knowing = async (known: DeviceList): Promise<void> => {
      await stop();
      const next = { slots, contents: { ...contents, devices: bytesOf(known) } };
      await writeFile(join(home, "keystore"), sealKeystore(nodePrimitives, systemRandom, next));
      await start();
      await vault.unlock(testKey);
    };
    await knowing(list);
    assert.deepEqual(vault.notices, []);
    await knowing(say(list, phone, revoked));
    const [deskName, phoneName] = [desk, phone].map(
      ({ publicKey }) => `the device ${toHex(publicKey.subarray(0, 4))}`,
    ) as [string, string];
    assert.deepEqual(vault.notices, [
      `${deskName} was taken off the device list by another device, which the 24 words have not confirmed; still on it, for ${deskName} had added it: ${phoneName}`,
    ]);
    await knowing(say(list, root, revoked));
    assert.deepEqual(vault.notices, []);
    const own = { kind: "revoke", member: { key: laptop.publicKey } } as const;
    await knowing(say(list, phone, own));
    assert.deepEqual(vault.notices, [], "it could not change the list");
    const admin = say(list, root, { kind: "add", member: member(laptop, true) });
    await knowing(say(admin, phone, own));
    const named = `"${contents.deviceName}" (${toHex(laptop.publicKey.subarray(0, 4))}) was taken`;
    assert.ok(vault.notices.join().startsWith(named), "by the name that it has in the drive");
  });

  it("change nothing where what is known of one is not sound", async () => {
    const contents = await kept();
    const before = driveOf(contents);
    const next = await withNewEpoch(before, contents);
    const gap = { ...next, epochs: next.epochs.slice(1) };
    await refuses(() => vault.keepSpace(gap), "damaged");
    assert.deepEqual(await kept(), contents);
    await vault.drive.write({ path: "/a" }, toUtf8("a"));
    await vault.lock();
    await refuses(() => vault.keepSpace(next), "locked");
  });

  it("are asked for by an id that one of them has", async () => {
    const stranger = asSpaceId(systemRandom(32));
    await refuses(() => vault.driveOf(stranger), "not-found", /there is no space/u);
    await vault.lock();
    await refuses(() => vault.driveOf(stranger), "locked");
  });
});
