import type { CborValue } from "../../blocks/cbor.ts";
import { asBoolean, asBytes, asTuple } from "../../blocks/shape.ts";
import { concatBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap, IdSet, type ReadonlyIdMap } from "../../core/id-map.ts";
import { signatureDomains } from "../../crypto/domains.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import { asRecipient, type Recipient, recipientBytes } from "../../crypto/recipients.ts";
import {
  asSignature,
  type PublicKey,
  type Signature,
  type SigningKey,
  signatureBytes,
  verify,
} from "../../crypto/sign.ts";
import { asKeyField } from "../signed-record.ts";
import { type Member, membersOf, type Named, type StatementForm } from "./statement.ts";
import { openSet, type StatementSet, setOf } from "./statement-set.ts";

/** A device that is on its account's list, as an addition names it. */
export interface Device extends Member {
  /** The device's identity. */
  readonly key: PublicKey;
  /** What keys are boxed to, so that the device opens them. */
  readonly receive: Recipient;
  /** By the device itself, over account and recipient: nobody else can give it another one. */
  readonly proof: Signature;
}

/** The device list of an account. FORMAT §12.3. */
export type DeviceList = StatementSet<Device, Named>;

const what = "a device on a device list";

function proofMessage(account: PublicKey, receive: Recipient): Uint8Array {
  return concatBytes(account, receive);
}

/**
 * A device as it asks to be added to an account's list.
 * @param identity - signs that the recipient is its own.
 */
export function introduceDevice(
  account: PublicKey,
  identity: SigningKey,
  receive: Recipient,
  admin: boolean,
): Device {
  const proof = identity.sign(signatureDomains.device, proofMessage(account, receive));
  return { key: identity.publicKey, receive, admin, proof };
}

/** How the statements of an account's device list are written. */
function deviceForm(account: PublicKey): StatementForm<Device, Named> {
  return {
    what: "the device list",
    domain: signatureDomains.deviceStatement,
    list: ["account", account],
    hasSuite: false,
    encodeIn: ({ key, admin, receive, proof }): CborValue => [key, admin, receive, proof],
    decodeIn: (primitives, value) => decodeDevice(primitives, account, value),
    encodeOut: ({ key }) => key,
    decodeOut: (value) => ({ key: asKeyField(value, what) }),
  };
}

function decodeDevice(primitives: Primitives, account: PublicKey, value: CborValue): Device {
  const [key, admin, receive, proof] = asTuple(value, 4, what);
  const device: Device = {
    key: asKeyField(key, what),
    admin: asBoolean(admin, `whether ${what} is an admin`),
    receive: asRecipient(asBytes(receive, `the recipient of ${what}`, recipientBytes)),
    proof: asSignature(asBytes(proof, `the proof of ${what}`, signatureBytes)),
  };
  const message = proofMessage(account, device.receive);
  if (!verify(primitives, device.key, signatureDomains.device, message, device.proof)) {
    throw new CloudError("damaged", `${what} did not sign that its recipient is its own`);
  }
  return device;
}

/** The list of an account that has no device yet. @param account - its root key. */
export function emptyDeviceList(account: PublicKey): DeviceList {
  return setOf(deviceForm(account), account, []);
}

/**
 * Reads a list, checking every signature.
 * @param statements - in any order.
 * @throws newer, damaged
 */
export function openDeviceList(
  primitives: Primitives,
  account: PublicKey,
  statements: Iterable<Uint8Array>,
): DeviceList {
  return openSet(primitives, deviceForm(account), account, statements);
}

/** A device that a device took out, and not yet the words. */
export interface ProvisionalRevocation {
  readonly device: PublicKey;
  /** Devices that are in and that the one taken out had added, directly or not. */
  readonly added: readonly PublicKey[];
}

/**
 * Revocations of admins that the words have not confirmed: to be shown until they are, with whom the
 * one taken out had added, for the one who revoked may be the thief.
 */
export function provisionalRevocations(list: DeviceList): ProvisionalRevocation[] {
  const wereAdmins = new IdSet<PublicKey>();
  const addedBy = new IdMap<PublicKey, PublicKey[]>();
  for (const { hash, action, signer } of list.statements.values()) {
    const members = membersOf(action);
    for (const { key, admin } of members) if (admin) wereAdmins.add(key);
    if (action.kind !== "add" || !list.standing.holding.has(hash)) continue;
    addedBy.set(signer, [...(addedBy.get(signer) ?? []), action.member.key]);
  }
  return [...list.standing.revoked]
    .filter(([device, { confirmed }]) => !confirmed && wereAdmins.has(device))
    .map(([device]) => ({ device, added: presentBelow(list, addedBy, device) }));
}

function presentBelow(
  { standing }: DeviceList,
  addedBy: ReadonlyIdMap<PublicKey, readonly PublicKey[]>,
  from: PublicKey,
): PublicKey[] {
  const met = new IdSet<PublicKey>();
  const found: PublicKey[] = [];
  const left = [from];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    for (const key of addedBy.get(at) ?? []) {
      if (!met.add(key)) continue;
      found.push(key);
      left.push(key);
    }
  }
  return found.filter((key) => standing.present.has(key));
}
