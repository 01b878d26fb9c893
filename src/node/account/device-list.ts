import { equalBytes, toBinaryString, toHex } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../crypto/sign.ts";
import { type DeviceStanding, judgeDevices } from "./device-standing.ts";
import {
  type DeviceAction,
  type DeviceStatement,
  decodeStatement,
  signStatement,
} from "./device-statement.ts";

/**
 * An account's device list: a set of statements, closed under what stands before each.
 *
 * 1. Two lists join by union, so any order of joining gives the same list.
 * 2. Who is on the list is a pure function of the set ({@link judgeDevices}).
 * 3. A statement that has no effect stays in the set: another may stand on it.
 */
export interface DeviceList {
  /** The account's root key. */
  readonly account: PublicKey;
  /** By `toBinaryString` of their hash. */
  readonly statements: ReadonlyMap<string, DeviceStatement>;
  readonly standing: DeviceStanding;
}

/** The most statements of one list. */
export const maxStatements = 1024;

function listOf(account: PublicKey, statements: Iterable<DeviceStatement>): DeviceList {
  const sorted = [...statements].sort(
    (a, b) => a.n - b.n || (toBinaryString(a.hash) < toBinaryString(b.hash) ? -1 : 1),
  );
  const byHash = new Map(sorted.map((each) => [toBinaryString(each.hash), each]));
  for (const statement of byHash.values()) checkPlace(byHash, statement);
  const standing = judgeDevices(account, [...byHash.values()]);
  return { account, statements: byHash, standing };
}

/** Refuses a list that could not be read back. */
function bounded(list: DeviceList): DeviceList {
  if (list.statements.size <= maxStatements) return list;
  throw new CloudError(
    "damaged",
    `the device list has ${list.statements.size.toString()} statements, expected at most ${maxStatements.toString()}`,
  );
}

/** Refuses a statement whose predecessors are missing or whose number is not one more than theirs. */
function checkPlace(known: ReadonlyMap<string, DeviceStatement>, statement: DeviceStatement): void {
  let largest = 0;
  for (const hash of statement.prev) {
    const before = known.get(toBinaryString(hash));
    if (before === undefined) {
      throw new CloudError(
        "damaged",
        `the device list lacks the statement ${toHex(hash)} that another stands on`,
      );
    }
    largest = Math.max(largest, before.n);
  }
  if (statement.n !== largest + 1) {
    throw new CloudError(
      "damaged",
      `a statement of the device list has number ${statement.n.toString()}, expected ${(largest + 1).toString()}`,
    );
  }
}

/** The list of an account that has no device yet. */
export function emptyDeviceList(account: PublicKey): DeviceList {
  return listOf(account, []);
}

/**
 * Reads a list, checking every signature.
 * @param statements - in any order.
 * @throws newer; damaged, if one is malformed, misnumbered or stands on one that is missing.
 */
export function openDeviceList(
  primitives: Primitives,
  account: PublicKey,
  statements: Iterable<Uint8Array>,
): DeviceList {
  const decoded: DeviceStatement[] = [];
  for (const bytes of statements) {
    decoded.push(decodeStatement(primitives, account, bytes));
    if (decoded.length > maxStatements) {
      throw new CloudError(
        "damaged",
        `the device list has more than the ${maxStatements.toString()} statements allowed`,
      );
    }
  }
  return listOf(account, decoded);
}

/** The union of two lists of one account. @throws damaged, if there are too many statements. */
export function joinDeviceLists(a: DeviceList, b: DeviceList): DeviceList {
  return bounded(unionOf(a, b));
}

function unionOf(a: DeviceList, b: DeviceList): DeviceList {
  if (!equalBytes(a.account, b.account)) {
    throw new CloudError("unexpected", "the device lists of two accounts can't be joined");
  }
  return listOf(a.account, [...a.statements.values(), ...b.statements.values()]);
}

/**
 * Takes in what a peer knows: the union, without the statements that change nothing and that none
 * stands on. So a revoked device can't make the list grow.
 * @throws damaged, if there are too many statements.
 */
export function admitDeviceList(own: DeviceList, peers: DeviceList): DeviceList {
  const joined = unionOf(own, peers);
  const kept: DeviceStatement[] = [];
  const stoodOn = new Set<string>();
  for (const [key, statement] of [...joined.statements].reverse()) {
    if (!joined.standing.decisive.has(key) && !stoodOn.has(key)) continue;
    kept.push(statement);
    for (const hash of statement.prev) stoodOn.add(toBinaryString(hash));
  }
  return bounded(listOf(own.account, kept));
}

/** Hashes of the statements on which none stands yet. */
function tips(list: DeviceList): Uint8Array[] {
  const stoodOn = new Set<string>();
  for (const { prev } of list.statements.values()) {
    for (const hash of prev) stoodOn.add(toBinaryString(hash));
  }
  return [...list.statements]
    .filter(([key]) => !stoodOn.has(key))
    .map(([, statement]) => statement.hash);
}

/**
 * The list with one more statement, which stands on all that the list holds.
 * @throws usage, if the signer may not change the list, or if the subject is on the list already
 * (add), was taken off before (add) or is not on it (rename, revoke); damaged, if the list is full.
 */
export function extendDeviceList(
  primitives: Primitives,
  list: DeviceList,
  signer: SigningKey,
  subject: PublicKey,
  action: DeviceAction,
): DeviceList {
  checkRight(list, signer.publicKey);
  checkSubject(list, subject, action);
  const n = 1 + Math.max(0, ...[...list.statements.values()].map((statement) => statement.n));
  const statement = signStatement(primitives, signer, {
    account: list.account,
    n,
    prev: tips(list),
    subject,
    action,
  });
  return bounded(listOf(list.account, [...list.statements.values(), statement]));
}

function checkRight(list: DeviceList, signer: PublicKey): void {
  if (equalBytes(signer, list.account)) return;
  if (list.standing.present.get(toBinaryString(signer))?.admin === true) return;
  throw new CloudError(
    "usage",
    "this device may not change the device list: it was not given that right, or was taken off",
  );
}

function checkSubject(list: DeviceList, subject: PublicKey, action: DeviceAction): void {
  const key = toBinaryString(subject);
  const present = list.standing.present.has(key);
  if (action.kind === "add" && list.standing.revoked.has(key)) {
    throw new CloudError(
      "usage",
      "that device was taken off the list; it comes back with new keys only",
    );
  }
  if (present === (action.kind === "add")) {
    throw new CloudError(
      "usage",
      present ? "that device is on the list already" : "that device is not on the list",
    );
  }
}
