import assert from "node:assert/strict";
import { accountKeys } from "../../src/node/account/account.ts";
import { recoverEpochs } from "../../src/node/account/create.ts";
import {
  claimPseudonym,
  deviceReceiveSeed,
  holdsClaim,
  type PseudonymClaim,
} from "../../src/node/account/device-keys.ts";
import {
  type EpochReader,
  type OpenEpoch,
  openEpoch,
  openEpochBox,
  openEpochs,
  stateEpoch,
} from "../../src/node/account/epoch-keys.ts";
import { mayRead } from "../../src/node/account/epoch-readers.ts";
import {
  checkEpochs,
  compareEpochs,
  currentEpoch,
  decodeEpoch,
  type EpochStatement,
  signEpoch,
} from "../../src/node/account/epochs.ts";
import { extendRoster, type Roster } from "../../src/node/account/lists/roster.ts";
import { toHex } from "../../src/node/core/bytes.ts";
import { asSpaceId } from "../../src/node/core/ids.ts";
import { asBoundaryKey, asEpochCheck, asEpochKey } from "../../src/node/crypto/derive.ts";
import { signatureDomains } from "../../src/node/crypto/domains.ts";
import { type Recipient, recipientOf } from "../../src/node/crypto/recipients.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { seeded, shuffled } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import {
  resigned,
  seededBytes,
  testDeviceSeed,
  testIdentity,
  testNonce,
  testOverride,
  testPseudonym,
  testRoster,
  testSecret,
} from "./test-accounts.ts";

const random = seededBytes(23);
const roster = testRoster(1, 2, 3);
const { space } = roster;
const boundaryKey = asBoundaryKey(random(32));
const claims: PseudonymClaim[] = [1, 2, 3].map((number) =>
  claimPseudonym(testIdentity(number), testPseudonym(number).publicKey, testNonce),
);
const receive = (device: number) => deviceReceiveSeed(nodePrimitives, testDeviceSeed(device));
const recipients = new Map<number, Recipient>();

/** Device 0 stands for the words. */
const keyOf = (device: number): SigningKey => (device === 0 ? testOverride : testPseudonym(device));
const readers = (...devices: number[]): EpochReader[] =>
  devices.map((device) => ({
    to: keyOf(device).publicKey,
    recipient: recipients.get(device) ?? assert.fail(),
  }));
const state = (
  devices: number[],
  by: number,
  before?: OpenEpoch,
  key = asEpochKey(random(32)),
): Promise<OpenEpoch> =>
  stateEpoch(nodePrimitives, random, {
    space,
    ...(before === undefined ? {} : { before }),
    key,
    boundaryKey,
    claims,
    readers: readers(...devices),
    signer: keyOf(by),
  });
const openAs = (device: number, ...statements: EpochStatement[]): Promise<OpenEpoch[]> =>
  openEpochs(nodePrimitives, statements, keyOf(device).publicKey, receive(device));

before(async () => {
  const { recover } = await accountKeys(nodePrimitives, testSecret(1));
  recipients.set(0, recover);
  for (const device of [1, 2, 3]) recipients.set(device, await recipientOf(receive(device)));
});

