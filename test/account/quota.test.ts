import assert from "node:assert/strict";
import { admitSet } from "../../src/node/account/lists/admit-set.ts";
import {
  type Device,
  type DeviceList,
  openDeviceList,
} from "../../src/node/account/lists/device-list.ts";
import { additionQuota, broughtQuota, otherQuota } from "../../src/node/account/lists/quota.ts";
import { type Action, maxPrev, type Named } from "../../src/node/account/lists/statement.ts";
import {
  bytesOf,
  joinSets,
  neededOf,
  setOf,
  tipsOf,
} from "../../src/node/account/lists/statement-set.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { testIdentity, testRoot } from "./test-accounts.ts";
import {
  add,
  emptyList,
  extend,
  listWith,
  newest,
  presentIn,
  revoke,
  revokedIn,
  type Said,
  signOn,
  withStatements,
} from "./test-lists.ts";

const join: Action<Device, Named> = { kind: "join" };
const has = (list: DeviceList, { hash }: Said): boolean => list.statements.has(hash);
const say = (by: number, action: Action<Device, Named>, ...on: Said[]): Said =>
  signOn(emptyList, by === 0 ? testRoot : testIdentity(by), on, action);

/** Statements of one device, each on the one before. */
function chainOf(count: number, by: number, on: Said, action = join): Said[] {
  const chain = [on];
  for (let i = 0; i < count; i++) chain.push(say(by, action, chain[i] ?? on));
  return chain.slice(1);
}

/** As many as a thief gets others to take: puppets, and what it and they say side by side. */
function flood(start: DeviceList, thief: number, firstPuppet: number): Said[] {
  const tip = newest(start);
  const puppets = Array.from({ length: additionQuota }, (_, i) => firstPuppet + i);
  const adds = puppets.map((puppet) => say(thief, add(puppet), tip));
  const at = (i: number): Said => adds[i % adds.length] ?? assert.fail();
  const others = puppets.flatMap((puppet, i) =>
    Array.from({ length: otherQuota }, (_, k) => say(puppet, join, at(i), at(i + 1 + k))),
  );
  const own = Array.from({ length: otherQuota }, (_, k) => say(thief, join, at(k)));
  return [...adds, ...others, ...own];
}

describe("the quotas", () => {
  it("are as large as the format says", () => {
    assert.deepEqual([additionQuota, otherQuota, broughtQuota], [32, 16, 1024]);
  });
});

