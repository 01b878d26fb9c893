import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asList, asRecord, asText, asTuple, refuseShape } from "../blocks/shape.ts";
import { asSpaceId, asWriterId, type SpaceId, shortIdBytes, type WriterId } from "../core/ids.ts";
import {
  asBoundaryKey,
  asEpochKey,
  type BoundaryKey,
  type EpochKey,
  keyBytes,
} from "../crypto/derive.ts";
import { asRecipient, type Recipient, recipientBytes } from "../crypto/recipients.ts";
import { asSigningSeed, type PublicKey, type SigningSeed } from "../crypto/sign.ts";
import { asDeviceSeed, type DeviceSeed } from "./device-keys.ts";
import { deviceNameFault } from "./device-names.ts";
import { asKeyField, hashBytes } from "./signed-record.ts";
import { asWriterSeed, type WriterSeed } from "./writers.ts";

/** One copy of a device's store, as it knows itself. */
export interface OwnWriter {
  readonly id: WriterId;
  readonly seed: WriterSeed;
  /** Fingerprint of the data folder that this writer belongs to; another one is a copy. 32 bytes. */
  readonly instance: Uint8Array;
}

/** The key of an epoch, by the hash of its statement. */
export interface KnownEpochKey {
  readonly statement: Uint8Array;
  readonly key: EpochKey;
}

/** Everything that a device keeps of its account. FORMAT §10.12. */
export interface KeystoreContents {
  /** The account's root key. */
  readonly account: PublicKey;
  /** What epoch keys are boxed to for the words. */
  readonly recover: Recipient;
  /** Seed of the IPNS key of the account's profile. */
  readonly locateSeed: SigningSeed;
  readonly deviceSeed: DeviceSeed;
  readonly deviceName: string;
  readonly writer: OwnWriter;
  /** The space of the account's own drive. */
  readonly space: SpaceId;
  readonly boundaryKey: BoundaryKey;
  readonly epochKeys: readonly KnownEpochKey[];
  /** The device list, as signed. */
  readonly devices: readonly Uint8Array[];
  /** The statements of the space's roster, as signed. */
  readonly roster: readonly Uint8Array[];
  /** The epoch statements of the space, as signed. */
  readonly epochs: readonly Uint8Array[];
}

const what = "the keystore";
const contentsVersion = 1;
const fieldNames = [
  "account",
  "recover",
  "locate",
  "device",
  "deviceName",
  "writer",
  "space",
  "boundary",
  "epochKeys",
  "devices",
  "roster",
  "epochs",
];

/** The canonical bytes of the contents. Secret. */
export function encodeContents(contents: KeystoreContents): Uint8Array {
  const { writer } = contents;
  return encodeCanonical({
    version: contentsVersion,
    account: contents.account,
    recover: contents.recover,
    locate: contents.locateSeed,
    device: contents.deviceSeed,
    deviceName: contents.deviceName,
    writer: [writer.id, writer.seed, writer.instance],
    space: contents.space,
    boundary: contents.boundaryKey,
    epochKeys: contents.epochKeys.map(({ statement, key }): CborValue => [statement, key]),
    devices: contents.devices,
    roster: contents.roster,
    epochs: contents.epochs,
  });
}

/**
 * Reads {@link encodeContents} back. What is signed in it is not verified here.
 * @throws newer, damaged
 */
export function decodeContents(bytes: Uint8Array): KeystoreContents {
  const fields = asRecord(decodeCanonical(bytes, what), what, contentsVersion, fieldNames);
  const bytesOf = (field: string, length: number): Uint8Array =>
    asBytes(fields[field], `the field "${field}" of ${what}`, length);
  const listOf = (field: string): Uint8Array[] =>
    asList(fields[field], `the field "${field}" of ${what}`).map((item) => asBytes(item, what));
  const deviceName = asText(fields["deviceName"], `the device name in ${what}`);
  const fault = deviceNameFault(deviceName);
  if (fault !== undefined) refuseShape(what, `a device name other than one that ${fault}`);
  return {
    account: asKeyField(fields["account"], `the account of ${what}`),
    recover: asRecipient(bytesOf("recover", recipientBytes)),
    locateSeed: asSigningSeed(bytesOf("locate", keyBytes)),
    deviceSeed: asDeviceSeed(bytesOf("device", keyBytes)),
    deviceName,
    writer: decodeWriter(fields["writer"] ?? null),
    space: asSpaceId(bytesOf("space", 32)),
    boundaryKey: asBoundaryKey(bytesOf("boundary", keyBytes)),
    epochKeys: asList(fields["epochKeys"], `the epoch keys of ${what}`).map((item) => {
      const [statement, key] = asTuple(item, 2, `an epoch key of ${what}`);
      return {
        statement: asBytes(statement, what, hashBytes),
        key: asEpochKey(asBytes(key, what, keyBytes)),
      };
    }),
    devices: listOf("devices"),
    roster: listOf("roster"),
    epochs: listOf("epochs"),
  };
}

function decodeWriter(value: CborValue): OwnWriter {
  const name = `the writer of ${what}`;
  const [id, seed, instance] = asTuple(value, 3, name);
  return {
    id: asWriterId(asBytes(id, name, shortIdBytes)),
    seed: asWriterSeed(asBytes(seed, name, keyBytes)),
    instance: asBytes(instance, name, 32),
  };
}