describe("an epoch", () => {
  it("opens for each device that it is boxed to", async () => {
    const epoch = await state([0, 1, 2], 1);
    for (const device of [1, 2]) {
      const { publicKey } = keyOf(device);
      const read = decodeEpoch(nodePrimitives, epoch.statement.bytes);
      const opened = await openEpochBox(nodePrimitives, read, publicKey, receive(device));
      assert.deepEqual(opened, epoch);
    }
    const third = await openEpochBox(
      nodePrimitives,
      epoch.statement,
      keyOf(3).publicKey,
      receive(3),
    );
    assert.equal(third, undefined);
  });

  it("opens for the words alone", async () => {
    const first = await state([0, 1], 1);
    const second = await state([1], 1, first);
    const third = await state([0, 1], 1, second);
    const statements = [first, second, third].map(({ statement }) => statement);
    const input = { space, nonce: testNonce, statements };
    const opened = await recoverEpochs(nodePrimitives, testSecret(1), input);
    assert.deepEqual(opened, [first, second, third]);
    assert.deepEqual(await recoverEpochs(nodePrimitives, testSecret(2), input), []);
    const elsewhere = { ...input, space: asSpaceId(new Uint8Array(32)) };
    assert.deepEqual(await recoverEpochs(nodePrimitives, testSecret(1), elsewhere), []);
  });

  it("hands on the boundary key and who is whom", async () => {
    const first = await state([1], 1);
    const second = await state([1, 2], 1, first);
    const [, opened] = await openAs(2, first.statement, second.statement);
    assert.deepEqual(opened?.boundaryKey, boundaryKey);
    assert.equal(opened.claims.length, 3);
    for (const claim of opened.claims) {
      assert.ok(holdsClaim(nodePrimitives, claim, testNonce));
      assert.ok(!holdsClaim(nodePrimitives, claim, new Uint8Array(16)));
      assert.ok(!holdsClaim(nodePrimitives, { ...claim, device: claim.pseudonym }, testNonce));
    }
  });

  it("leads to all before it, and to none after it", async () => {
    const first = await state([1, 2], 1);
    const second = await state([1, 2], 1, first);
    const third = await state([1, 3], 1, second);
    const statements = [first, second, third].map(({ statement }) => statement);
    assert.deepEqual(await openAs(3, ...statements), [first, second, third]);
    assert.deepEqual(await openAs(2, ...shuffled(seeded(1), statements)), [first, second]);
  });

  it("keeps its key when only a reader is added, and repeats all boxes", async () => {
    const first = await state([0, 1], 1);
    const wider = await state([2], 1, first, first.key);
    assert.deepEqual(wider.statement.check, first.statement.check);
    assert.deepEqual(
      new Set(wider.statement.boxes.map(({ to }) => toHex(to))),
      new Set([0, 1, 2].map((device) => toHex(keyOf(device).publicKey))),
    );
    const files = wider.statement.boxes.map(({ file }) => toHex(file));
    for (const { file } of first.statement.boxes) assert.ok(files.includes(toHex(file)));
    for (const device of [1, 2]) {
      assert.deepEqual(await openAs(device, first.statement, wider.statement), [first, wider]);
    }
  });

  it("of a new key is boxed to those only who are told", async () => {
    const first = await state([0, 1], 1);
    const second = await state([2], 1, first);
    assert.deepEqual(
      second.statement.boxes.map(({ to }) => to),
      [keyOf(2).publicKey],
    );
  });
});

