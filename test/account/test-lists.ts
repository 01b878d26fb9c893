import {
  type Device,
  type DeviceList,
  emptyDeviceList,
} from "../../src/node/account/lists/device-list.ts";
import { type Change, extendSet } from "../../src/node/account/lists/extend-set.ts";
import {
  type Action,
  asStatementHash,
  type Checkpoint,
  type Member,
  type Named,
  type Statement,
  type StatementHash,
  signStatement,
} from "../../src/node/account/lists/statement.ts";
import { joinSets, type StatementSet, setOf } from "../../src/node/account/lists/statement-set.ts";
import type { PublicKey, SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { testDevice, testIdentity, testRoot } from "./test-accounts.ts";

/** A statement of a device list. */
export type Said = Statement<Device, Named>;

/** The list of {@link testRoot} that has no device yet. */
export const emptyList: DeviceList = emptyDeviceList(testRoot.publicKey);

/** The addition of a device. */
export const add = (device: number, admin = true): Change<Device, Named> => ({
  kind: "add",
  member: testDevice(device, admin),
});

/** The revocation of a device. */
export const revoke = (device: number): Change<Device, Named> => ({
  kind: "revoke",
  member: { key: keyOf(device) },
});

/** By which a list names a device. */
export const keyOf = (device: number): PublicKey => testIdentity(device).publicKey;

/** A checkpoint of two who are in and two who are out, in the place of two that nobody knows. */
export const anyCheckpoint = (): Checkpoint<Device, Named> => ({
  kind: "checkpoint",
  in: [testDevice(1), testDevice(2)],
  out: [{ key: keyOf(3) }, { key: keyOf(4) }],
  past: numbered(2),
});

/** The key of a device; 0 is the root. */
export const signerOf = (number: number): SigningKey =>
  number === 0 ? testRoot : testIdentity(number);

/** The list with one more statement, by a device or (0) by the root. */
export const extend = (list: DeviceList, by: number, change: Change<Device, Named>): DeviceList =>
  extendSet(nodePrimitives, list, signerOf(by), change);

/** A list with these devices, all added by the root, all of which may change it. */
export const listWith = (...devices: number[]): DeviceList =>
  devices.reduce((list, device) => extend(list, 0, add(device)), emptyList);

/** The union of lists. */
export const join = (...lists: DeviceList[]): DeviceList => lists.reduce(joinSets);

/** The devices on a list, of those from 1 to 9. */
export const presentIn = (list: DeviceList): number[] =>
  numbersOf((key) => list.standing.present.has(key));

/** The devices that were taken off a list, of those from 1 to 9. */
export const revokedIn = (list: DeviceList): number[] =>
  numbersOf((key) => list.standing.revoked.has(key));

function numbersOf(isMeant: (key: PublicKey) => boolean): number[] {
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((device) => isMeant(keyOf(device)));
}

/** So many different hashes in ascending order. */
export const numbered = (count: number): StatementHash[] =>
  Array.from({ length: count }, (_, i) => {
    const hash = new Uint8Array(32);
    new DataView(hash.buffer).setUint32(0, i);
    return asStatementHash(hash);
  });

/** The statement of the largest (n, hash). */
export function newest<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
): Statement<In, Out> {
  const last = [...set.statements.values()].at(-1);
  if (last === undefined) throw new Error("the set is empty");
  return last;
}

/** Signs a statement that stands on these, whether its signer may or not. */
export function signOn<In extends Member, Out extends Named>(
  { form }: StatementSet<In, Out>,
  signer: SigningKey,
  before: readonly Statement<In, Out>[],
  action: Action<In, Out>,
): Statement<In, Out> {
  const n = 1 + Math.max(0, ...before.map((each) => each.n));
  const prev = before.map(({ hash }) => hash);
  return signStatement(nodePrimitives, form, signer, { n, prev, action });
}

/** Signs a statement on the newest of a set; on nothing if it is a checkpoint. */
export function signNext<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
  signer: SigningKey,
  action: Action<In, Out>,
): Statement<In, Out> {
  return signOn(set, signer, action.kind === "checkpoint" ? [] : [newest(set)], action);
}

/** The set with more statements, whether it lets them count or not. */
export function withStatements<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
  ...more: Statement<In, Out>[]
): StatementSet<In, Out> {
  return setOf(set.form, set.root, [...set.statements.values(), ...more]);
}

/** The list with a statement on its newest, by a device that keeps no rule. */
export function force(list: DeviceList, by: number, action: Action<Device, Named>): DeviceList {
  const before = list.statements.size === 0 ? [] : [newest(list)];
  return withStatements(list, signOn(list, signerOf(by), before, action));
}