describe("a list of many tips", () => {
  const start = listWith(1, 2);
  const aside = Array.from({ length: 65 }, (_, i) => say(0, add(300 + i), newest(start)));
  const wide = withStatements(start, ...aside);

  it("is extended all the same: a revocation follows a statement that joins 64 of them", () => {
    assert.equal(tipsOf(wide).length, 65);
    const list = extend(wide, 1, revoke(2));
    assert.deepEqual(presentIn(list), [1]);
    const more = [...list.statements.values()].filter((each) => !wide.statements.has(each.hash));
    assert.deepEqual(
      more.map(({ action, prev }) => [action.kind, prev.length]),
      [
        ["join", maxPrev],
        ["revoke", 2],
      ],
    );
    const read = openDeviceList(nodePrimitives, testRoot.publicKey, bytesOf(list));
    assert.deepEqual(read.standing, list.standing);
  });

  it("keeps what the revoked device added, all of which the revocation stands on", () => {
    const byTwo = Array.from({ length: 10 }, (_, i) => say(2, add(3 + i), newest(start)));
    const list = extend(withStatements(wide, ...byTwo), 1, revoke(2));
    assert.deepEqual(presentIn(list), [1, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("a new statement", () => {
  it("stands on what says who is in, and on nothing else that others said", () => {
    const start = listWith(1, 2, 3);
    const added = say(2, add(4), newest(start));
    const off = say(2, revoke(3), newest(start));
    const noise = [say(2, join, newest(start)), say(5, add(6), newest(start)), off];
    const list = extend(withStatements(start, added, ...noise), 1, revoke(2));
    assert.deepEqual(newest(list).prev, [added.hash]);
    assert.deepEqual(
      [presentIn(list), revokedIn(list)],
      [
        [1, 4],
        [2, 3],
      ],
    );
  });

  it("by the root is stood on, whatever it says", () => {
    const list = extend(extend(listWith(1, 2), 0, revoke(2)), 1, add(3));
    const [, , off, last] = list.statements.values();
    assert.deepEqual(last?.prev, [off?.hash]);
  });
});

describe("a thief's two thousand statements", function () {
  this.timeout(30_000);
  const start = listWith(1, 2, 3);

  it("leave the root and another device room to take the thief out", () => {
    const { set } = admitSet(start, withStatements(start, ...flood(start, 3, 1000)));
    // As many again that were taken in before anybody counted.
    const full = withStatements(set, ...chainOf(2000 - set.statements.size, 3, newest(set)));
    assert.equal(full.statements.size, 2000);
    for (const by of [0, 1]) {
      const list = extend(full, by, revoke(3));
      assert.deepEqual(presentIn(list), [1, 2]);
      const told = admitSet(start, list);
      assert.deepEqual(presentIn(told.set), [1, 2]);
      assert.deepEqual(presentIn(admitSet(full, told.set).set), [1, 2]);
    }
  });

  it("are taken as far as one line of devices may say", () => {
    const line = flood(start, 3, 1000);
    assert.equal(line.length, additionQuota + (additionQuota + 1) * otherQuota);
    const { set, refused } = admitSet(start, withStatements(start, ...line));
    assert.equal(refused, 0);
    assert.equal(set.statements.size, start.statements.size + line.length);
    const more = [
      say(3, add(2000), newest(start)),
      say(1000, add(2001), line[0] ?? assert.fail()),
      say(1000, join, line[0] ?? assert.fail()),
      say(3, revoke(2), newest(start)),
    ];
    const again = admitSet(set, withStatements(set, ...more));
    assert.equal(again.refused, more.length);
    assert.deepEqual(again.set.statements, set.statements);
  });

  it("of which it tells each of two others keep these from nothing", () => {
    const [one, two] = [1000, 3000].map(
      (puppet) => admitSet(start, withStatements(start, ...flood(start, 3, puppet))).set,
    ) as [DeviceList, DeviceList];
    const off = extend(one, 1, revoke(3));
    const told = admitSet(two, off);
    assert.deepEqual(presentIn(told.set), [1, 2]);
    assert.deepEqual(presentIn(admitSet(off, two).set), [1, 2]);
    const byRoot = extend(two, 0, revoke(3));
    assert.deepEqual(presentIn(admitSet(one, byRoot).set), [1, 2]);
  });

  it("are not brought in by a revocation that stands on them", () => {
    const chain = chainOf(otherQuota + broughtQuota + 100, 3, newest(start));
    const onTop = say(3, revoke(2), chain.at(-1) ?? assert.fail());
    const theirs = withStatements(start, ...chain, onTop);
    const { set, refused } = admitSet(start, theirs);
    assert.ok(!has(set, onTop));
    assert.equal(set.statements.size, start.statements.size + otherQuota);
    assert.equal(refused, chain.length + 1 - otherQuota);
    assert.deepEqual(presentIn(extend(set, 1, revoke(3))), [1, 2]);
  });
});

describe("what a peer knows", () => {
  const start = listWith(1, 2, 3);

  it("is taken in whole, as long as nobody says too much", () => {
    const theirs = extend(extend(start, 2, add(4)), 4, revoke(3));
    assert.deepEqual(admitSet(start, theirs), { set: theirs, refused: 0 });
    assert.deepEqual(admitSet(theirs, start), { set: theirs, refused: 0 });
  });

  it("is left where it changes nothing, which counts as no refusal", () => {
    const noise = say(5, join, newest(start));
    const theirs = withStatements(start, noise, say(2, add(4), newest(start)));
    const { set, refused } = admitSet(start, theirs);
    assert.equal(refused, 0);
    assert.ok(!has(set, noise));
    assert.deepEqual(presentIn(set), [1, 2, 3, 4]);
  });

  it("never takes the place of what one has already", () => {
    const [mine, theirs] = [300, 400].map((first) =>
      Array.from({ length: additionQuota }, (_, i) => say(2, add(first + i), newest(start))),
    ) as [Said[], Said[]];
    const own = withStatements(start, ...mine);
    const { set, refused } = admitSet(own, withStatements(start, ...theirs));
    assert.equal(refused, additionQuota);
    for (const each of mine) assert.ok(has(set, each));
    for (const each of theirs) assert.ok(!has(set, each));
  });

  it("is taken from the root first, whatever that stands on", () => {
    const line = Array.from({ length: additionQuota + 20 }, (_, i) =>
      say(2, add(300 + i), newest(start)),
    );
    const last = line.at(-1) ?? assert.fail();
    const byRoot = say(0, add(4), last);
    const { set, refused } = admitSet(start, withStatements(start, ...line, byRoot));
    assert.ok(has(set, byRoot) && has(set, last));
    assert.equal(refused, 20, "what it stands on is counted, too");
  });

  it("is taken from a known device that revokes, with what that stands on", () => {
    const chain = chainOf(otherQuota + 20, 2, newest(start));
    const top = chain.at(-1) ?? assert.fail();
    const off = say(1, revoke(2), top);
    const { set, refused } = admitSet(start, withStatements(start, ...chain, off));
    assert.equal(refused, 0);
    assert.ok(has(set, off) && has(set, top));
    assert.deepEqual(presentIn(set), [1, 3]);
  });

  it("is taken no further from one whom one does not know", () => {
    const fourth = say(2, add(4), newest(start));
    const chain = chainOf(otherQuota + 20, 2, fourth);
    const off = say(4, revoke(1), fourth, chain.at(-1) ?? assert.fail());
    const { set } = admitSet(start, withStatements(start, fourth, ...chain, off));
    assert.ok(!has(set, off));
    assert.deepEqual(presentIn(set), [1, 2, 3, 4]);
    const later = admitSet(set, withStatements(start, fourth, ...chain, off));
    assert.ok(has(later.set, off), "but once one does");
  });

  it("brings so much beyond the quotas, and no more, by all revocations of one line", () => {
    const chain = chainOf(otherQuota + broughtQuota + 1, 3, newest(start));
    const at = (i: number): Said => chain[i] ?? assert.fail();
    const most = say(2, revoke(3), at(otherQuota + broughtQuota - 1));
    const all = withStatements(start, ...chain);
    const { set } = admitSet(start, withStatements(all, most));
    assert.ok(has(set, most));
    const tooMuch = say(2, revoke(3), at(otherQuota + broughtQuota));
    assert.ok(!has(admitSet(start, withStatements(all, tooMuch)).set, tooMuch));
    const second = say(2, revoke(1), at(otherQuota + broughtQuota));
    const again = admitSet(start, withStatements(all, most, second));
    assert.ok(has(again.set, most) && !has(again.set, second));
  });
});

describe("the quota of additions", () => {
  const start = listWith(1, 2);

  it("is one for a device and all whom it added, so that more devices give no more", () => {
    const third = say(2, add(3), newest(start));
    const line = Array.from({ length: additionQuota }, (_, i) => say(3, add(300 + i), third));
    const { set, refused } = admitSet(start, withStatements(start, third, ...line));
    assert.equal(refused, 1);
    assert.equal(set.standing.present.size, 2 + additionQuota);
    const another = say(1, add(4), newest(start));
    assert.equal(admitSet(set, withStatements(start, another)).refused, 0, "1 has its own");
  });

  it("is a new one for a device that the root adds, or a checkpoint says is in", () => {
    const third = say(2, add(3), newest(start));
    const byRoot = say(0, add(3), newest(start));
    const line = Array.from({ length: additionQuota }, (_, i) => say(3, add(300 + i), third));
    const theirs = withStatements(start, third, byRoot, ...line);
    assert.equal(admitSet(start, theirs).refused, 0);
  });

  it("is not used up by another who says that it added the device", () => {
    const third = say(1, add(3), newest(start));
    // Void: nobody but the root has a right on nothing. That it stands below one that holds keeps it.
    const claim = say(2, add(3));
    const keeps = say(2, join, claim, newest(start));
    const exhausts = Array.from({ length: additionQuota }, (_, i) =>
      say(2, add(300 + i), newest(start)),
    );
    const own = withStatements(start, third, claim, keeps, ...exhausts);
    const byThird = say(3, add(4), third);
    const { set } = admitSet(own, withStatements(start, third, byThird));
    assert.ok(has(set, byThird));
  });

  it("is told to who has used it up, and the root stands outside", async () => {
    const line = Array.from({ length: additionQuota }, (_, i) =>
      say(2, add(300 + i), newest(start)),
    );
    const list = withStatements(start, ...line);
    await refuses(
      () => extend(list, 2, add(3)),
      "usage",
      /as often as they may: give the 24 words/u,
    );
    assert.ok(presentIn(extend(list, 0, add(3))).includes(3));
    assert.ok(presentIn(extend(list, 1, add(3))).includes(3));
    assert.deepEqual(revokedIn(extend(list, 2, revoke(1))), [1], "a revocation has room");
  });
});

describe("the quota of other statements", () => {
  it("is one for each device, and leaves additions their own", async () => {
    const start = listWith(1, 2, 3);
    const list = withStatements(start, ...chainOf(otherQuota, 2, newest(start)));
    await refuses(() => extend(list, 2, revoke(1)), "usage", /give the 24 words/u);
    assert.ok(presentIn(extend(list, 2, add(4))).includes(4));
    assert.deepEqual(revokedIn(extend(list, 1, revoke(2))), [2]);
    assert.deepEqual(revokedIn(extend(list, 0, revoke(2))), [2]);
  });

  it("counts none that changes nothing", () => {
    const start = listWith(1, 2);
    const noise = Array.from({ length: 50 }, (_, i) => say(5 + (i % 3), join, newest(start)));
    const own = setOf(emptyList.form, emptyList.root, [...start.statements.values(), ...noise]);
    assert.equal(neededOf(own).statements.size, 2);
    assert.equal(admitSet(own, start).set.statements.size, 2);
    assert.deepEqual(joinSets(own, start).standing, own.standing);
  });
});
