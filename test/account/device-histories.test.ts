import assert from "node:assert/strict";
import fc from "fast-check";
import {
  admitDeviceList,
  type DeviceList,
  emptyDeviceList,
  joinDeviceLists,
} from "../../src/node/account/device-list.ts";
import { judgeDevices } from "../../src/node/account/device-standing.ts";
import {
  type DeviceAction,
  type DeviceStatement,
  signStatement,
} from "../../src/node/account/device-statement.ts";
import { equalBytes, toBinaryString } from "../../src/node/core/bytes.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { isLong } from "../blocks/random.ts";
import { testIdentity, testRecipient, testSealedName } from "./test-accounts.ts";

const root = testIdentity(100);
const account = root.publicKey;
/** Who signs: the root and five devices, whether they may or not. */
const signers: readonly SigningKey[] = [root, ...[1, 2, 3, 4, 5].map(testIdentity)];
const replicas = 3;

/** One thing that happens: somebody signs on one replica, or a replica hears of another. */
type Step =
  | {
      readonly on: number;
      readonly signer: number;
      readonly subject: number;
      readonly kind: DeviceAction["kind"];
    }
  | { readonly on: number; readonly from: number };

const signs = fc.record({
  on: fc.nat(replicas - 1),
  signer: fc.nat(signers.length - 1),
  subject: fc.integer({ min: 1, max: signers.length - 1 }),
  kind: fc.constantFrom<DeviceAction["kind"]>("add", "add", "revoke", "revoke", "rename"),
});
const hears = fc.record({ on: fc.nat(replicas - 1), from: fc.nat(replicas - 1) });
const steps = fc.array(fc.oneof({ arbitrary: signs, weight: 3 }, hears), { maxLength: 22 });

const actions: Record<DeviceAction["kind"], DeviceAction> = {
  add: { kind: "add", receive: testRecipient, admin: true, name: testSealedName(1) },
  revoke: { kind: "revoke", cuts: [] },
  rename: { kind: "rename", name: testSealedName(2) },
};

/** A list as a set of statements, before anybody judges it. */
type Statements = ReadonlyMap<string, DeviceStatement>;

function sign(
  list: Statements,
  signer: SigningKey,
  subject: SigningKey,
  action: DeviceAction,
): Statements {
  const stoodOn = new Set([...list.values()].flatMap(({ prev }) => prev.map(toBinaryString)));
  const prev = [...list.values()]
    .map(({ hash }) => hash)
    .filter((hash) => !stoodOn.has(toBinaryString(hash)));
  const n = 1 + Math.max(0, ...[...list.values()].map((each) => each.n));
  const terms = { account, n, prev, subject: subject.publicKey, action };
  const statement = signStatement(nodePrimitives, signer, terms);
  return new Map([...list, [toBinaryString(statement.hash), statement]]);
}

/** The lists that three replicas come to, once the root has added four of the devices. */
function play(history: readonly Step[]): DeviceList[] {
  const begun = signers
    .slice(1, 5)
    .reduce<Statements>((list, device) => sign(list, root, device, actions.add), new Map());
  const lists: Statements[] = Array.from({ length: replicas }, () => begun);
  for (const step of history) {
    const list = lists[step.on] ?? assert.fail();
    if ("from" in step) {
      lists[step.on] = new Map([...list, ...(lists[step.from] ?? [])]);
    } else {
      const signer = signers[step.signer] ?? root;
      const subject = signers[step.subject] ?? root;
      lists[step.on] = sign(list, signer, subject, actions[step.kind]);
    }
  }
  return lists.map(listOf);
}

function listOf(statements: Statements): DeviceList {
  const sorted = [...statements].sort(([a, x], [b, y]) => x.n - y.n || (a < b ? -1 : 1));
  const standing = judgeDevices(
    account,
    sorted.map(([, statement]) => statement),
  );
  return { account, statements: new Map(sorted), standing };
}

/** Hashes of all that a statement stands on, itself included. */
function pastOf(list: DeviceList, key: string): Set<string> {
  const past = new Set([key]);
  for (const each of past) {
    for (const hash of list.statements.get(each)?.prev ?? []) past.add(toBinaryString(hash));
  }
  return past;
}

