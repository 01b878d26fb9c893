import assert from "node:assert/strict";
import { type Cut, joinCuts } from "../../src/node/account/lists/cuts.ts";
import type { Change } from "../../src/node/account/lists/extend-set.ts";
import {
  admitRoster,
  type CutDevice,
  extendRoster,
  foundRoster,
  openRoster,
  planRosterCheckpoint,
  type Roster,
  restateRoster,
  tipsHash,
} from "../../src/node/account/lists/roster.ts";
import type { Member } from "../../src/node/account/lists/statement.ts";
import { bytesOf, joinSets, tipsOf } from "../../src/node/account/lists/statement-set.ts";
import { concatBytes, toHex } from "../../src/node/core/bytes.ts";
import { asSpaceId, asWriterId } from "../../src/node/core/ids.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { seeded, shuffled } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import { testNonce, testOverride, testPseudonym, testRoster } from "./test-accounts.ts";
import { newest, signOn } from "./test-lists.ts";

type RosterChange = Change<Member, CutDevice>;

const cut = (seq: number, writer = 5): Cut => ({
  writer: asWriterId(new Uint8Array(16).fill(writer)),
  seq,
  head: new Uint8Array(32).fill(seq),
});
const add = (device: number, admin = true): RosterChange => ({
  kind: "add",
  member: { key: testPseudonym(device).publicKey, admin },
});
const revoke = (device: number, ...cuts: Cut[]): RosterChange => ({
  kind: "revoke",
  member: { key: testPseudonym(device).publicKey, cuts },
});
const suite = (number: number): RosterChange => ({ kind: "suite", suite: number });
/** 0 is the words. */
const signerOf = (by: number): SigningKey => (by === 0 ? testOverride : testPseudonym(by));
const extend = (roster: Roster, by: number, change: RosterChange): Roster =>
  extendRoster(nodePrimitives, roster, signerOf(by), change);
const open = (roster: Roster, statements: readonly Uint8Array[]): Roster =>
  openRoster(nodePrimitives, roster.space, statements);
const join = (one: Roster, other: Roster): Roster => open(one, bytesOf(joinSets(one, other)));
const present = (roster: Roster): number[] =>
  [1, 2, 3, 4, 5, 6].filter((device) =>
    roster.standing.present.has(testPseudonym(device).publicKey),
  );
const cutsOf = (roster: Roster, device: number): readonly (readonly Cut[])[] | undefined =>
  roster.standing.revoked.get(testPseudonym(device).publicKey)?.said.map(({ cuts }) => cuts);

const first = testRoster(1, 2);

describe("the founding of a space", () => {
  it("names it by the hash of its first statement", () => {
    const roster = foundRoster(nodePrimitives, testOverride, testNonce, 3);
    const [statement] = roster.statements.values();
    assert.deepEqual(roster.space, asSpaceId(statement?.hash ?? assert.fail()));
    assert.deepEqual(roster.founding, {
      kind: "found",
      nonce: testNonce,
      override: testOverride.publicKey,
      suite: 3,
    });
    assert.deepEqual([roster.root, roster.standing.suite], [testOverride.publicKey, 3]);
    assert.equal(roster.standing.present.size, 0);
  });

  it("makes another space with another nonce, suite or override key", () => {
    const others = [
      foundRoster(nodePrimitives, testOverride, new Uint8Array(16), 3),
      foundRoster(nodePrimitives, testOverride, testNonce, 4),
      foundRoster(nodePrimitives, testPseudonym(1), testNonce, 3),
    ];
    assert.equal(new Set(others.map(({ space }) => toHex(space))).size, 3);
  });

  it("is in every set of statements of the space, and none of another space's is", async () => {
    const message = /lacks the statement that the space is named after/u;
    await refuses(() => open(first, bytesOf(first).slice(1)), "damaged", message);
    await refuses(() => open(first, []), "damaged", message);
    const other = foundRoster(nodePrimitives, testOverride, new Uint8Array(16), 1);
    await refuses(() => open(other, bytesOf(first)), "damaged", /expected one of this space/u);
    await refuses(() => open(first, bytesOf(other)), "damaged", message);
    await refuses(
      () => open(first, [...bytesOf(first), ...bytesOf(other)]),
      "damaged",
      /founded by another statement than the one that it is named after/u,
    );
  });

  it("by a device is none: another statement of that name founds nothing", async () => {
    const said = signOn(first, testPseudonym(1), [newest(first)], { kind: "join" });
    const space = asSpaceId(said.hash);
    await refuses(() => openRoster(nodePrimitives, space, [said.bytes]), "damaged");
  });
});

