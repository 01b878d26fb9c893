import assert from "node:assert/strict";
import { admitSet } from "../../src/node/account/lists/admit-set.ts";
import {
  type CheckpointPlan,
  planCheckpoint,
  restate,
} from "../../src/node/account/lists/checkpoint.ts";
import {
  type Device,
  type DeviceList,
  openDeviceList,
} from "../../src/node/account/lists/device-list.ts";
import type { Named } from "../../src/node/account/lists/statement.ts";
import { bytesOf, neededOf } from "../../src/node/account/lists/statement-set.ts";
import { equalBytes, toBinaryString } from "../../src/node/core/bytes.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { testDevice, testIdentity, testRoot } from "./test-accounts.ts";
import {
  add,
  emptyList,
  extend,
  force,
  join,
  keyOf,
  listWith,
  newest,
  numbered,
  presentIn,
  revoke,
  revokedIn,
  signOn,
  withStatements,
} from "./test-lists.ts";

const plan = (
  list: DeviceList,
  { putOut = [], readmit = [] }: { putOut?: number[]; readmit?: number[] } = {},
): CheckpointPlan<Device, Named> =>
  planCheckpoint(
    list,
    { putOut: putOut.map((device) => ({ key: keyOf(device) })), readmit: readmit.map(keyOf) },
    ([first]) => first ?? assert.fail(),
  );
const restated = (list: DeviceList, change: { putOut?: number[]; readmit?: number[] } = {}) =>
  restate(nodePrimitives, list, testRoot, plan(list, change));
