// Who speaks in the vectors of the device list, and how what they say is written.
import { asDeviceSeed, deviceIdentity } from "../../../../src/node/account/device-keys.ts";
import {
  type Device,
  type DeviceList,
  emptyDeviceList,
  introduceDevice,
  provisionalRevocations,
} from "../../../../src/node/account/lists/device-list.ts";
import type { Action, Checkpoint, Named, Statement, StatementHash } from "../../../../src/node/account/lists/statement.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { asRecipient, type Recipient } from "../../../../src/node/crypto/recipients.ts";
import type { SigningKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { labelled } from "../account/account-inputs.make.ts";
import { type Shown, Statements, setWith, signOn } from "./statements.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** A statement of the device list. */
export type Said = Statement<Device, Named>;
/** What one says. */
export type Says = Action<Device, Named>;

/** Recipients: nobody opens anything for them here. */
export const [receive, otherReceive] = [7, 8].map((fill) =>
  asRecipient(new Uint8Array(1216).fill(fill)),
) as [Recipient, Recipient];
/** The devices of the story, by their identities. */
export const [ann, ben, cid, dan, eve] = ["ann", "ben", "cid", "dan", "eve"].map((name) =>
  deviceIdentity(primitives, asDeviceSeed(labelled(name))),
) as [SigningKey, SigningKey, SigningKey, SigningKey, SigningKey];

/** How devices are shown: `[key, admin, SHA-256 of receive, proof]`, and the key of who is out. */
export const shownDevices: Shown<Device, Named> = {
  in: ({ key, admin, receive: recipient, proof }) => [
    toHex(key),
    admin,
    toHex(primitives.sha256(recipient)),
    toHex(proof),
  ],
  out: ({ key }) => toHex(key),
};

/** Whose revocation nobody has confirmed, and whom that one had added; both by their keys. */
export const showProvisional = (list: DeviceList): VectorValue =>
  provisionalRevocations(list)
    .map(({ device, added }) => ({ device: toHex(device), added: added.map(toHex).toSorted() }))
    .toSorted((a, b) => (a.device < b.device ? -1 : 1));

/** What people say of one account, and the lists that come of it. */
export class DeviceStory {
  readonly root: SigningKey;
  readonly statements = new Statements(shownDevices);
  readonly #empty: DeviceList;
  readonly #said: Said[] = [];

  constructor(root: SigningKey) {
    this.root = root;
    this.#empty = emptyDeviceList(root.publicKey);
  }

  /** One more statement, which stands on these, whether its signer may make it or not. */
  say = (by: SigningKey, action: Says, ...on: Said[]): Said => {
    const said = signOn(this.#empty, by, on, action);
    this.#said.push(said);
    return said;
  };

  /** A checkpoint of a number of its own. */
  restate(n: number, terms: Omit<Checkpoint<Device, Named>, "kind">): Said {
    const action: Says = { kind: "checkpoint", ...terms };
    const said = signOn(this.#empty, this.root, [], action, n);
    this.#said.push(said);
    return said;
  }

  /** The list of these statements and all that they stand on. */
  list = (name: string, ...tips: Said[]): VectorValue => {
    const list = setWith(this.#empty, this.#said, ...tips);
    return this.statements.list(name, list, { provisional: showProvisional(list) });
  };

  device = (identity: SigningKey, admin = true, recipient = receive): Device =>
    introduceDevice(this.root.publicKey, identity, recipient, admin);

  add = (identity: SigningKey, admin = true, recipient = receive): Says => ({
    kind: "add",
    member: this.device(identity, admin, recipient),
  });
}

/** Who is out. */
export const off = ({ publicKey }: SigningKey): Named => ({ key: publicKey });
/** That one is out. */
export const revoke = (identity: SigningKey): Says => ({ kind: "revoke", member: off(identity) });
/** Nothing but that one knew what it stands on. */
export const join: Says = { kind: "join" };
/** By which other statements name them. */
export const hashes = (...said: Said[]): StatementHash[] => said.map(({ hash }) => hash);