describe("a false epoch", () => {
  it("whose box holds another key than it states is refused", async () => {
    const [one, other] = [await state([1, 2], 1), await state([1, 2], 1)];
    const { check, handover } = one.statement;
    const { boxes } = other.statement;
    const mixed = signEpoch(nodePrimitives, keyOf(1), { space, n: 1, check, boxes, handover });
    const open = () => openEpochBox(nodePrimitives, mixed, keyOf(2).publicKey, receive(2));
    await refuses(open, "damaged", /the key of epoch 1 is not the one it states/u);
  });

  it("whose box is sealed to somebody else is refused", async () => {
    const { statement } = await state([1], 1);
    const boxes = statement.boxes.map(({ file }) => ({ to: keyOf(2).publicKey, file }));
    const { check, handover } = statement;
    const mixed = signEpoch(nodePrimitives, keyOf(1), { space, n: 1, check, boxes, handover });
    const open = () => openEpochBox(nodePrimitives, mixed, keyOf(2).publicKey, receive(2));
    await refuses(open, "damaged", /sealed to somebody else/u);
  });

  it("whose handover was taken from another is refused", async () => {
    const first = await state([1], 1);
    const second = await state([1], 1, first, first.key);
    const { check, boxes } = first.statement;
    const { handover } = second.statement;
    const mixed = signEpoch(nodePrimitives, keyOf(1), { space, n: 1, check, boxes, handover });
    await refuses(
      () => openEpoch(nodePrimitives, mixed, first.key),
      "damaged",
      /what epoch 1 hands on was altered/u,
    );
  });

  it("does not keep others from being opened", async () => {
    const first = await state([1], 1);
    const second = await state([1], 1, first);
    const { n, handover, prev = assert.fail() } = second.statement;
    const boxes = [{ to: keyOf(1).publicKey, file: new Uint8Array(2000) }];
    const check = asEpochCheck(random(32));
    const broken = signEpoch(nodePrimitives, keyOf(2), { space, n, prev, check, boxes, handover });
    const opened = await openAs(1, broken, first.statement, second.statement);
    assert.deepEqual(opened, [first, second]);
  });

  it("opens all the same, if it states a key that another one gives", async () => {
    const first = await state([1], 1);
    const second = await state([1], 1, first);
    const { n, handover, check, prev = assert.fail() } = second.statement;
    const boxes = [{ to: keyOf(1).publicKey, file: new Uint8Array(2000) }];
    const broken = signEpoch(nodePrimitives, keyOf(2), { space, n, prev, check, boxes, handover });
    const opened = await openAs(1, broken, first.statement, second.statement);
    const expected = [first, second, { ...second, statement: broken }];
    assert.deepEqual(
      opened,
      expected.toSorted((a, b) => compareEpochs(a.statement, b.statement)),
    );
  });

  it("is refused if it is malformed or newer", async () => {
    const { statement } = await state([1, 2], 1);
    const boxes = statement.boxes.map(({ to, file }) => [to, file]);
    const cases: [Parameters<typeof resigned>[3], "damaged" | "newer", RegExp][] = [
      [{ version: 2 }, "newer", /version 2, which needs a newer/u],
      [{ colour: 1 }, "newer", /"colour", which needs a newer/u],
      [{ n: 2 }, "damaged", /the field prev in all but the first/u],
      [{ prev: new Uint8Array(32) }, "damaged", /the field prev in all but the first/u],
      [{ boxes: boxes.toReversed() }, "damaged", /ascending order/u],
      [{ boxes: [[keyOf(1).publicKey, new Uint8Array(70_000)]] }, "damaged", /smaller boxes/u],
      [{ handover: new Uint8Array(70_000) }, "damaged", /a smaller handover/u],
      [{ check: undefined }, "damaged", /"check"/u],
    ];
    for (const [changes, code, message] of cases) {
      const bytes = resigned(statement.bytes, keyOf(1), signatureDomains.epoch, changes);
      await refuses(() => decodeEpoch(nodePrimitives, bytes), code, message);
    }
    const altered = statement.bytes.slice();
    altered[200] = (altered[200] ?? 0) ^ 1;
    await refuses(() => decodeEpoch(nodePrimitives, altered), "damaged");
  });

  it("is refused if it does not follow one that is known", async () => {
    const first = await state([1], 1);
    const second = await state([1], 1, first);
    checkEpochs(space, [second.statement, first.statement]);
    const known = (...statements: EpochStatement[]) => {
      checkEpochs(space, statements);
    };
    await refuses(
      () => {
        known(second.statement);
      },
      "damaged",
      /2 does not follow one/u,
    );
    const skips = resigned(second.statement.bytes, keyOf(1), signatureDomains.epoch, { n: 3 });
    const third = decodeEpoch(nodePrimitives, skips);
    await refuses(
      () => {
        known(first.statement, third);
      },
      "damaged",
      /3 does not follow/u,
    );
    const elsewhere = asSpaceId(new Uint8Array(32));
    await refuses(
      () => {
        checkEpochs(elsewhere, [first.statement]);
      },
      "damaged",
      /another space/u,
    );
  });
});