/** The revocations in force that had not seen a statement of the one they revoke. */
function attackers(list: DeviceList, key: string): string[] {
  const { signer } = list.statements.get(key) ?? assert.fail();
  return [...list.statements]
    .filter(([, { action, subject }]) => action.kind === "revoke" && equalBytes(subject, signer))
    .filter(([revocation]) => list.standing.effective.has(revocation))
    .filter(([revocation]) => !pastOf(list, revocation).has(key))
    .map(([revocation]) => revocation);
}

/** Whether somebody who held had given a statement's signer the right to make it. */
function isSupported(list: DeviceList, key: string): boolean {
  const { signer } = list.statements.get(key) ?? assert.fail();
  if (equalBytes(signer, account)) return true;
  return [...pastOf(list, key)].some((each) => {
    const { action, subject } = list.statements.get(each) ?? assert.fail();
    return (
      each !== key &&
      action.kind === "add" &&
      equalBytes(subject, signer) &&
      list.standing.effective.has(each)
    );
  });
}

function check(property: (...lists: DeviceList[]) => void, seed: number): void {
  fc.assert(
    fc.property(steps, (history) => {
      property(...play(history));
    }),
    { seed, numRuns: isLong ? 20_000 : 150 },
  );
}

describe("device lists of random histories", function () {
  if (isLong) this.timeout(600_000);

  it("join to the same in any order, in any grouping, and twice", () => {
    check((a = empty(), b = empty(), c = empty()) => {
      const all = joinDeviceLists(joinDeviceLists(a, b), c);
      assert.deepEqual(joinDeviceLists(a, joinDeviceLists(b, c)), all);
      assert.deepEqual(joinDeviceLists(joinDeviceLists(c, b), a), all);
      assert.deepEqual(joinDeviceLists(all, b), all);
      assert.deepEqual(joinDeviceLists(a, a), a);
    }, 1);
  });

  it("give force to a statement only if its signer had the right and no revocation voids it", () => {
    check((...lists) => {
      const list = lists.reduce(joinDeviceLists);
      for (const key of list.standing.effective) {
        assert.ok(isSupported(list, key));
        assert.deepEqual(attackers(list, key), []);
      }
    }, 2);
  });

  it("reach devices that revoke each other, of which one goes", () => {
    let rings = 0;
    check((...lists) => {
      const list = lists.reduce(joinDeviceLists);
      const revocations = [...list.statements].filter(([, { action }]) => action.kind === "revoke");
      for (const [lost, { signer, subject }] of revocations) {
        const winner = attackers(list, lost).find((key) => {
          const other = list.statements.get(key) ?? assert.fail();
          return equalBytes(other.signer, subject) && !pastOf(list, lost).has(key);
        });
        if (winner === undefined || !isSupported(list, lost)) continue;
        rings++;
        assert.ok(list.standing.effective.has(winner) && !list.standing.effective.has(lost));
        assert.ok(list.standing.revoked.has(toBinaryString(signer)));
      }
    }, 6);
    assert.ok(rings > 0, "no history had such a pair");
  });

  it("void a statement that is no revocation only for one of these reasons", () => {
    check((...lists) => {
      const list = lists.reduce(joinDeviceLists);
      for (const [key, { action, signer }] of list.statements) {
        if (list.standing.effective.has(key)) continue;
        assert.ok(!equalBytes(signer, account), "the root's always hold");
        if (action.kind === "revoke") continue;
        assert.ok(!isSupported(list, key) || attackers(list, key).length > 0);
      }
    }, 3);
  });

  it("show a device if an addition of it is in force and no revocation is", () => {
    check((...lists) => {
      const list = lists.reduce(joinDeviceLists);
      const inForce = [...list.statements]
        .filter(([key]) => list.standing.effective.has(key))
        .map(([, statement]) => statement);
      for (const { publicKey } of signers.slice(1)) {
        const of = (kind: DeviceAction["kind"]): boolean =>
          inForce.some(
            ({ action, subject }) => action.kind === kind && equalBytes(subject, publicKey),
          );
        const key = toBinaryString(publicKey);
        assert.equal(list.standing.present.has(key), of("add") && !of("revoke"));
        assert.equal(list.standing.revoked.has(key), of("revoke"));
      }
    }, 4);
  });

  it("say the same without the statements that decide nothing and that none stands on", () => {
    check((...lists) => {
      const list = lists.reduce(joinDeviceLists);
      assert.deepEqual(admitDeviceList(empty(), list).standing, list.standing);
    }, 5);
  });
});

function empty(): DeviceList {
  return emptyDeviceList(account);
}