const isIn = (keys: readonly Named[]): number[] =>
  [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((device) =>
    keys.some(({ key }) => equalBytes(key, keyOf(device))),
  );

describe("the plan of a checkpoint", () => {
  const list = extend(extend(listWith(1, 2, 3, 4), 1, revoke(3)), 0, revoke(4));

  it("leaves everybody as they are, and tells whom only devices took out until now", () => {
    const { checkpoint, putOut, readmitted, confirmed } = plan(list);
    assert.deepEqual(
      [isIn(checkpoint.in), isIn(checkpoint.out)],
      [
        [1, 2],
        [3, 4],
      ],
    );
    assert.deepEqual([isIn(putOut), isIn(readmitted), isIn(confirmed)], [[], [], [3]]);
    assert.equal(checkpoint.suite, undefined);
  });

  it("shows whom it puts out and whom it lets in again", () => {
    const { checkpoint, putOut, readmitted, confirmed } = plan(list, { putOut: [2], readmit: [3] });
    assert.deepEqual(
      [isIn(checkpoint.in), isIn(checkpoint.out)],
      [
        [1, 3],
        [2, 4],
      ],
    );
    assert.deepEqual([isIn(putOut), isIn(readmitted), isIn(confirmed)], [[2], [3], []]);
    assert.deepEqual(readmitted, [testDevice(3)], "as it introduced itself");
  });

  it("names as its past the root's statements and all revocations, and no addition by a device", () => {
    const more = extend(extend(list, 1, add(5)), 1, revoke(2));
    const expected = [...more.statements.values()]
      .filter(({ signer, action }) => equalBytes(signer, list.root) || action.kind === "revoke")
      .map(({ hash }) => toBinaryString(hash));
    assert.equal(expected.length, 7);
    assert.deepEqual(new Set(plan(more).checkpoint.past.map(toBinaryString)), new Set(expected));
  });

  it("names what the checkpoint before named, too", () => {
    const first = restated(list);
    const { past } = plan(first).checkpoint;
    const before = newest(first);
    assert.ok(before.action.kind === "checkpoint");
    assert.deepEqual(
      new Set(past.map(toBinaryString)),
      new Set([...before.action.past, before.hash].map(toBinaryString)),
    );
  });

  it("names once what several checkpoints side by side name", () => {
    const lengthy = numbered(5000);
    const [one, other] = [{ putOut: [1] }, { putOut: [2] }].map((change) => {
      const { checkpoint, ...shown } = plan(listWith(1, 2, 3), change);
      const planned = { ...shown, checkpoint: { ...checkpoint, past: lengthy } };
      return restate(nodePrimitives, listWith(1, 2, 3), testRoot, planned);
    }) as [DeviceList, DeviceList];
    const both = join(one, other);
    const { checkpoint } = plan(both);
    assert.equal(checkpoint.past.length, lengthy.length + both.statements.size);
    assert.deepEqual(presentIn(restated(both)), [3]);
  });

  it("is of those on the list only", async () => {
    const put = () => plan(list, { putOut: [3] });
    await refuses(put, "usage", /to be put out is not on the device list/u);
    const again = () => plan(list, { readmit: [1] });
    await refuses(again, "usage", /to be readmitted was not taken off the device list/u);
    await refuses(() => plan(list, { readmit: [7] }), "usage", /was not taken off/u);
  });

  it("is signed by the root only", async () => {
    await refuses(
      () => restate(nodePrimitives, list, testIdentity(1), plan(list)),
      "usage",
      /only the 24 words make a checkpoint/u,
    );
  });
});

describe("a list that was restated", () => {
  const start = extend(extend(listWith(1, 2, 3), 1, add(4)), 4, add(5));
  const long = extend(extend(start, 1, revoke(2)), 0, revoke(5));

  it("says the same and lets all go that was said before", () => {
    const list = restated(long);
    assert.equal(list.statements.size, 1);
    assert.deepEqual(
      [presentIn(list), revokedIn(list)],
      [
        [1, 3, 4],
        [2, 5],
      ],
    );
    for (const { confirmed } of list.standing.revoked.values()) assert.equal(confirmed, true);
    const read = openDeviceList(nodePrimitives, testRoot.publicKey, bytesOf(list));
    assert.deepEqual(read.standing, list.standing);
  });

  it("is changed as before, by those whom it says are in", async () => {
    const list = extend(extend(restated(long), 4, add(6)), 6, revoke(3));
    assert.deepEqual(
      [presentIn(list), revokedIn(list)],
      [
        [1, 4, 6],
        [2, 3, 5],
      ],
    );
    await refuses(() => extend(list, 1, add(2)), "usage", /by a checkpoint of the words/u);
    await refuses(() => extend(list, 2, add(7)), "usage", /may not change/u);
  });

  it("brings a device back that was taken out, with its keys and its right", () => {
    const list = restated(long, { readmit: [2] });
    assert.deepEqual([presentIn(list), revokedIn(list)], [[1, 2, 3, 4], [5]]);
    assert.deepEqual(presentIn(extend(list, 2, add(6))), [1, 2, 3, 4, 6]);
  });

  it("readmits a device with the right that an addition that held gave it", () => {
    const plain = extend(extend(emptyList, 0, add(1)), 0, add(2, false));
    // Void, for on nothing nobody but the root has a right; yet one that holds stands on it.
    const raised = signOn(plain, testIdentity(1), [], add(2, true));
    const onIt = signOn(plain, testIdentity(1), [newest(plain), raised], revoke(2));
    const tricked = withStatements(plain, raised, onIt);
    assert.ok(neededOf(tricked).statements.has(raised.hash));
    const [back] = plan(tricked, { readmit: [2] }).readmitted;
    assert.equal(back?.admin, false);
  });

  it("doesn't change if what it replaced is said again", () => {
    const list = restated(long, { putOut: [3], readmit: [2] });
    const again = join(list, long);
    assert.deepEqual(
      [presentIn(again), revokedIn(again)],
      [
        [1, 2, 4],
        [3, 5],
      ],
    );
    assert.equal(neededOf(again).statements.size, 1);
    assert.equal(admitSet(list, long).set.statements.size, 1);
    for (const statement of long.statements.values()) {
      const { statements } = long;
      const past = [...statements.values()].filter(({ n }) => n < statement.n);
      const some = withStatements(list, ...past, statement);
      assert.deepEqual(presentIn(some), [1, 2, 4]);
    }
  });

  it("doesn't change if that is said again after a second checkpoint, which had let it go", async () => {
    const first = restated(long);
    const second = restated(first);
    assert.deepEqual(join(second, long).standing.present, second.standing.present);
    assert.deepEqual(revokedIn(join(second, long)), [2, 5]);
    await refuses(() => plan(first, { readmit: [2] }), "usage", /is known no more/u);
    // Who has the old statements still may let 2 in again.
    const third = restated(join(first, long), { readmit: [2] });
    assert.deepEqual(
      [presentIn(join(third, long)), revokedIn(join(third, long))],
      [[1, 2, 3, 4], [5]],
    );
  });
});

describe("beside a checkpoint", () => {
  const start = extend(listWith(1, 2, 3), 1, add(4));

  it("count what the root says, not heard of yet", () => {
    const beside = join(restated(start), extend(extend(start, 0, add(5)), 0, revoke(2)));
    assert.deepEqual([presentIn(beside), revokedIn(beside)], [[1, 3, 4, 5], [2]]);
  });

  it("counts a revocation by one whom it says is in", () => {
    const beside = join(restated(start), extend(start, 2, revoke(3)));
    assert.deepEqual([presentIn(beside), revokedIn(beside)], [[1, 2, 4], [3]]);
  });

  it("counts no revocation by one whom it says is out", () => {
    const list = restated(start, { putOut: [2] });
    const beside = join(list, extend(start, 2, revoke(3)));
    assert.deepEqual([presentIn(beside), revokedIn(beside)], [[1, 3, 4], [2]]);
  });

  it("such a revocation waits for the next checkpoint that says its signer is in", () => {
    const list = restated(start, { putOut: [2] });
    const kept = admitSet(list, extend(start, 2, revoke(3))).set;
    assert.deepEqual(presentIn(kept), [1, 3, 4]);
    // Another copy of the words, which did not know of it, lets 2 in again.
    const other = restated(join(list, start), { readmit: [2] });
    assert.deepEqual(
      [presentIn(join(kept, other)), revokedIn(join(kept, other))],
      [[1, 2, 4], [3]],
    );
  });

  it("such a revocation is shown before the next lets it go", () => {
    const kept = admitSet(restated(start, { putOut: [2] }), extend(start, 2, revoke(3))).set;
    assert.deepEqual(isIn(plan(kept).unheard), [3]);
    assert.deepEqual(isIn(plan(kept, { readmit: [2] }).unheard), [3]);
    assert.deepEqual(isIn(plan(kept, { putOut: [3] }).unheard), [], "who goes anyway");
    assert.deepEqual(isIn(plan(restated(kept, { readmit: [2] })).unheard), []);
    assert.deepEqual(presentIn(join(restated(kept, { readmit: [2] }), kept)), [1, 2, 3, 4]);
  });

  it("counts no addition by a device, nor what such a one adds", () => {
    const beside = join(restated(start), extend(extend(start, 2, add(5)), 5, add(6)));
    assert.deepEqual(presentIn(beside), [1, 2, 3, 4]);
    assert.equal(neededOf(beside).statements.size, 1);
  });

  it("counts no revocation by one of whom only such additions tell", () => {
    const beside = join(restated(start), extend(extend(start, 2, add(5)), 5, revoke(3)));
    assert.deepEqual(presentIn(beside), [1, 2, 3, 4]);
  });

  it("stays out who was taken out by a device with a word not heard of yet, until the next", () => {
    const heard = admitSet(restated(start), extend(start, 2, revoke(3))).set;
    const again = restated(heard, { readmit: [3] });
    assert.deepEqual(presentIn(join(again, heard)), [1, 2, 3, 4]);
    assert.equal(again.statements.size, 1);
  });
});

describe("of checkpoints side by side", () => {
  const start = listWith(1, 2, 3, 4);
  const one = restated(start, { putOut: [2] });
  const other = restated(start, { putOut: [3] });

  it("in are those who are in by all, out those who are out by any", () => {
    const both = join(one, other);
    assert.deepEqual(
      [presentIn(both), revokedIn(both)],
      [
        [1, 4],
        [2, 3],
      ],
    );
    assert.deepEqual(join(other, one).standing, both.standing);
  });

  it("one that knows of nobody leaves nobody of the other's in", () => {
    const early = restated(listWith(1), { putOut: [] });
    const both = join(one, early);
    assert.deepEqual([presentIn(both), revokedIn(both)], [[1], [2]]);
  });

  it("neither counts what only stands on the other, if a device says it", () => {
    const both = join(extend(one, 3, add(5)), extend(other, 1, add(6)));
    assert.deepEqual(presentIn(both), [1, 4]);
    const byRoot = join(extend(one, 0, add(5)), other);
    assert.deepEqual(presentIn(byRoot), [1, 4, 5]);
  });

  it("a device has the right to change the list that all of them give it", () => {
    const plain = extend(extend(emptyList, 0, add(1)), 0, add(2, false));
    const raised = extend(plain, 0, add(2));
    const both = join(restated(plain), restated(raised));
    assert.equal(both.standing.present.get(keyOf(2))?.admin, false);
  });

  it("a later one takes the place of all that it knew, and all is one again", () => {
    const both = join(one, other);
    const third = restated(both, { readmit: [2] });
    assert.deepEqual([presentIn(third), revokedIn(third)], [[1, 2, 4], [3]]);
    assert.equal(third.statements.size, 1);
    assert.deepEqual(join(third, one, other, start).standing.present, third.standing.present);
  });
});

describe("a checkpoint that nobody could read", () => {
  it("is not signed", async () => {
    const { checkpoint, ...shown } = plan(listWith(1));
    const past = numbered(16_000);
    const members = Array.from({ length: 257 }, (_, i) => testDevice(200 + i));
    for (const large of [{ past }, { past: past.slice(0, 8193) }, { in: members }]) {
      const planned = { ...shown, checkpoint: { ...checkpoint, ...large } };
      await refuses(
        () => restate(nodePrimitives, listWith(1), testRoot, planned),
        "usage",
        /too much for a checkpoint/u,
      );
    }
  });

  it("leaves the words what they can say one by one, once the past is too long for another", async () => {
    const { checkpoint, ...shown } = plan(listWith(1, 2));
    const planned = { ...shown, checkpoint: { ...checkpoint, past: numbered(8192) } };
    const full = restate(nodePrimitives, listWith(1, 2), testRoot, planned);
    await refuses(() => restated(full), "usage", /too much for a checkpoint/u);
    const after = extend(extend(full, 0, revoke(2)), 0, add(3));
    assert.deepEqual([presentIn(after), revokedIn(after)], [[1, 3], [2]]);
  });
});

describe("after a checkpoint", () => {
  it("a stolen device that it put out says nothing that counts, on whatever it stands", () => {
    const start = extend(listWith(1, 2), 2, add(3));
    const list = restated(start, { putOut: [2, 3] });
    const all = join(list, start);
    for (const by of [2, 3]) {
      for (const action of [add(4), revoke(1)]) {
        assert.deepEqual(presentIn(force(list, by, action)), [1]);
        const old = signOn(all, testIdentity(by), [newest(start)], action);
        assert.deepEqual(presentIn(withStatements(all, old)), [1]);
        const onBoth = signOn(all, testIdentity(by), [newest(start), newest(list)], action);
        assert.deepEqual(presentIn(withStatements(all, onBoth)), [1]);
      }
    }
  });
});