describe("the current epoch", () => {
  const current = (by: Roster, ...epochs: OpenEpoch[]): EpochStatement | undefined =>
    currentEpoch(
      mayRead(by),
      by.root,
      shuffled(
        seeded(epochs.length),
        epochs.map(({ statement }) => statement),
      ),
    );
  const without = (device: number): Roster =>
    extendRoster(nodePrimitives, roster, testOverride, {
      kind: "revoke",
      member: { key: keyOf(device).publicKey, cuts: [] },
    });

  it("is the one of the largest number", async () => {
    const first = await state([0, 1], 1);
    const second = await state([0, 1, 2], 2, first);
    assert.deepEqual(current(roster, first, second), second.statement);
    assert.equal(current(roster), undefined);
  });

  it("is of two concurrent ones the one of the larger hash, for everybody", async () => {
    const first = await state([0, 1, 2], 1);
    const rivals = [await state([0, 1, 2], 1, first), await state([0, 1, 2], 2, first)];
    const chosen = current(roster, first, ...rivals);
    assert.deepEqual(current(roster, ...rivals.toReversed(), first), chosen);
    const [a, b] = rivals.map(({ statement }) => statement);
    assert.deepEqual(chosen, compareEpochs(a ?? assert.fail(), b ?? assert.fail()) > 0 ? a : b);
  });

  it("may be one that the words stated", async () => {
    const first = await state([0, 1, 2], 1);
    const byWords = await state([0, 1], 0, first);
    assert.deepEqual(current(roster, first, byWords), byWords.statement);
  });

  it("is none that the words can't open", async () => {
    const first = await state([0, 1], 1);
    const second = await state([1, 2, 3], 1, first);
    assert.deepEqual(current(roster, first, second), first.statement);
  });

  it("is none that a device can open that was taken out", async () => {
    const first = await state([0, 1, 2, 3], 1);
    const second = await state([0, 1, 3], 1, first);
    assert.deepEqual(current(without(3), first, second), undefined, "a new key must be drawn");
    const third = await state([0, 1, 2], 2, second);
    assert.deepEqual(current(without(3), first, second, third), third.statement);
    const larger = await state([0, 1, 2, 3], 1, third);
    assert.deepEqual(current(without(3), first, second, third), third.statement);
    assert.deepEqual(
      current(without(3), first, second, third, larger),
      undefined,
      "the larger one hands the third on",
    );
  });

  it("is none whose key was drawn by a device that was taken out, whoever repeats it", async () => {
    const first = await state([0, 1, 3], 3);
    const repeated = await state([0, 1], 1, first, first.key);
    assert.deepEqual(current(roster, first, repeated), repeated.statement);
    // As one made it who left out the box of 3.
    const { n, prev = assert.fail(), check, handover, boxes } = repeated.statement;
    const others = boxes.filter(({ to }) => toHex(to) !== toHex(keyOf(3).publicKey));
    const terms = { space, n, prev, check, handover, boxes: others };
    const bare = { ...repeated, statement: signEpoch(nodePrimitives, keyOf(1), terms) };
    assert.equal(current(without(3), first, bare), undefined);
    const fresh = await state([0, 1], 1, bare);
    assert.deepEqual(
      current(without(3), first, bare, fresh),
      fresh.statement,
      "a new key that stands on it is not spoilt",
    );
  });

  it("is none whose key a later statement gave to a device that was taken out", async () => {
    const first = await state([0, 1, 2], 1);
    const wider = await state([0, 1, 2, 3], 2, first, first.key);
    assert.deepEqual(current(without(3), first, wider), undefined);
  });

  it("is none that a later key hands on to a device that was taken out", async () => {
    const first = await state([0, 1], 1);
    const second = await state([0, 1], 1, first);
    const third = await state([0, 1, 3], 1, second);
    assert.deepEqual(current(without(3), first, second, third), undefined);
  });

  it("is none that a device stated that was taken out, nor can that device spoil another", async () => {
    const first = await state([0, 1, 2], 1);
    const byThird = await state([0, 1, 2], 3, first);
    assert.deepEqual(current(without(3), first, byThird), first.statement);
    const spoiling = await state([0, 1, 3], 3, first, first.key);
    assert.deepEqual(current(without(3), first, spoiling), first.statement);
    assert.deepEqual(current(without(3), first, byThird, spoiling), first.statement);
  });

  it("is spoilt by a stranger's word as soon as somebody who may read stands on it", async () => {
    const first = await state([0, 1, 2], 1);
    const byThird = await state([0, 1, 2], 3, first);
    const onIt = await state([0, 1, 2], 2, byThird);
    assert.deepEqual(current(without(3), first, byThird, onIt), onIt.statement);
    const repeated = await state([0, 1, 2], 2, byThird, byThird.key);
    assert.deepEqual(current(without(3), first, byThird, repeated), undefined);
  });
});
