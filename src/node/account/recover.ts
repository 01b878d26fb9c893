import { decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asList, asRecord } from "../blocks/shape.ts";
import { equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asSpaceId } from "../core/ids.ts";
import { asEpochKey, keyBytes } from "../crypto/derive.ts";
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
import { introduceDevice, openDeviceList } from "./device-list.ts";
import { checkDeviceName } from "./device-names.ts";
import { stateEpoch } from "./epoch-keys.ts";
import { deviceReaders, mayRead } from "./epoch-readers.ts";
import { currentEpoch, decodeEpoch } from "./epochs.ts";
import { extendSet } from "./extend-set.ts";
import type { KeystoreContents } from "./keystore-contents.ts";
import { extendRoster, openRoster } from "./roster.ts";
import { bytesOf } from "./statement-set.ts";

/** What an account says in public of one space: enough to regain it with the words. */
export type PublicStatements = Pick<KeystoreContents, "devices" | "roster" | "epochs" | "space">;

const what = "the account's statements";
const statementsVersion = 1;

/** The canonical bytes of the statements, for a store to keep beside its blocks. */
export function encodeStatements({ space, devices, roster, epochs }: PublicStatements): Uint8Array {
  return encodeCanonical({ version: statementsVersion, space, devices, roster, epochs });
}

/** Reads {@link encodeStatements} back. What is signed in it is not verified here. @throws damaged, newer */
export function decodeStatements(bytes: Uint8Array): PublicStatements {
  const names = ["devices", "roster", "epochs"] as const;
  const fields = asRecord(decodeCanonical(bytes, what), what, statementsVersion, [
    "space",
    ...names,
  ]);
  const listOf = (name: (typeof names)[number]): Uint8Array[] =>
    asList(fields[name], what).map((item) => asBytes(item, what));
  return {
    space: asSpaceId(asBytes(fields["space"], what, 32)),
    devices: listOf("devices"),
    roster: listOf("roster"),
    epochs: listOf("epochs"),
  };
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
    /** Whether the device may change the device list without the words. Not by default. */
    readonly admin?: boolean;
  },
): Promise<KeystoreContents> {
  const { secret, statements, deviceName, instance, admin = false } = input;
  checkDeviceName(deviceName);
  const account = await accountKeys(primitives, secret);
  const before = openRoster(primitives, statements.space, statements.roster);
  const { nonce } = before.founding;
  const override = overrideKey(primitives, secret, nonce);
  if (!equalBytes(override.publicKey, before.root)) {
    throw new CloudError(
      "wrong-passphrase",
      "these words are those of another account than the drive's",
    );
  }
  const known = statements.epochs.map((bytes) => decodeEpoch(primitives, bytes));
  const opened = await recoverEpochs(primitives, secret, {
    space: before.space,
    nonce,
    statements: known,
  });
  const latest = opened.at(-1);
  if (latest === undefined)
    throw new CloudError("damaged", "no key of the drive opens by the words");

  const deviceSeed = asDeviceSeed(random(keyBytes));
  const identity = deviceIdentity(primitives, deviceSeed);
  const receive = await recipientOf(deviceReceiveSeed(primitives, deviceSeed));
  const pseudonym = devicePseudonym(primitives, deviceSeed, nonce);
  const roster = extendRoster(primitives, before, override, {
    kind: "add",
    member: { key: pseudonym.publicKey, admin },
  });
  const list = openDeviceList(primitives, account.root.publicKey, statements.devices);
  const devices = extendSet(primitives, list, account.root, {
    kind: "add",
    member: introduceDevice(account.root.publicKey, identity, receive, admin),
  });
  // The same key for one more reader, unless somebody who was taken out could know it.
  const current = currentEpoch(mayRead(roster), roster.root, known);
  const kept = opened.find(({ statement }) => statement === current);
  const claims = [...latest.claims, claimPseudonym(identity, pseudonym.publicKey, nonce)];
  const epoch = await stateEpoch(primitives, random, {
    space: before.space,
    before: kept ?? latest,
    key: kept?.key ?? asEpochKey(random(keyBytes)),
    boundaryKey: latest.boundaryKey,
    claims,
    readers: [
      ...deviceReaders(primitives, roster, devices, claims),
      { to: override.publicKey, recipient: account.recover },
    ],
    signer: override,
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
    epochKeys: [...opened, epoch].map(({ statement, key }) => ({ statement: statement.hash, key })),
    devices: bytesOf(devices),
    roster: bytesOf(roster),
    epochs: [...statements.epochs, epoch.statement.bytes],
  };
}
