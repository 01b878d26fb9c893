import assert from "node:assert/strict";
import fc from "fast-check";
import { admitSet } from "../../src/node/account/lists/admit-set.ts";
import { planCheckpoint } from "../../src/node/account/lists/checkpoint.ts";
import type { Device, DeviceList } from "../../src/node/account/lists/device-list.ts";
import {
  type Action,
  type Named,
  type StatementHash,
  signStatement,
} from "../../src/node/account/lists/statement.ts";
import { joinSets, neededOf, setOf } from "../../src/node/account/lists/statement-set.ts";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { IdMap, IdSet, type ReadonlyIdMap } from "../../src/node/core/id-map.ts";
import type { PublicKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { isLong } from "../blocks/random.ts";
import { testDevice } from "./test-accounts.ts";
import { emptyList, keyOf, type Said, signerOf } from "./test-lists.ts";

const { form, root } = emptyList;
const replicas = 3;
/** Devices from 1; 0 is the root. They sign whether they may or not. */
const devices = 5;

/** One thing that happens: somebody signs on one replica, or a replica hears of another. */
type Step =
  | {
      readonly on: number;
      readonly signer: number;
      readonly subject: number;
      readonly kind: "add" | "admit" | "revoke" | "join";
    }
  | { readonly on: number; readonly putOut: number; readonly readmit: number }
  | { readonly on: number; readonly from: number };

const on = fc.nat(replicas - 1);
const device = fc.integer({ min: 1, max: devices });
const says = fc.record({
  on,
  signer: fc.nat(devices),
  subject: device,
  kind: fc.constantFrom("add", "admit", "admit", "revoke", "revoke", "join"),
});
const hears = fc.record({ on, from: on });
const restates = fc.record({ on, putOut: device, readmit: device });
const withoutCheckpoints = fc.array(fc.oneof({ arbitrary: says, weight: 3 }, hears), {
  maxLength: 22,
});
const withCheckpoints = fc.array(
  fc.oneof({ arbitrary: says, weight: 6 }, { arbitrary: hears, weight: 2 }, restates),
  { maxLength: 22 },
);

const admins = Array.from({ length: devices }, (_, i) => testDevice(i + 1, true));
const plain = Array.from({ length: devices }, (_, i) => testDevice(i + 1, false));

/** What a replica knows, before anybody judges it. */
type Known = ReadonlyIdMap<StatementHash, Said>;

function actionOf({ kind, subject }: Extract<Step, { kind: string }>): Action<Device, Named> {
  switch (kind) {
    case "add":
      return { kind, member: plain[subject - 1] ?? assert.fail() };
    case "admit":
      return { kind: "add", member: admins[subject - 1] ?? assert.fail() };
    case "revoke":
      return { kind, member: { key: keyOf(subject) } };
    case "join":
      return { kind };
  }
}

function sign(known: Known, signer: number, action: Action<Device, Named>): Known {
  const all = [...known.values()];
  const stoodOn = new IdSet(all.flatMap(({ prev }) => prev));
  const tips = all.filter(({ hash }) => !stoodOn.has(hash));
  const isCheckpoint = action.kind === "checkpoint";
  const n = 1 + Math.max(0, ...(isCheckpoint ? all : tips).map((each) => each.n));
  const prev = isCheckpoint ? [] : tips.map(({ hash }) => hash);
  const said = signStatement(nodePrimitives, form, signerOf(signer), { n, prev, action });
  return new IdMap([...known, [said.hash, said]]);
}

function restate(known: Known, step: { putOut: number; readmit: number }): Known {
  const list = listOf(known);
  const { present, revoked } = list.standing;
  const [out, back] = [keyOf(step.putOut), keyOf(step.readmit)];
  const change = {
    putOut: present.has(out) ? [{ key: out }] : [],
    readmit: revoked.has(back) ? [back] : [],
  };
  const plan = planCheckpoint(list, change, ([first]) => first ?? assert.fail());
  return sign(known, 0, plan.checkpoint);
}

const knows = (known: Known, subject: number): boolean =>
  [...known.values()].some(
    ({ action }) => action.kind === "add" && equalBytes(action.member.key, keyOf(subject)),
  );

/** The lists that three replicas come to, once the root has added three of the devices. */
function play(history: readonly Step[]): DeviceList[] {
  const begun = [1, 2, 3].reduce<Known>(
    (known, subject) =>
      sign(known, 0, { kind: "add", member: admins[subject - 1] ?? assert.fail() }),
    new IdMap(),
  );
  const all: Known[] = Array.from({ length: replicas }, () => begun);
  for (const step of history) {
    const known = all[step.on] ?? assert.fail();
    if ("from" in step) all[step.on] = new IdMap([...known, ...(all[step.from] ?? [])]);
    else if ("putOut" in step) all[step.on] = restate(known, step);
    else if (step.kind !== "revoke" || knows(known, step.subject)) {
      all[step.on] = sign(known, step.signer, actionOf(step));
    }
  }
  return all.map(listOf);
}

const listOf = (known: Known): DeviceList => setOf(form, root, known.values());

/** What a statement stands on, as a list of its own. */
function pastOf(list: DeviceList, said: Said): DeviceList {
  const past = new IdMap<StatementHash, Said>();
  const left = [...said.prev];
  for (let hash = left.pop(); hash !== undefined; hash = left.pop()) {
    const before = list.statements.get(hash);
    if (before === undefined || past.has(hash)) continue;
    past.set(hash, before);
    const { action, prev } = before;
    left.push(...(action.kind === "checkpoint" ? action.past : prev));
  }
  // What a checkpoint has replaced may be there in part only.
  const isWhole = ({ prev }: Said): boolean => prev.every((each) => past.has(each));
  for (let found = true; found; ) {
    found = false;
    for (const each of past.values()) if (!isWhole(each)) found = past.delete(each.hash);
  }
  return listOf(past);
}

const saidBy = (list: DeviceList, kind: string): Said[] =>
  [...list.statements.values()].filter(({ action }) => action.kind === kind);
const holds = (list: DeviceList, { hash }: Said): boolean => list.standing.holding.has(hash);
const isAbout = ({ action }: Said, key: PublicKey): boolean =>
  "member" in action ? equalBytes(action.member.key, key) : assert.fail();

function check(
  histories: fc.Arbitrary<Step[]>,
  seed: number,
  property: (...lists: DeviceList[]) => void,
): void {
  fc.assert(
    fc.property(histories, (history) => {
      property(...play(history));
    }),
    { seed, numRuns: isLong ? 20_000 : 120 },
  );
}

describe("device lists of random histories", function () {
  this.timeout(isLong ? 900_000 : 30_000);

  it("join to the same in any order, in any grouping, and twice", () => {
    check(withCheckpoints, 1, (a = emptyList, b = emptyList, c = emptyList) => {
      const all = joinSets(joinSets(a, b), c);
      assert.deepEqual(joinSets(a, joinSets(b, c)), all);
      assert.deepEqual(joinSets(joinSets(c, b), a), all);
      assert.deepEqual(joinSets(all, b), all);
      assert.deepEqual(joinSets(a, a), a);
    });
  });

  it("say the same without what they need not, now and once joined with others", () => {
    check(withCheckpoints, 2, (a = emptyList, b = emptyList, c = emptyList) => {
      const all = joinSets(joinSets(a, b), c);
      const kept = joinSets(joinSets(neededOf(a), neededOf(b)), neededOf(c));
      assert.deepEqual(neededOf(kept), neededOf(all));
      assert.deepEqual(neededOf(all).standing, all.standing);
      assert.deepEqual(kept.standing, all.standing);
    });
  });

  it("say the same as their union once one is taken in, as long as nobody says too much", () => {
    check(withCheckpoints, 3, (a = emptyList, b = emptyList, c = emptyList) => {
      const { set, refused } = admitSet(a, b);
      assert.equal(refused, 0);
      assert.deepEqual(set.standing, joinSets(a, b).standing);
      const all = admitSet(admitSet(c, b).set, a).set;
      assert.deepEqual(all.standing, admitSet(set, c).set.standing);
      assert.deepEqual(admitSet(all, a).set, all);
    });
  });

  it("never take a denial back, whatever more is said, but by a checkpoint", () => {
    check(withoutCheckpoints, 4, (...lists) => {
      const all = lists.reduce(joinSets);
      for (const list of lists) {
        for (const key of list.standing.revoked.keys()) assert.ok(all.standing.revoked.has(key));
        for (const revocation of saidBy(list, "revoke")) {
          assert.equal(holds(all, revocation), holds(list, revocation));
        }
      }
    });
  });

  it("heed a revocation if its signer had the right where it was signed, and only then", () => {
    let refused = 0;
    check(withoutCheckpoints, 5, (...lists) => {
      const all = lists.reduce(joinSets);
      for (const said of saidBy(all, "revoke")) {
        const past = pastOf(all, said).standing.present.get(said.signer);
        const had = equalBytes(said.signer, root) || past?.admin === true;
        assert.equal(holds(all, said), had);
        if (!had) refused++;
      }
    });
    assert.ok(refused > 0, "no history had one without the right");
  });

  it("heed an addition by a device that had the right and did not add it unseen", () => {
    let voided = 0;
    check(withoutCheckpoints, 6, (...lists) => {
      const all = lists.reduce(joinSets);
      const revocations = saidBy(all, "revoke").filter((each) => holds(all, each));
      for (const said of saidBy(all, "add")) {
        const { signer } = said;
        const past = pastOf(all, said);
        const unseen = revocations.filter(
          (each) => isAbout(each, signer) && !pastOf(all, each).statements.has(said.hash),
        );
        const isAdmitted = saidBy(past, "add").some(
          (each) =>
            isAbout(each, signer) &&
            holds(all, each) &&
            each.action.kind === "add" &&
            each.action.member.admin,
        );
        const had = past.standing.present.get(signer)?.admin === true;
        const expected =
          equalBytes(said.signer, root) || (had && isAdmitted && unseen.length === 0);
        assert.equal(holds(all, said), expected);
        if (had && !expected) voided++;
      }
    });
    assert.ok(voided > 0, "no history had one that a revocation voids");
  });

  it("show a device if an addition of it holds and no revocation does", () => {
    check(withoutCheckpoints, 7, (...lists) => {
      const all = lists.reduce(joinSets);
      for (let number = 1; number <= devices; number++) {
        const key = keyOf(number);
        const of = (kind: string): boolean =>
          saidBy(all, kind).some((each) => isAbout(each, key) && holds(all, each));
        assert.equal(all.standing.present.has(key), of("add") && !of("revoke"));
        assert.equal(all.standing.revoked.has(key), of("revoke"));
      }
    });
  });

  it("take in nobody, beside a checkpoint, of whom neither it nor the root knows", () => {
    check(withCheckpoints, 8, (...lists) => {
      const all = lists.reduce(joinSets);
      const replaced = new IdSet(
        saidBy(all, "checkpoint").flatMap(({ action }) =>
          action.kind === "checkpoint" ? action.past : [],
        ),
      );
      const counting = saidBy(all, "checkpoint").filter(({ hash }) => !replaced.has(hash));
      for (const said of counting) {
        const { action } = said;
        if (action.kind !== "checkpoint") continue;
        const inIt = new IdSet(action.in.map(({ key }) => key));
        const outOfIt = new IdSet(action.out.map(({ key }) => key));
        for (const key of all.standing.present.keys()) {
          assert.ok(!outOfIt.has(key));
          if (inIt.has(key)) continue;
          const brought = saidBy(all, "add").filter(
            (each) => isAbout(each, key) && holds(all, each),
          );
          const isBrought = brought.some(
            (each) => equalBytes(each.signer, root) || pastOf(all, each).statements.has(said.hash),
          );
          assert.ok(isBrought);
        }
      }
    });
  });
});