describe("a roster", () => {
  it("is read from its statements in any order, and is then the same", () => {
    let roster = extend(extend(first, 1, add(3)), 3, revoke(2, cut(4)));
    roster = extend(roster, 1, suite(2));
    for (let seed = 0; seed < 5; seed++) {
      const read = open(first, shuffled(seeded(seed), bytesOf(roster)));
      assert.deepEqual(read.standing, roster.standing);
      assert.deepEqual(read.statements, roster.statements);
      assert.deepEqual(read.founding, roster.founding);
    }
  });

  it("is changed by devices with that right, and by the words", async () => {
    const plain = extend(first, 1, add(3, false));
    await refuses(() => extend(plain, 3, add(4)), "usage", /may not change the roster/u);
    await refuses(() => extend(plain, 3, suite(2)), "usage", /may not change the roster/u);
    assert.deepEqual(present(extend(plain, 0, revoke(1))), [2, 3]);
  });

  it("keeps what each who took a device out lets stand of it", () => {
    const both = join(extend(first, 1, revoke(2, cut(4))), extend(first, 0, revoke(2, cut(6))));
    assert.deepEqual(new Set(cutsOf(both, 2)?.map(([each]) => each?.seq)), new Set([4, 6]));
    assert.deepEqual(cutsOf(both, 1), undefined);
  });
});

describe("a thief's fork of a roster", () => {
  // 2 is stolen. 1 takes it out; the thief says more, on the roster as it was.
  const owners = extend(first, 1, revoke(2, cut(4)));
  let longer = first;
  for (const device of [3, 4, 5]) longer = extend(longer, 2, add(device));
  longer = extend(longer, 5, add(6));

  it("does not win for being longer", () => {
    assert.ok(newest(longer).n > newest(owners).n);
    assert.deepEqual(present(join(owners, longer)), [1]);
    assert.deepEqual(present(admitRoster(owners, longer).roster), [1]);
    assert.deepEqual(present(admitRoster(longer, owners).roster), [1]);
  });

  it("does not cut who took it out for knowing nothing of it", () => {
    for (const joined of [join(owners, longer), join(longer, owners)]) {
      assert.equal(cutsOf(joined, 1), undefined);
      assert.deepEqual(cutsOf(joined, 2), [[cut(4)]]);
    }
  });

  it("that takes the owner out, too, leaves neither in, until the words say who is who", () => {
    const fork = extend(longer, 2, revoke(1));
    const joined = join(owners, fork);
    assert.deepEqual(present(joined), []);
    const plan = planRosterCheckpoint(joined, {
      putOut: [],
      readmit: [testPseudonym(1).publicKey],
    });
    const restated = restateRoster(nodePrimitives, joined, testOverride, plan);
    assert.deepEqual(present(restated), [1]);
    assert.deepEqual(present(join(restated, fork)), [1]);
  });
});

describe("the suite of a space", () => {
  it("is the largest that was said by one who might", () => {
    assert.equal(first.standing.suite, 1);
    const raised = extend(first, 2, suite(7));
    assert.equal(raised.standing.suite, 7);
    assert.equal(extend(raised, 1, suite(3)).standing.suite, 7);
    const forged = signOn(first, testPseudonym(4), [newest(first)], { kind: "suite", suite: 9 });
    assert.equal(open(first, [...bytesOf(first), forged.bytes]).standing.suite, 1);
  });

  it("said beside a checkpoint by a device does not count, by the words it does", () => {
    const plan = planRosterCheckpoint(first, { putOut: [], readmit: [] });
    const restated = restateRoster(nodePrimitives, first, testOverride, plan);
    assert.equal(restated.standing.suite, 1);
    assert.equal(join(restated, extend(first, 1, suite(7))).standing.suite, 1);
    assert.equal(join(restated, extend(first, 0, suite(7))).standing.suite, 7);
    assert.equal(extend(restated, 1, suite(5)).standing.suite, 5);
  });
});

describe("a suite that a thief said", () => {
  it("is lowered by a checkpoint that says another", () => {
    const raised = extend(first, 2, suite(255));
    const off = extend(raised, 1, revoke(2));
    assert.equal(off.standing.suite, 255, "a revocation takes nothing back");
    const change = { putOut: [], readmit: [] };
    assert.equal(planRosterCheckpoint(off, change).checkpoint.suite, 255);
    const plan = planRosterCheckpoint(off, { ...change, suite: 1 });
    const restated = restateRoster(nodePrimitives, off, testOverride, plan);
    assert.equal(restated.standing.suite, 1);
    assert.equal(join(restated, off).standing.suite, 1);
    assert.equal(open(first, bytesOf(restated)).standing.suite, 1);
  });
});

