import { accountKeys } from "../../src/node/account/account.ts";
import { deviceIdentity } from "../../src/node/account/device-keys.ts";
import {
  type DeviceList,
  emptyDeviceList,
  extendDeviceList,
  joinDeviceLists,
} from "../../src/node/account/device-list.ts";
import { sealDeviceName } from "../../src/node/account/device-names.ts";
import type { DeviceAction } from "../../src/node/account/device-statement.ts";
import { toBinaryString, toHex } from "../../src/node/core/bytes.ts";
import { asWriterId } from "../../src/node/core/ids.ts";
import { asEpochKey, epochKeys } from "../../src/node/crypto/derive.ts";
import { signatureDomains } from "../../src/node/crypto/domains.ts";
import { asRecipient } from "../../src/node/crypto/recipients.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import { resigned } from "../account/test-accounts.ts";
import {
  about,
  accountSecret,
  deviceSeeds,
  labelled,
  labelledRandom,
} from "./account-inputs.make.ts";
import type { VectorValue } from "./vector-file.ts";

const { namesKey } = epochKeys(primitives, asEpochKey(labelled("epoch key")));
/** Nobody opens anything for it here, so that the file stays readable. */
const receive = asRecipient(new Uint8Array(1216).fill(7));
const [ann, ben, cid] = deviceSeeds.map((seed) => deviceIdentity(primitives, seed)) as [
  SigningKey,
  SigningKey,
  SigningKey,
];

const name = (device: SigningKey, text: string): Uint8Array =>
  sealDeviceName(namesKey, device.publicKey, text, labelledRandom(text));
const add = (device: SigningKey, text: string, admin = true): DeviceAction => ({
  kind: "add",
  receive,
  admin,
  name: name(device, text),
});
const writer = asWriterId(labelled("writer").subarray(0, 16));
const revoke: DeviceAction = { kind: "revoke", cuts: [{ writer, seq: 7, head: labelled("head") }] };
const extend = (
  list: DeviceList,
  signer: SigningKey,
  device: SigningKey,
  action: DeviceAction,
): DeviceList => extendDeviceList(primitives, list, signer, device.publicKey, action);

/** Statements of a device list, and who is on lists that were joined. FORMAT §10.7. */
export async function makeDevices(): Promise<VectorValue> {
  const { root } = await accountKeys(primitives, accountSecret);
  const first = extend(emptyDeviceList(root.publicKey), root, ann, add(ann, "laptop"));
  const two = extend(first, ann, ben, add(ben, "desktop"));
  const renamed = extend(two, ben, ann, { kind: "rename", name: name(ann, "old laptop") });
  const benOff = extend(two, ann, ben, revoke);
  const benAddsCid = extend(two, ben, cid, add(cid, "phone", false));
  const both = joinDeviceLists(renamed, benAddsCid);
  const lists: [string, DeviceList][] = [
    ["one device, added by the root", first],
    ["three statements, one after the other", renamed],
    ["a device that was taken off", benOff],
    ["what a device signed beside its revocation is void", joinDeviceLists(benOff, benAddsCid)],
    ["what the revoker had seen holds", extend(benAddsCid, ann, ben, revoke)],
    [
      "of two that revoke each other the older stays",
      joinDeviceLists(benOff, extend(two, ben, ann, revoke)),
    ],
    ["the root is older than all", joinDeviceLists(benOff, extend(two, root, ann, revoke))],
    ["one statement stands on two branches", extend(both, root, cid, revoke)],
  ];
  return {
    about: about("§10.7, device list", [
      "The recipient is 1,216 bytes of 7, which nobody opens. Sealed names open under `namesKey`.",
      "`refused`: one statement, read for `account`; where it was changed it was signed anew by the root.",
    ]),
    account: toHex(root.publicKey),
    namesKey: toHex(namesKey),
    lists: lists.map(([name, list]) => listVector(name, list)),
    refused: refusedVectors(first, root),
  };
}

function listVector(name: string, list: DeviceList): VectorValue {
  const { present, revoked, effective } = list.standing;
  return {
    name,
    statements: [...list.statements.values()].map(({ bytes, hash, n }) => ({
      n,
      hash: toHex(hash),
      bytes: toHex(bytes),
      holds: effective.has(toBinaryString(hash)),
    })),
    present: [...present.values()].map((device) => ({
      key: toHex(device.key),
      admin: device.admin,
      sealedName: toHex(device.name),
    })),
    revoked: [...revoked].map(([key, cuts]) => ({
      key: toHex(Uint8Array.from(key, (character) => character.charCodeAt(0))),
      cuts: cuts.map((cut) => [toHex(cut.writer), cut.seq, toHex(cut.head)]),
    })),
  };
}

function refusedVectors(list: DeviceList, root: SigningKey): VectorValue {
  return [...list.statements.values()].flatMap(({ bytes }) => {
    const changed = (changes: Parameters<typeof resigned>[3]): string =>
      toHex(resigned(bytes, root, signatureDomains.deviceStatement, changes));
    return [
      { code: "damaged", name: "altered", bytes: toHex(bytes.with(100, (bytes[100] ?? 0) ^ 1)) },
      { code: "damaged", name: "cut short", bytes: toHex(bytes.subarray(0, -1)) },
      { code: "damaged", name: "without a field", bytes: changed({ admin: undefined }) },
      { code: "damaged", name: "a field of another action", bytes: changed({ cuts: [] }) },
      { code: "damaged", name: "misnumbered", bytes: changed({ n: 2 }) },
      { code: "damaged", name: "of another account", bytes: changed({ account: ann.publicKey }) },
      { code: "damaged", name: "about the root", bytes: changed({ subject: root.publicKey }) },
      { code: "newer", name: "version 2", bytes: changed({ version: 2 }) },
      { code: "newer", name: "an unknown field", bytes: changed({ colour: "red" }) },
    ];
  });
}
