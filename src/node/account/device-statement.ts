import type { CborValue } from "../blocks/cbor.ts";
import { asBytes, asInteger, asText, refuseShape } from "../blocks/shape.ts";
import { equalBytes } from "../core/bytes.ts";
import { signatureDomains } from "../crypto/domains.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { asRecipient, type Recipient, recipientBytes } from "../crypto/recipients.ts";
import type { PublicKey, SigningKey } from "../crypto/sign.ts";
import { type Cut, decodeCuts, encodeCuts } from "./cuts.ts";
import { sealedNameBytes } from "./device-names.ts";
import {
  asAscending,
  ascending,
  asKeyField,
  checkSignature,
  decodeSigned,
  encodeSigned,
  type Fields,
  hashBytes,
} from "./signed-record.ts";

/** What a statement says of its subject. */
export type DeviceAction =
  | {
      readonly kind: "add";
      /** What keys are boxed to, so that the device opens them. */
      readonly receive: Recipient;
      /** Whether the device may itself change the list. */
      readonly admin: boolean;
      /** Of `sealDeviceName`. */
      readonly name: Uint8Array;
    }
  | { readonly kind: "rename"; readonly name: Uint8Array }
  | { readonly kind: "revoke"; readonly cuts: readonly Cut[] };

/** One statement of an account's device list. FORMAT §10.7. */
export interface DeviceStatement {
  /** SHA-256 of {@link bytes}. */
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
  /** One more than the largest of the statements before; 1 if there is none. */
  readonly n: number;
  /** Hashes of all statements that the signer knew and nothing followed yet, ascending. */
  readonly prev: readonly Uint8Array[];
  /** The account's root key, or the identity of a device. */
  readonly signer: PublicKey;
  /** The identity of the device that it is about. */
  readonly subject: PublicKey;
  readonly action: DeviceAction;
}

/** The largest statement in bytes. */
export const maxStatementBytes = 32 * 1024;
/** The most branches that one statement joins. */
const maxPrev = 64;

const what = "a statement of the device list";
const statementVersion = 1;
const fieldNames = [
  "account",
  "n",
  "prev",
  "signer",
  "subject",
  "action",
  "receive?",
  "admin?",
  "name?",
  "cuts?",
];
/** Beside `action` itself: which fields each action has, no more and no fewer. */
const actionFields = {
  add: ["receive", "admin", "name"],
  rename: ["name"],
  revoke: ["cuts"],
} as const;

function encodeAction(action: DeviceAction): Fields {
  switch (action.kind) {
    case "add": {
      const { receive, admin, name } = action;
      return { action: "add", receive, admin, name };
    }
    case "rename":
      return { action: "rename", name: action.name };
    case "revoke":
      return { action: "revoke", cuts: encodeCuts(action.cuts) };
  }
}

/** Signs a statement. Whether the signer may make it is not asked here. */
export function signStatement(
  primitives: Primitives,
  signer: SigningKey,
  statement: {
    readonly account: PublicKey;
    readonly n: number;
    readonly prev: readonly Uint8Array[];
    readonly subject: PublicKey;
    readonly action: DeviceAction;
  },
): DeviceStatement {
  const { account, n, subject, action } = statement;
  const prev = ascending(statement.prev);
  const bytes = encodeSigned(
    {
      version: statementVersion,
      account,
      n,
      prev,
      signer: signer.publicKey,
      subject,
      ...encodeAction(action),
    },
    signer,
    signatureDomains.deviceStatement,
  );
  const hash = primitives.sha256(bytes);
  return { hash, bytes, n, prev, signer: signer.publicKey, subject, action };
}

/**
 * Reads a statement and checks its signature. Whether its signer may make it is for the list.
 * @throws newer; damaged, also if it belongs to another account or is about the account's root.
 */
export function decodeStatement(
  primitives: Primitives,
  account: PublicKey,
  bytes: Uint8Array,
): DeviceStatement {
  const record = decodeSigned(bytes, what, statementVersion, fieldNames, maxStatementBytes);
  const { fields } = record;
  const signer = asKeyField(fields["signer"], `the signer of ${what}`);
  checkSignature(primitives, record, signer, signatureDomains.deviceStatement, what);
  if (!equalBytes(asKeyField(fields["account"], what), account)) {
    refuseShape(what, "one of this account");
  }
  const subject = asKeyField(fields["subject"], `the subject of ${what}`);
  if (equalBytes(subject, account)) refuseShape(what, "a device as its subject");
  const n = asInteger(fields["n"], `the number of ${what}`, 1);
  const prev = asAscending(fields["prev"], `what stands before ${what}`, hashBytes, maxPrev);
  if ((n === 1) !== (prev.length === 0)) refuseShape(what, "number 1 if nothing stands before it");
  const action = decodeAction(fields);
  return { hash: primitives.sha256(bytes), bytes, n, prev, signer, subject, action };
}

function decodeAction(fields: Fields): DeviceAction {
  const kind = asText(fields["action"], `the action of ${what}`);
  if (kind !== "add" && kind !== "rename" && kind !== "revoke") {
    return refuseShape(what, 'the action "add", "rename" or "revoke"');
  }
  const expected: readonly string[] = actionFields[kind];
  for (const field of Object.values(actionFields).flat()) {
    if (expected.includes(field) !== field in fields) {
      refuseShape(what, `for "${kind}" just the fields ${expected.join(", ")}`);
    }
  }
  if (kind === "revoke") return { kind, cuts: decodeCuts(fields["cuts"], `the cuts of ${what}`) };
  const name = asBytes(fields["name"], `the name in ${what}`, sealedNameBytes);
  if (kind === "rename") return { kind, name };
  const receive = asBytes(fields["receive"], `the recipient in ${what}`, recipientBytes);
  return { kind, receive: asRecipient(receive), admin: asBoolean(fields["admin"]), name };
}

function asBoolean(value: CborValue | undefined): boolean {
  return typeof value === "boolean" ? value : refuseShape(what, "true or false for admin");
}
