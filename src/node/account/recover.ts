import { equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asEpochKey, keyBytes } from "../crypto/derive.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import { type Recipient, recipientOf } from "../crypto/recipients.ts";
import type { SigningKey } from "../crypto/sign.ts";
import { type AccountSecret, accountKeys, overrideKey } from "./account.ts";
import { newWriter, recoverEpochs } from "./create.ts";
import {
  asDeviceSeed,
  claimPseudonym,
  type DeviceSeed,
  deviceIdentity,
  devicePseudonym,
  deviceReceiveSeed,
} from "./device-keys.ts";
import { checkDeviceName } from "./device-names.ts";
import { stateEpoch } from "./epoch-keys.ts";
import { deviceReaders, mayRead } from "./epoch-readers.ts";
import { currentEpoch, decodeEpoch } from "./epochs.ts";
import { type KeptSpace, type PublicSpace, spaceOf } from "./kept-space.ts";
import type { KeystoreContents } from "./keystore-contents.ts";
import { type DeviceList, introduceDevice, openDeviceList } from "./lists/device-list.ts";
import { extendSet } from "./lists/extend-set.ts";
import { extendRoster, openRoster, type Roster } from "./lists/roster.ts";
import { bytesOf } from "./lists/statement-set.ts";
import type { PublicStatements } from "./public-statements.ts";

/**
 * Regains an account whose keystore is lost: a new device, admitted by the words to every space, with
 * every epoch that they open.
 * @param input.secret - not kept: wipe it afterwards.
 * @param input.instance - fingerprint of the data folder, 32 bytes.
 * @throws wrong-passphrase, if the words are another account's; damaged, newer
 */
export async function recoverAccount(
  primitives: Primitives,
  random: RandomBytes,
  input: {
    readonly secret: AccountSecret;
    readonly statements: PublicStatements;
    readonly deviceName: string;
    readonly instance: Uint8Array;
    /** Whether the device may change the device list without the words. Not by default. */
    readonly admin?: boolean;
  },
): Promise<KeystoreContents> {
  const { secret, statements, deviceName, instance, admin = false } = input;
  checkDeviceName(deviceName);
  const account = await accountKeys(primitives, secret);
  const deviceSeed = asDeviceSeed(random(keyBytes));
  const identity = deviceIdentity(primitives, deviceSeed);
  const receive = await recipientOf(deviceReceiveSeed(primitives, deviceSeed));
  // Before the device list: that the words are another account's is told by the space.
  mustBeOfWords(primitives, secret, spaceOf(statements.spaces, statements.drive));
  const list = openDeviceList(primitives, account.root.publicKey, statements.devices);
  const devices = extendSet(primitives, list, account.root, {
    kind: "add",
    member: introduceDevice(account.root.publicKey, identity, receive, admin),
  });
  const spaces: KeptSpace[] = [];
  for (const space of statements.spaces) {
    const words = { secret, recover: account.recover };
    const device = { deviceSeed, devices, admin };
    spaces.push(await regainSpace(primitives, random, space, words, device));
  }
  return {
    account: account.root.publicKey,
    recover: account.recover,
    locateSeed: account.locateSeed,
    deviceSeed,
    deviceName,
    writer: newWriter(random, instance),
    devices: bytesOf(devices),
    drive: statements.drive,
    spaces,
  };
}

/** @throws wrong-passphrase, if the space is not of the account of the words; damaged, newer */
function mustBeOfWords(
  primitives: Primitives,
  secret: AccountSecret,
  space: PublicSpace,
): { roster: Roster; override: SigningKey } {
  const roster = openRoster(primitives, space.id, space.roster);
  const override = overrideKey(primitives, secret, roster.founding.nonce);
  if (equalBytes(override.publicKey, roster.root)) return { roster, override };
  throw new CloudError(
    "wrong-passphrase",
    "these words are those of another account than the drive's",
  );
}

/** Admits a new device to a space by the words, and opens its epochs. */
async function regainSpace(
  primitives: Primitives,
  random: RandomBytes,
  space: PublicSpace,
  words: { readonly secret: AccountSecret; readonly recover: Recipient },
  device: {
    readonly deviceSeed: DeviceSeed;
    readonly devices: DeviceList;
    readonly admin: boolean;
  },
): Promise<KeptSpace> {
  const { secret, recover } = words;
  const { deviceSeed, devices, admin } = device;
  const { roster: before, override } = mustBeOfWords(primitives, secret, space);
  const { nonce } = before.founding;
  const known = space.epochs.map((bytes) => decodeEpoch(primitives, bytes));
  const opened = await recoverEpochs(primitives, secret, {
    space: space.id,
    nonce,
    statements: known,
  });
  const latest = opened.at(-1);
  if (latest === undefined)
    throw new CloudError("damaged", "no key of the drive opens by the words");
  const pseudonym = devicePseudonym(primitives, deviceSeed, nonce);
  const roster = extendRoster(primitives, before, override, {
    kind: "add",
    member: { key: pseudonym.publicKey, admin },
  });
  // The same key for one more reader, unless somebody who was taken out could know it.
  const current = currentEpoch(mayRead(roster), roster.root, known);
  const kept = opened.find(({ statement }) => statement === current);
  const identity = deviceIdentity(primitives, deviceSeed);
  const claims = [...latest.claims, claimPseudonym(identity, pseudonym.publicKey, nonce)];
  const epoch = await stateEpoch(primitives, random, {
    space: space.id,
    before: kept ?? latest,
    key: kept?.key ?? asEpochKey(random(keyBytes)),
    boundaryKey: latest.boundaryKey,
    claims,
    readers: [
      ...deviceReaders(primitives, roster, devices, claims),
      { to: override.publicKey, recipient: recover },
    ],
    signer: override,
  });
  return {
    id: space.id,
    boundaryKey: latest.boundaryKey,
    epochKeys: [...opened, epoch].map(({ statement, key }) => ({ statement: statement.hash, key })),
    roster: bytesOf(roster),
    epochs: [...space.epochs, epoch.statement.bytes],
  };
}
