import { decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { currentSuite } from "../blocks/link.ts";
import { asBytes, asList, asRecord } from "../blocks/shape.ts";
import { equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { epochKeys, keyBytes } from "../crypto/derive.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import { recipientOf } from "../crypto/recipients.ts";
import { type AccountSecret, accountKeys, overrideKey } from "./account.ts";
import { newWriter, recoverEpochs } from "./create.ts";
import {
  asDeviceSeed,
  claimPseudonym,
  deviceIdentity,
  devicePseudonym,
  deviceReceiveSeed,
} from "./device-keys.ts";
import { extendDeviceList, openDeviceList } from "./device-list.ts";
import { checkDeviceName, sealDeviceName } from "./device-names.ts";
import { stateEpoch } from "./epoch-keys.ts";
import { decodeEpoch } from "./epochs.ts";
import type { KeystoreContents } from "./keystore-contents.ts";
import { decodeRoster, followRoster, type Roster } from "./roster.ts";

/** What an account says in public of one space: enough to regain it with the words. */
export type PublicStatements = Pick<KeystoreContents, "devices" | "rosters" | "epochs">;

const what = "the account's statements";
const statementsVersion = 1;

/** The canonical bytes of the statements, for a store to keep beside its blocks. */
export function encodeStatements({ devices, rosters, epochs }: PublicStatements): Uint8Array {
  return encodeCanonical({ version: statementsVersion, devices, rosters, epochs });
}

/** Reads {@link encodeStatements} back. What is signed in it is not verified here. @throws damaged, newer */
export function decodeStatements(bytes: Uint8Array): PublicStatements {
  const names = ["devices", "rosters", "epochs"] as const;
  const fields = asRecord(decodeCanonical(bytes, what), what, statementsVersion, names);
  const listOf = (name: (typeof names)[number]): Uint8Array[] =>
    asList(fields[name], what).map((item) => asBytes(item, what));
  return { devices: listOf("devices"), rosters: listOf("rosters"), epochs: listOf("epochs") };
}

/**
 * Regains a drive whose keystore is lost: a new device, admitted by the words, with every epoch that
 * they open.
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
  },
): Promise<KeystoreContents> {
  const { secret, statements, deviceName, instance } = input;
  checkDeviceName(deviceName);
  const account = await accountKeys(primitives, secret);
  const before = latestRoster(primitives, statements);
  const override = overrideKey(primitives, secret, before.nonce);
  if (!equalBytes(override.publicKey, before.override)) {
    throw new CloudError(
      "wrong-passphrase",
      "these words are those of another account than the drive's",
    );
  }
  const epochs = await recoverEpochs(primitives, secret, {
    space: before.space,
    nonce: before.nonce,
    statements: statements.epochs.map((bytes) => decodeEpoch(primitives, bytes)),
  });
  const latest = epochs.at(-1);
  if (latest === undefined)
    throw new CloudError("damaged", "no key of the drive opens by the words");

  const deviceSeed = asDeviceSeed(random(keyBytes));
  const identity = deviceIdentity(primitives, deviceSeed);
  const receive = await recipientOf(deviceReceiveSeed(primitives, deviceSeed));
  const pseudonym = devicePseudonym(primitives, deviceSeed, before.nonce);
  const roster = followRoster(primitives, before, override, {
    suite: currentSuite,
    devices: [...before.devices, pseudonym.publicKey],
    cuts: before.cuts,
    signers: [...before.signers, pseudonym.publicKey],
  });
  // The same key for one more reader: nothing was revoked, so nothing is sealed anew.
  const epoch = await stateEpoch(primitives, random, {
    space: before.space,
    before: latest,
    key: latest.key,
    boundaryKey: latest.boundaryKey,
    claims: [...latest.claims, claimPseudonym(identity, pseudonym.publicKey, before.nonce)],
    readers: [
      { to: pseudonym.publicKey, recipient: receive },
      { to: override.publicKey, recipient: account.recover },
    ],
    signer: override,
  });
  const { namesKey } = epochKeys(primitives, epoch.key);
  const name = sealDeviceName(namesKey, identity.publicKey, deviceName, random);
  const known = openDeviceList(primitives, account.root.publicKey, statements.devices);
  const devices = extendDeviceList(primitives, known, account.root, identity.publicKey, {
    kind: "add",
    receive,
    admin: true,
    name,
  });
  return {
    account: account.root.publicKey,
    recover: account.recover,
    locateSeed: account.locateSeed,
    deviceSeed,
    deviceName,
    writer: newWriter(random, instance),
    space: before.space,
    boundaryKey: latest.boundaryKey,
    epochKeys: [...epochs, epoch].map(({ statement, key }) => ({ statement: statement.hash, key })),
    devices: [...devices.statements.values()].map(({ bytes }) => bytes),
    rosters: [...statements.rosters, roster.bytes],
    epochs: [...statements.epochs, epoch.statement.bytes],
  };
}

function latestRoster(primitives: Primitives, { rosters }: PublicStatements): Roster {
  const bytes = rosters.at(-1);
  if (bytes === undefined) throw new CloudError("damaged", `${what} hold no roster`);
  return decodeRoster(primitives, bytes);
}
