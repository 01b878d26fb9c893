import assert from "node:assert/strict";
import {
  admitDeviceList,
  type DeviceList,
  emptyDeviceList,
  extendDeviceList,
  joinDeviceLists,
  maxStatements,
  openDeviceList,
} from "../../src/node/account/device-list.ts";
import {
  type DeviceAction,
  type DeviceStatement,
  decodeStatement,
  signStatement,
} from "../../src/node/account/device-statement.ts";
import { equalBytes, toBinaryString, toHex } from "../../src/node/core/bytes.ts";
import { asWriterId } from "../../src/node/core/ids.ts";
import { signatureDomains } from "../../src/node/crypto/domains.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { seeded, shuffled } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import { resigned, testIdentity, testRecipient, testSealedName } from "./test-accounts.ts";

const root = testIdentity(100);
const [ann, ben, cid, dan] = [1, 2, 3, 4].map(testIdentity) as [
  SigningKey,
  SigningKey,
  SigningKey,
  SigningKey,
];
const add = (admin = true, name = 1): DeviceAction => ({
  kind: "add",
  receive: testRecipient,
  admin,
  name: testSealedName(name),
});
const revoke: DeviceAction = { kind: "revoke", cuts: [] };
const rename = (name: number): DeviceAction => ({ kind: "rename", name: testSealedName(name) });

const empty = emptyDeviceList(root.publicKey);
const extend = (
  list: DeviceList,
  signer: SigningKey,
  subject: SigningKey,
  action: DeviceAction,
): DeviceList => extendDeviceList(nodePrimitives, list, signer, subject.publicKey, action);

/** A list with these devices, all added by the root, the first the oldest. */
const listWith = (...devices: SigningKey[]): DeviceList =>
  devices.reduce((list, device) => extend(list, root, device, add()), empty);

const has = (list: DeviceList, device: SigningKey): boolean =>
  list.standing.present.has(toBinaryString(device.publicKey));
const newest = (list: DeviceList): DeviceStatement =>
  [...list.statements.values()].at(-1) ?? assert.fail();
const bytesOf = (list: DeviceList): Uint8Array[] =>
  [...list.statements.values()].map(({ bytes }) => bytes);
const open = (statements: readonly Uint8Array[]): DeviceList =>
  openDeviceList(nodePrimitives, root.publicKey, statements);

/** Signs what `extendDeviceList` would not: as somebody does who keeps no rule. */
function forge(
  list: DeviceList,
  signer: SigningKey,
  subject: SigningKey,
  action: DeviceAction,
): Uint8Array {
  const { n, hash } = newest(list);
  const { publicKey: account } = root;
  const statement = { account, n: n + 1, prev: [hash], subject: subject.publicKey, action };
  return signStatement(nodePrimitives, signer, statement).bytes;
}

describe("a device list", () => {
  it("begins with a device that the root adds", async () => {
    const list = extend(empty, root, ann, add(true, 9));
    assert.equal(list.standing.present.size, 1);
    assert.deepEqual(list.standing.present.get(toBinaryString(ann.publicKey)), {
      key: ann.publicKey,
      receive: testRecipient,
      admin: true,
      name: testSealedName(9),
    });
    await refuses(() => extend(empty, ann, ann, add()), "usage", /may not change the device list/u);
  });

  it("is read from its statements in any order, and is then the same", () => {
    let list = listWith(ann, ben);
    list = extend(list, ann, cid, add(false));
    list = extend(list, ben, ann, rename(5));
    list = extend(list, ann, ben, revoke);
    const read = open(shuffled(seeded(3), bytesOf(list)));
    assert.deepEqual(read, list);
    assert.deepEqual([has(read, ann), has(read, ben), has(read, cid)], [true, false, true]);
  });

  it("is changed by devices with that right only", async () => {
    const list = extend(listWith(ann), ann, ben, add(false));
    await refuses(() => extend(list, ben, cid, add()), "usage", /may not change/u);
    await refuses(() => extend(list, cid, cid, add()), "usage", /may not change/u);
    const forged = open([...bytesOf(list), forge(list, ben, cid, add())]);
    assert.ok(!has(forged, cid));
  });

  it("takes no device twice, none that it lacks, and none back", async () => {
    const list = listWith(ann, ben);
    await refuses(() => extend(list, ann, ben, add()), "usage", /on the list already/u);
    await refuses(() => extend(list, ann, cid, revoke), "usage", /is not on the list/u);
    await refuses(() => extend(list, ann, cid, rename(1)), "usage", /is not on the list/u);
    const without = extend(list, ann, ben, revoke);
    await refuses(() => extend(without, ann, ben, add()), "usage", /with new keys only/u);
    const forged = open([...bytesOf(without), forge(without, root, ben, add())]);
    assert.ok(!has(forged, ben), "not even by the root");
  });

  it("keeps the latest name", () => {
    const list = extend(extend(listWith(ann), ann, ann, rename(3)), root, ann, rename(4));
    const device = list.standing.present.get(toBinaryString(ann.publicKey));
    assert.deepEqual(device?.name, testSealedName(4));
  });

  it("keeps of each writer of a revoked device the latest head that a revoker had seen", () => {
    const cut = (writer: number, seq: number): DeviceAction => ({
      kind: "revoke",
      cuts: [
        {
          writer: asWriterId(new Uint8Array(16).fill(writer)),
          seq,
          head: new Uint8Array(32).fill(seq),
        },
      ],
    });
    const list = listWith(ann, ben, cid);
    const joined = [cut(1, 5), cut(1, 7), cut(2, 3)]
      .map((action, i) => extend(list, [root, ann, ben][i] ?? root, cid, action))
      .reduce(joinDeviceLists);
    const cuts = joined.standing.revoked.get(toBinaryString(cid.publicKey));
    assert.deepEqual(
      cuts?.map(({ writer, seq }) => [writer[0], seq]),
      [
        [1, 7],
        [2, 3],
      ],
    );
  });
});