describe("a roster that was restated", () => {
  const before = extend(extend(extend(first, 1, add(3)), 1, revoke(2, cut(4))), 0, suite(2));

  it("is its founding and the checkpoint, and says the same", () => {
    const plan = planRosterCheckpoint(before, { putOut: [], readmit: [] });
    const restated = restateRoster(nodePrimitives, before, testOverride, plan);
    assert.equal(restated.statements.size, 2);
    assert.deepEqual([present(restated), cutsOf(restated, 2)], [[1, 3], [[cut(4)]]]);
    assert.equal(restated.standing.suite, 2);
    const read = open(first, bytesOf(restated));
    assert.deepEqual(read.standing, restated.standing);
    assert.deepEqual(present(join(restated, before)), [1, 3]);
    assert.equal(admitRoster(restated, before).roster.statements.size, 2);
    assert.deepEqual(present(extend(restated, 3, add(4))), [1, 3, 4]);
  });

  it("is signed by the words only", async () => {
    const plan = planRosterCheckpoint(before, { putOut: [], readmit: [] });
    await refuses(
      () => restateRoster(nodePrimitives, before, testPseudonym(1), plan),
      "usage",
      /only the 24 words/u,
    );
  });

  it("says of a device that several took out what all of them let stand", () => {
    const start = testRoster(1, 2, 3);
    const both = join(
      extend(start, 1, revoke(2, cut(4, 5), cut(9, 6))),
      extend(start, 3, revoke(2, cut(6, 5), cut(8, 7))),
    );
    const { checkpoint } = planRosterCheckpoint(both, { putOut: [], readmit: [] });
    assert.deepEqual(checkpoint.out, [{ key: testPseudonym(2).publicKey, cuts: [cut(4, 5)] }]);
  });

  it("puts a device out with the cuts that the words give it", () => {
    const putOut = [{ key: testPseudonym(3).publicKey, cuts: [cut(2)] }];
    const plan = planRosterCheckpoint(before, { putOut, readmit: [] });
    const restated = restateRoster(nodePrimitives, before, testOverride, plan);
    assert.deepEqual([present(restated), cutsOf(restated, 3)], [[1], [[cut(2)]]]);
  });
});

describe("two lists of cuts", () => {
  it("let stand of the writers that both name the earlier head", () => {
    assert.deepEqual(joinCuts([cut(4), cut(3, 6)], [cut(6), cut(2, 7)]), [cut(4)]);
    assert.deepEqual(joinCuts([cut(6)], [cut(4)]), [cut(4)]);
    assert.deepEqual(joinCuts([cut(6)], []), []);
    assert.deepEqual(joinCuts([], [cut(6)]), []);
  });

  it("let stand of two heads of one number that of the smaller hash, in whichever order", () => {
    const [small, large] = [
      { ...cut(4), head: new Uint8Array(32).fill(1) },
      { ...cut(4), head: new Uint8Array(32).fill(2) },
    ];
    assert.deepEqual(joinCuts([large], [small]), [small]);
    assert.deepEqual(joinCuts([small], [large]), [small]);
  });
});

describe("the hash by which a head names a roster", () => {
  const hashOf = (roster: Roster): string => toHex(tipsHash(nodePrimitives, roster));

  it("is that of the statements on which none stands", () => {
    const founded = foundRoster(nodePrimitives, testOverride, testNonce, 1);
    assert.equal(hashOf(founded), toHex(nodePrimitives.sha256(founded.space)));
    assert.equal(hashOf(first), toHex(nodePrimitives.sha256(newest(first).hash)));
  });

  it("is, where there are several, that of all in ascending order", () => {
    const both = join(extend(first, 1, add(3)), extend(first, 2, add(4)));
    const tips = tipsOf(both).map(toHex);
    assert.equal(tips.length, 2);
    assert.deepEqual(tips, tips.toSorted());
    assert.equal(hashOf(both), toHex(nodePrimitives.sha256(concatBytes(...tipsOf(both)))));
    assert.equal(hashOf(extend(both, 1, add(5))).length, 64);
  });

  it("is that of the checkpoint alone, once the rest was let go", () => {
    const plan = planRosterCheckpoint(first, { putOut: [], readmit: [] });
    const restated = restateRoster(nodePrimitives, first, testOverride, plan);
    assert.equal(hashOf(restated), toHex(nodePrimitives.sha256(newest(restated).hash)));
  });
});
