import { equalBytes } from "../core/bytes.ts";
import { asWriterId, type SpaceId, shortIdBytes } from "../core/ids.ts";
import { keyBytes } from "../crypto/derive.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import { recipientOf } from "../crypto/recipients.ts";
import { type AccountSecret, accountKeys, overrideKey } from "./account.ts";
import { asDeviceSeed, deviceIdentity, deviceReceiveSeed } from "./device-keys.ts";
import { checkDeviceName } from "./device-names.ts";
import { type OpenEpoch, openEpochs } from "./epoch-keys.ts";
import type { EpochStatement } from "./epochs.ts";
import { foundSpace } from "./found-space.ts";
import type { KeystoreContents, OwnWriter } from "./keystore-contents.ts";
import { emptyDeviceList, introduceDevice } from "./lists/device-list.ts";
import { extendSet } from "./lists/extend-set.ts";
import { bytesOf } from "./lists/statement-set.ts";
import { asWriterSeed } from "./writers.ts";

/** A writer that has written nothing: for a new store, or one that was copied or restored. */
export function newWriter(random: RandomBytes, instance: Uint8Array): OwnWriter {
  return {
    id: asWriterId(random(shortIdBytes)),
    seed: asWriterSeed(random(keyBytes)),
    instance,
  };
}

/**
 * Makes an account with its first device, and the space of its drive with its roster and first
 * epoch. The same words make the same account and another space.
 * @param input.secret - not kept: wipe it once the words are confirmed.
 * @param input.instance - fingerprint of the data folder, 32 bytes.
 * @returns what the keystore holds; all that is public is in it as signed bytes.
 * @throws usage, for a device name that `checkDeviceName` refuses.
 */
export async function createAccount(
  primitives: Primitives,
  random: RandomBytes,
  input: {
    readonly secret: AccountSecret;
    readonly deviceName: string;
    readonly instance: Uint8Array;
    /** Whether the device may change the device list without the words. Not by default. */
    readonly admin?: boolean;
  },
): Promise<KeystoreContents> {
  const { secret, deviceName, instance, admin = false } = input;
  checkDeviceName(deviceName);
  const account = await accountKeys(primitives, secret);
  const deviceSeed = asDeviceSeed(random(keyBytes));
  const identity = deviceIdentity(primitives, deviceSeed);
  const receive = await recipientOf(deviceReceiveSeed(primitives, deviceSeed));

  const drive = await foundSpace(primitives, random, { secret, deviceSeed, admin });
  const device = introduceDevice(account.root.publicKey, identity, receive, admin);
  const devices = extendSet(primitives, emptyDeviceList(account.root.publicKey), account.root, {
    kind: "add",
    member: device,
  });
  return {
    account: account.root.publicKey,
    recover: account.recover,
    locateSeed: account.locateSeed,
    deviceSeed,
    deviceName,
    writer: newWriter(random, instance),
    devices: bytesOf(devices),
    drive: drive.id,
    spaces: [drive],
  };
}

/**
 * Regains the epochs of a space from the words alone.
 * @param input.nonce - that with which the space was founded.
 * @param input.statements - as fetched; those of other spaces are left out.
 * @returns what opened, oldest first; empty if the words are those of another account.
 */
export async function recoverEpochs(
  primitives: Primitives,
  secret: AccountSecret,
  input: {
    readonly space: SpaceId;
    readonly nonce: Uint8Array;
    readonly statements: readonly EpochStatement[];
  },
): Promise<OpenEpoch[]> {
  const { recoverSeed } = await accountKeys(primitives, secret);
  const { publicKey } = overrideKey(primitives, secret, input.nonce);
  const ofSpace = input.statements.filter(({ space }) => equalBytes(space, input.space));
  return openEpochs(primitives, ofSpace, publicKey, recoverSeed);
}