describe("a revoked device", () => {
  const before = listWith(ann, ben);
  const after = extend(before, ann, ben, revoke);

  it("cannot extend the list, neither after its revocation nor beside it", async () => {
    await refuses(() => extend(after, ben, cid, add()), "usage", /may not change/u);
    const later = open([...bytesOf(after), forge(after, ben, cid, add())]);
    assert.ok(!has(later, cid));
    const beside = joinDeviceLists(after, extend(before, ben, cid, add()));
    assert.ok(!has(beside, cid));
  });

  it("cannot extend it by a device that it added either", () => {
    const withCid = extend(before, ben, cid, add());
    const withDan = extend(withCid, cid, dan, add());
    const joined = joinDeviceLists(after, withDan);
    assert.deepEqual([has(joined, cid), has(joined, dan)], [false, false]);
  });

  it("has done what its revoker had seen", () => {
    const withCid = extend(before, ben, cid, add());
    const revoked = extend(withCid, ann, ben, revoke);
    assert.deepEqual([has(revoked, ben), has(revoked, cid)], [false, true]);
    const joined = joinDeviceLists(revoked, extend(withCid, ben, dan, add()));
    assert.deepEqual([has(joined, cid), has(joined, dan)], [true, false]);
  });

  it("cannot make the list of others grow", () => {
    let peers = before;
    for (let i = 0; i < 20; i++) peers = extend(peers, ben, ben, rename(i));
    const admitted = admitDeviceList(after, peers);
    assert.equal(admitted.statements.size, after.statements.size);
    assert.equal(admitDeviceList(before, peers).statements.size, before.statements.size + 20);
    assert.equal(admitDeviceList(peers, after).statements.size, after.statements.size);
  });

  it("whose void statement an honest one stands on leaves the honest one standing", () => {
    const withCid = extend(before, ben, cid, add());
    const honest = extend(withCid, root, dan, add());
    const joined = admitDeviceList(after, honest);
    assert.deepEqual([has(joined, cid), has(joined, dan)], [false, true]);
    assert.deepEqual(joined.standing, joinDeviceLists(after, honest).standing);
  });
});

