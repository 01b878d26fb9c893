import {
  type AccountSecret,
  asAccountSecret,
  overrideKey,
} from "../../src/node/account/account.ts";
import { createAccount, newWriter } from "../../src/node/account/create.ts";
import {
  asDeviceSeed,
  claimPseudonym,
  deviceIdentity,
  devicePseudonym,
  deviceReceiveSeed,
} from "../../src/node/account/device-keys.ts";
import { type OpenEpoch, openEpoch, stateEpoch } from "../../src/node/account/epoch-keys.ts";
import { decodeEpoch } from "../../src/node/account/epochs.ts";
import { type KeptSpace, spaceOf, withSpace } from "../../src/node/account/kept-space.ts";
import type { KeystoreContents } from "../../src/node/account/keystore-contents.ts";
import type { Cut } from "../../src/node/account/lists/cuts.ts";
import { extendRoster, openRoster, type Roster } from "../../src/node/account/lists/roster.ts";
import { bytesOf } from "../../src/node/account/lists/statement-set.ts";
import { asEpochKey, type EpochKey } from "../../src/node/crypto/derive.ts";
import { type Recipient, recipientOf } from "../../src/node/crypto/recipients.ts";
import type { PublicKey, SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import { systemRandom as random } from "../../src/node/platform/random.ts";

/** An account whose words a test has, with one device. */
export interface TestAccount {
  readonly secret: AccountSecret;
  readonly laptop: KeystoreContents;
}

/** Makes an account with one device. */
export async function makeTestAccount(): Promise<TestAccount> {
  const secret = asAccountSecret(random(32));
  const instance = new Uint8Array(32);
  // Creating wipes nothing, but whoever calls it may.
  const laptop = await createAccount(primitives, random, {
    secret,
    deviceName: "laptop",
    instance,
  });
  return { secret, laptop };
}

/** What a device keeps of the account's own drive. */
export function driveOf({ spaces, drive }: KeystoreContents): KeptSpace {
  return spaceOf(spaces, drive);
}

/** The same keystore that knows something else of a space. */
export function knowing(contents: KeystoreContents, space: KeptSpace): KeystoreContents {
  return { ...contents, spaces: withSpace(contents.spaces, space) };
}

/** The pseudonym of a device in the drive of its account. */
export function pseudonymOf(contents: KeystoreContents): SigningKey {
  const { nonce } = rosterOf(driveOf(contents)).founding;
  return devicePseudonym(primitives, contents.deviceSeed, nonce);
}

/** The roster of a space. */
export function rosterOf(space: KeptSpace): Roster {
  return openRoster(primitives, space.id, space.roster);
}

/**
 * Adds a device to the drive of an account by the words, with the key that is written.
 * @returns what it keeps; the other devices have yet to hear of it.
 */
export async function addTestDevice(
  { secret }: TestAccount,
  known: KeystoreContents,
): Promise<KeystoreContents> {
  const deviceSeed = asDeviceSeed(random(32));
  const writer = newWriter(random, known.writer.instance);
  const device = { ...known, deviceSeed, deviceName: "desk", writer };
  const pseudonym = pseudonymOf(device);
  const space = driveOf(known);
  const before = rosterOf(space);
  const override = overrideKey(primitives, secret, before.founding.nonce);
  const member = { key: pseudonym.publicKey, admin: false };
  const roster = extendRoster(primitives, before, override, { kind: "add", member });
  const last = lastEpoch(space);
  const epoch = await stateEpoch(primitives, random, {
    space: space.id,
    before: last,
    key: last.key,
    boundaryKey: space.boundaryKey,
    claims: [
      ...last.claims,
      claimPseudonym(
        deviceIdentity(primitives, deviceSeed),
        pseudonym.publicKey,
        roster.founding.nonce,
      ),
    ],
    readers: [await readerOf(device)],
    signer: override,
  });
  return knowing(device, withEpoch({ ...space, roster: bytesOf(roster) }, epoch));
}

/** A space from which the words took a device out; the key is not replaced yet. */
export function withoutDevice(
  { secret }: TestAccount,
  space: KeptSpace,
  device: KeystoreContents,
  cuts: readonly Cut[] = [],
): KeptSpace {
  const before = rosterOf(space);
  const override = overrideKey(primitives, secret, before.founding.nonce);
  const member = { key: pseudonymOf(device).publicKey, cuts };
  const roster = extendRoster(primitives, before, override, { kind: "revoke", member });
  return { ...space, roster: bytesOf(roster) };
}

/** A space with a new key that the first of these devices drew and handed to all of them. */
export async function withNewEpoch(
  space: KeptSpace,
  ...devices: readonly [KeystoreContents, ...KeystoreContents[]]
): Promise<KeptSpace> {
  const [signer] = devices;
  const last = lastEpoch(space);
  const words = { to: rosterOf(space).root, recipient: signer.recover };
  const epoch = await stateEpoch(primitives, random, {
    space: space.id,
    before: last,
    key: asEpochKey(random(32)),
    boundaryKey: space.boundaryKey,
    claims: last.claims,
    readers: [words, ...(await Promise.all(devices.map(readerOf)))],
    signer: pseudonymOf(signer),
  });
  return withEpoch(space, epoch);
}

async function readerOf(
  device: KeystoreContents,
): Promise<{ to: PublicKey; recipient: Recipient }> {
  const recipient = await recipientOf(deviceReceiveSeed(primitives, device.deviceSeed));
  return { to: pseudonymOf(device).publicKey, recipient };
}

function withEpoch(space: KeptSpace, { statement, key }: OpenEpoch): KeptSpace {
  return {
    ...space,
    epochs: [...space.epochs, statement.bytes],
    epochKeys: [...space.epochKeys, { statement: statement.hash, key }],
  };
}

function lastEpoch({ epochs, epochKeys }: KeptSpace): OpenEpoch {
  const statement = decodeEpoch(primitives, epochs.at(-1) as Uint8Array);
  return openEpoch(primitives, statement, epochKeys.at(-1)?.key as EpochKey);
}
