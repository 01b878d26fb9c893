import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asList, asRecord, asText, asTuple, refuseShape } from "../blocks/shape.ts";
import { asSpaceId, asWriterId, type SpaceId, shortIdBytes, type WriterId } from "../core/ids.ts";
import { keyBytes } from "../crypto/derive.ts";
import { asRecipient, type Recipient, recipientBytes } from "../crypto/recipients.ts";
import { asSigningSeed, type PublicKey, type SigningSeed } from "../crypto/sign.ts";
import { type AccountSecret, asAccountSecret } from "./account.ts";
import { asDeviceSeed, type DeviceSeed } from "./device-keys.ts";
import { deviceNameFault } from "./device-names.ts";
import { decodeKeptSpaces, encodeKeptSpaces, type KeptSpace } from "./kept-space.ts";
import { asKeyField } from "./signed-record.ts";
import { asWriterSeed, type WriterSeed } from "./writers.ts";

/** One copy of a device's store, as it knows itself. */
export interface OwnWriter {
  readonly id: WriterId;
  readonly seed: WriterSeed;
  /** Fingerprint of the data folder that this writer belongs to; another one is a copy. 32 bytes. */
  readonly instance: Uint8Array;
}

/** What a device is of itself, in whatever space. */
export interface OwnDevice {
  readonly deviceSeed: DeviceSeed;
  readonly deviceName: string;
  readonly writer: OwnWriter;
}

/** Everything that a device keeps of its account. FORMAT §12.8. */
export interface KeystoreContents extends OwnDevice {
  /** The account's root key. */
  readonly account: PublicKey;
  /** What epoch keys are boxed to for the words. */
  readonly recover: Recipient;
  /** Seed of the IPNS key of the account's profile. */
  readonly locateSeed: SigningSeed;
  /** The device list, as signed. */
  readonly devices: readonly Uint8Array[];
  /** The space of the account's own drive. */
  readonly drive: SpaceId;
  /** Every space that the device has keys of, the drive's among them. */
  readonly spaces: readonly KeptSpace[];
  /** What the account is made of, until somebody has confirmed to have its words. */
  readonly words?: AccountSecret;
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
  "devices",
  "drive",
  "spaces",
  "words?",
];

/** The canonical bytes of the contents. Secret. */
export function encodeContents(contents: KeystoreContents): Uint8Array {
  const { writer, words } = contents;
  return encodeCanonical({
    version: contentsVersion,
    account: contents.account,
    recover: contents.recover,
    locate: contents.locateSeed,
    device: contents.deviceSeed,
    deviceName: contents.deviceName,
    writer: [writer.id, writer.seed, writer.instance],
    devices: contents.devices,
    drive: contents.drive,
    spaces: encodeKeptSpaces(contents.spaces),
    ...(words === undefined ? {} : { words }),
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
  const deviceName = asText(fields["deviceName"], `the device name in ${what}`);
  const fault = deviceNameFault(deviceName);
  if (fault !== undefined) refuseShape(what, `a device name other than one that ${fault}`);
  const drive = asSpaceId(bytesOf("drive", 32));
  return {
    account: asKeyField(fields["account"], `the account of ${what}`),
    recover: asRecipient(bytesOf("recover", recipientBytes)),
    locateSeed: asSigningSeed(bytesOf("locate", keyBytes)),
    deviceSeed: asDeviceSeed(bytesOf("device", keyBytes)),
    deviceName,
    writer: decodeWriter(fields["writer"]),
    devices: asList(fields["devices"], `the devices of ${what}`).map((item) => asBytes(item, what)),
    drive,
    spaces: decodeKeptSpaces(fields["spaces"], drive, `the spaces of ${what}`),
    ...(fields["words"] === undefined
      ? {}
      : { words: asAccountSecret(bytesOf("words", keyBytes)) }),
  };
}

function decodeWriter(value: CborValue | undefined): OwnWriter {
  const name = `the writer of ${what}`;
  const [id, seed, instance] = asTuple(value, 3, name);
  return {
    id: asWriterId(asBytes(id, name, shortIdBytes)),
    seed: asWriterSeed(asBytes(seed, name, keyBytes)),
    instance: asBytes(instance, name, 32),
  };
}