describe("two that revoke each other", () => {
  const start = listWith(ann, ben, cid);
  const join = (...lists: DeviceList[]): DeviceList => lists.reduce(joinDeviceLists);

  it("leave the older device", () => {
    const joined = join(extend(start, ben, ann, revoke), extend(start, ann, ben, revoke));
    assert.deepEqual([has(joined, ann), has(joined, ben)], [true, false]);
  });

  it("leave the root, which nobody revokes", async () => {
    const joined = join(extend(start, ann, ben, revoke), extend(start, root, ann, revoke));
    assert.deepEqual([has(joined, ann), has(joined, ben)], [false, true]);
    const forged = signStatement(nodePrimitives, ann, {
      account: root.publicKey,
      n: 1,
      prev: [],
      subject: root.publicKey,
      action: revoke,
    });
    await refuses(() => open([forged.bytes]), "damaged", /expected a device as its subject/u);
  });

  it("in a ring of three leave the oldest and whom it did not revoke", () => {
    const joined = join(
      extend(start, cid, ann, revoke),
      extend(start, ann, ben, revoke),
      extend(start, ben, cid, revoke),
    );
    assert.deepEqual([has(joined, ann), has(joined, ben), has(joined, cid)], [true, false, true]);
  });

  it("one after the other leave the later one nothing to say", () => {
    const first = extend(start, ben, ann, revoke);
    const joined = join(first, open([...bytesOf(first), forge(first, ann, ben, revoke)]));
    assert.deepEqual([has(joined, ann), has(joined, ben)], [false, true]);
  });

  it("keep, when a list is admitted, what decided between them", () => {
    // Found by random histories: without ben's own resignation, which is void, ann would go.
    const byBen = extend(start, ben, ann, revoke);
    const byAnn = open([...bytesOf(byBen), forge(byBen, ann, ben, revoke)]);
    const all = join(byAnn, extend(start, ben, ben, revoke));
    assert.deepEqual([has(all, ann), has(all, ben)], [true, false]);
    assert.deepEqual(admitDeviceList(empty, all).standing, all.standing);
  });

  it("don't shield a third, whom one of them revoked, beside", () => {
    const byBen = extend(extend(start, ben, ann, revoke), ben, cid, revoke);
    const joined = join(byBen, extend(start, ann, ben, revoke));
    assert.deepEqual([has(joined, ann), has(joined, ben), has(joined, cid)], [true, false, true]);
    const seen = join(extend(start, ben, cid, revoke), extend(start, ann, ben, revoke));
    assert.ok(has(seen, cid), "what the loser signed unseen is void");
  });
});

describe("a device list that is not sound", () => {
  const list = extend(listWith(ann, ben), ann, cid, add());
  const statements = bytesOf(list);

  it("lacks a statement that another stands on", async () => {
    for (const missing of [0, 1]) {
      const some = statements.toSpliced(missing, 1);
      await refuses(() => open(some), "damaged", /lacks the statement [0-9a-f]{64}/u);
    }
  });

  it("numbers a statement wrongly", async () => {
    const { hash } = newest(list);
    const common = { account: root.publicKey, prev: [hash], subject: dan.publicKey };
    for (const n of [2, 3, 5]) {
      const wrong = signStatement(nodePrimitives, root, { ...common, n, action: add() });
      const opened = (): DeviceList => open([...statements, wrong.bytes]);
      await refuses(opened, "damaged", new RegExp(`number ${n.toString()}, expected 4`, "u"));
    }
  });

  it("is of another account", async () => {
    const other = testIdentity(101).publicKey;
    await refuses(
      () => openDeviceList(nodePrimitives, other, statements),
      "damaged",
      /expected one of this account/u,
    );
    await refuses(
      () => joinDeviceLists(list, emptyDeviceList(other)),
      "unexpected",
      /two accounts/u,
    );
  });

  it("has a statement in which any bit was changed", async () => {
    const [first] = statements;
    const bytes = first ?? assert.fail();
    for (let bit = 0; bit < bytes.length * 8; bit += 31) {
      const altered = bytes.slice();
      altered[bit >>> 3] = (altered[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        decodeStatement(nodePrimitives, root.publicKey, altered);
        assert.fail(`bit ${bit.toString()} was overlooked`);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await refuses(
          () => {
            throw error;
          },
          (error as { code: "damaged" | "newer" }).code,
        );
      }
    }
  });

  it("has a statement with a field of another action, or without its own", async () => {
    const cases: [Parameters<typeof resigned>[3], "damaged" | "newer", RegExp][] = [
      [{ admin: undefined }, "damaged", /just the fields receive, admin, name/u],
      [{ cuts: [] }, "damaged", /just the fields receive, admin, name/u],
      [{ action: "promote" }, "damaged", /the action "add", "rename" or "revoke"/u],
      [{ admin: 1 }, "damaged", /true or false/u],
      [{ name: new Uint8Array(3) }, "damaged", /104 bytes/u],
      [{ version: 2 }, "newer", /version 2.*newer IPCloud/u],
      [{ colour: "red" }, "newer", /"colour".*newer IPCloud/u],
    ];
    for (const [changes, code, message] of cases) {
      const bytes = resigned(
        statements[0] ?? assert.fail(),
        root,
        signatureDomains.deviceStatement,
        changes,
      );
      await refuses(() => open([bytes]), code, message);
    }
  });

  it("has more statements than it may", async () => {
    const [bytes] = statements;
    const many = Array.from({ length: maxStatements + 1 }, () => bytes ?? assert.fail());
    await refuses(() => open(many), "damaged", /more than the 1024 statements/u);
  });
});

describe("the hash of a statement", () => {
  it("is that of its bytes", () => {
    for (const { hash, bytes } of listWith(ann, ben).statements.values()) {
      assert.ok(equalBytes(hash, nodePrimitives.sha256(bytes)), toHex(hash));
    }
  });
});
