import assert from "node:assert/strict";
import {
  type DeviceList,
  emptyDeviceList,
  introduceDevice,
  openDeviceList,
  provisionalRevocations,
} from "../../src/node/account/lists/device-list.ts";
import { bytesOf, joinSets } from "../../src/node/account/lists/statement-set.ts";
import { equalBytes, toHex } from "../../src/node/core/bytes.ts";
import { asRecipient } from "../../src/node/crypto/recipients.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { seeded, shuffled } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import { withFlaw } from "./search/flaws.ts";
import { testDevice, testIdentity, testRecipient, testRoot } from "./test-accounts.ts";
import {
  add,
  emptyList,
  extend,
  force,
  join,
  keyOf,
  listWith,
  newest,
  presentIn,
  revoke,
  revokedIn,
  signOn,
  withStatements,
} from "./test-lists.ts";

const open = (statements: readonly Uint8Array[]): DeviceList =>
  openDeviceList(nodePrimitives, testRoot.publicKey, statements);
const otherRecipient = asRecipient(new Uint8Array(1216).fill(8));

const isAdmin = (list: DeviceList, device: number): boolean | undefined =>
  list.standing.present.get(keyOf(device))?.admin;
const receiveOf = (list: DeviceList, device: number): Uint8Array | undefined =>
  list.standing.present.get(keyOf(device))?.receive;

describe("a device list", () => {
  it("begins with a device that the root adds", async () => {
    const list = listWith(1);
    assert.deepEqual(
      [...list.standing.present],
      [[keyOf(1), testDevice(1)]],
      "as it introduced itself",
    );
    await refuses(() => extend(emptyList, 1, add(1)), "usage", /may not change the device list/u);
    assert.deepEqual(presentIn(force(emptyList, 1, add(1))), [], "not by itself");
  });

  it("is read from its statements in any order, each once or twice, and is then the same", () => {
    let list = extend(listWith(1, 2), 1, add(3, false));
    list = extend(list, 1, revoke(2));
    list = extend(list, 0, add(4));
    const bytes = bytesOf(list);
    for (let seed = 0; seed < 5; seed++) {
      const read = open(shuffled(seeded(seed), [...bytes, ...bytes.slice(seed)]));
      assert.deepEqual(read.statements, list.statements);
      assert.deepEqual(read.standing, list.standing);
      assert.deepEqual([presentIn(read), revokedIn(read)], [[1, 3, 4], [2]]);
    }
  });

  it("is changed by devices with that right only", async () => {
    const list = extend(listWith(1), 1, add(2, false));
    await refuses(() => extend(list, 2, add(3)), "usage", /may not change/u);
    await refuses(() => extend(list, 2, revoke(1)), "usage", /may not change/u);
    await refuses(() => extend(list, 3, add(3)), "usage", /may not change/u);
    assert.deepEqual(presentIn(force(list, 2, add(3))), [1, 2]);
    assert.deepEqual(presentIn(force(list, 2, revoke(1))), [1, 2]);
    assert.deepEqual(presentIn(force(list, 2, revoke(2))), [1, 2], "not even about itself");
    assert.deepEqual(presentIn(force(list, 3, revoke(1))), [1, 2]);
  });

  it("takes no device twice, none that it lacks, and none back", async () => {
    const list = listWith(1, 2);
    await refuses(() => extend(list, 1, add(2)), "usage", /on the device list already/u);
    await refuses(() => extend(list, 1, revoke(3)), "usage", /is not on the device list/u);
    const without = extend(list, 1, revoke(2));
    await refuses(() => extend(without, 0, add(2)), "usage", /with new keys only/u);
    assert.deepEqual(presentIn(force(without, 0, add(2))), [1], "not even by the root");
    assert.deepEqual(presentIn(extend(without, 0, add(3))), [1, 3]);
    assert.deepEqual(revokedIn(extend(without, 0, revoke(2))), [2], "the root may say so, too");
  });

  it("gives the right to change it to a device of which any addition that holds says so", async () => {
    const plain = extend(listWith(1), 1, add(2, false));
    assert.equal(isAdmin(plain, 2), false);
    await refuses(() => extend(plain, 1, add(2, false)), "usage", /already/u);
    assert.equal(isAdmin(force(plain, 2, add(2)), 2), false, "its own word for itself is void");
    const raised = extend(plain, 1, add(2));
    assert.equal(isAdmin(raised, 2), true);
    assert.equal(isAdmin(force(raised, 0, add(2, false)), 2), true, "no addition takes it away");
    assert.deepEqual(presentIn(extend(raised, 2, add(3))), [1, 2, 3]);
    await refuses(() => extend(raised, 0, add(2)), "usage", /already/u);
  });

  it("of another account is joined with none, and none of its statements is read", async () => {
    const other = testIdentity(101).publicKey;
    const list = listWith(1);
    await refuses(
      () => openDeviceList(nodePrimitives, other, bytesOf(list)),
      "damaged",
      /expected one of this account/u,
    );
    await refuses(() => joinSets(list, emptyDeviceList(other)), "unexpected");
  });
});

describe("the recipient of a device", () => {
  it("is the one that it signed: an admin can't give it another one", async () => {
    const list = listWith(1, 2);
    const member = { ...testDevice(2), receive: otherRecipient };
    const forged = force(list, 1, { kind: "add", member });
    await refuses(() => open(bytesOf(forged)), "damaged", /did not sign that its recipient/u);
    const restated = signOn(list, testRoot, [], {
      kind: "checkpoint",
      in: [member],
      out: [],
      past: [],
    });
    await refuses(() => open([restated.bytes]), "damaged", /did not sign that its recipient/u);
  });

  it("would be the admin's own, if the device's word for it were not asked", async () => {
    const { openDeviceList: openUnasked } = (await withFlaw("lists/device-list", {
      name: "an addition gives a device any recipient",
      piece:
        "if (!verify(primitives, device.key, signatureDomains.device, message, device.proof)) {",
      instead: "if (message === undefined) {",
    })) as { openDeviceList: typeof openDeviceList };
    const member = { ...testDevice(3), receive: otherRecipient };
    const forged = force(listWith(1, 2), 1, { kind: "add", member });
    const read = openUnasked(nodePrimitives, testRoot.publicKey, bytesOf(forged));
    assert.deepEqual(receiveOf(read, 3), otherRecipient);
    await refuses(() => open(bytesOf(forged)), "damaged", /did not sign that its recipient/u);
  });

  it("is signed for one account: a word for another one is none here", async () => {
    const elsewhere = introduceDevice(
      testIdentity(101).publicKey,
      testIdentity(2),
      testRecipient,
      true,
    );
    const forged = force(listWith(1), 1, { kind: "add", member: elsewhere });
    await refuses(() => open(bytesOf(forged)), "damaged", /did not sign that its recipient/u);
  });

  it("is that of the first addition that holds, where the device itself signed two", () => {
    const list = listWith(1);
    const other = introduceDevice(testRoot.publicKey, testIdentity(2), otherRecipient, false);
    const later = force(extend(list, 1, add(2)), 1, { kind: "add", member: other });
    assert.deepEqual(receiveOf(later, 2), testRecipient);
    const first = force(extend(list, 1, { kind: "add", member: other }), 1, add(2));
    assert.deepEqual(receiveOf(first, 2), otherRecipient);
    assert.equal(isAdmin(first, 2), true);
  });
});

describe("a revoked device", () => {
  const before = listWith(1, 2);
  const after = extend(before, 1, revoke(2));

  it("cannot extend the list, neither after its revocation nor beside it", async () => {
    await refuses(() => extend(after, 2, add(3)), "usage", /may not change/u);
    assert.deepEqual(presentIn(force(after, 2, add(3))), [1]);
    assert.deepEqual(presentIn(join(after, extend(before, 2, add(3)))), [1]);
  });

  it("cannot extend it by a line of devices that it added either", () => {
    let line = extend(before, 2, add(3));
    for (const device of [4, 5, 6]) line = extend(line, device - 1, add(device));
    assert.deepEqual(presentIn(line), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(presentIn(join(after, line)), [1]);
    const bySix = force(join(after, line), 6, add(7));
    assert.deepEqual(presentIn(bySix), [1], "nor by what the last of them signs later");
  });

  it("has done what its revoker had seen, and nothing beside it", () => {
    const seen = extend(before, 2, add(3));
    const revoked = extend(seen, 1, revoke(2));
    assert.deepEqual([presentIn(revoked), revokedIn(revoked)], [[1, 3], [2]]);
    assert.deepEqual(presentIn(join(revoked, extend(seen, 2, add(4)))), [1, 3]);
    assert.deepEqual(presentIn(join(revoked, extend(seen, 3, add(4)))), [1, 3, 4]);
  });

  it("taken out by two has done only what both had seen", () => {
    const seen = extend(before, 2, add(3));
    const both = join(extend(seen, 1, revoke(2)), extend(before, 0, revoke(2)));
    assert.deepEqual([presentIn(both), revokedIn(both)], [[1], [2]]);
  });

  it("may have been the one to say so", () => {
    const gone = extend(before, 2, revoke(2));
    assert.deepEqual([presentIn(gone), revokedIn(gone)], [[1], [2]]);
    assert.deepEqual(presentIn(join(gone, extend(before, 2, add(3)))), [1]);
  });

  it("whose void statement an honest one stands on leaves the honest one standing", () => {
    const honest = extend(extend(before, 2, add(3)), 0, add(4));
    assert.deepEqual(presentIn(join(after, honest)), [1, 4]);
  });
});

describe("the oldest device, stolen and taken out", () => {
  // The root adds 1, 1 adds 2, 2 adds 3.
  const before = extend(extend(listWith(1), 1, add(2)), 2, add(3));
  const after = extend(before, 2, revoke(1));

  it("can't undo its revocation by revoking, on what stood before, who took it out", () => {
    const stolen = extend(extend(before, 1, revoke(2)), 1, revoke(3));
    const joined = join(after, stolen);
    assert.deepEqual(presentIn(joined), [], "each has put the others out");
    assert.deepEqual(revokedIn(joined), [1, 2, 3]);
  });

  it("can't do so on any other past: not a statement of it lets it in again", () => {
    const statements = [...after.statements.values()];
    for (const subject of [1, 2, 3]) {
      for (const action of [add(subject), revoke(subject)]) {
        for (const on of [[], ...statements.map((each) => [each])]) {
          const isKnown = action.kind === "add" || on.some(({ n }) => n >= subject);
          if (!isKnown) continue;
          const forged = signOn(after, testIdentity(1), on, action);
          assert.ok(!presentIn(withStatements(after, forged)).includes(1));
        }
      }
    }
  });

  it("has nobody back but by the root, who adds new keys", () => {
    const all = join(after, extend(extend(before, 1, revoke(2)), 1, revoke(3)));
    assert.deepEqual(presentIn(extend(all, 0, add(4))), [4]);
  });
});

describe("two that revoke each other", () => {
  const start = listWith(1, 2, 3);

  it("are both out", () => {
    const joined = join(extend(start, 2, revoke(1)), extend(start, 1, revoke(2)));
    assert.deepEqual([presentIn(joined), revokedIn(joined)], [[3], [1, 2]]);
  });

  it("are both out where the root took one of them out beside", () => {
    const joined = join(extend(start, 1, revoke(2)), extend(start, 0, revoke(1)));
    assert.deepEqual([presentIn(joined), revokedIn(joined)], [[3], [1, 2]]);
  });

  it("in a ring of three are all out", () => {
    const joined = join(
      extend(start, 3, revoke(1)),
      extend(start, 1, revoke(2)),
      extend(start, 2, revoke(3)),
    );
    assert.deepEqual([presentIn(joined), revokedIn(joined)], [[], [1, 2, 3]]);
  });

  it("one after the other leave the later one nothing to say", () => {
    const joined = force(extend(start, 2, revoke(1)), 1, revoke(2));
    assert.deepEqual([presentIn(joined), revokedIn(joined)], [[2, 3], [1]]);
  });

  it("void none of what each has taken out besides", () => {
    const byTwo = extend(extend(start, 2, revoke(1)), 2, revoke(3));
    const joined = join(byTwo, extend(start, 1, revoke(2)));
    assert.deepEqual([presentIn(joined), revokedIn(joined)], [[], [1, 2, 3]]);
  });
});

describe("a revocation that only devices signed", () => {
  const shown = (list: DeviceList): [device: string, added: string[]][] =>
    provisionalRevocations(list).map(({ device, added }) => [
      toHex(device),
      added.map(toHex).sort(),
    ]);
  const named = (device: number, ...added: number[]): [device: string, added: string[]] => [
    toHex(keyOf(device)),
    added.map((each) => toHex(keyOf(each))).sort(),
  ];
  let start = extend(listWith(1, 2), 2, add(3));
  start = extend(extend(start, 3, add(4, false)), 1, add(5));
  start = extend(start, 2, add(6, false));

  it("of an admin is provisional, with whom it had added and those these added", () => {
    assert.deepEqual(shown(start), []);
    const off = extend(start, 1, revoke(2));
    assert.deepEqual(shown(off), [named(2, 3, 4, 6)]);
    assert.deepEqual(
      new Map(shown(extend(off, 1, revoke(3)))),
      new Map([named(2, 4, 6), named(3, 4)]),
    );
  });

  it("of a device without that right is not", () => {
    assert.deepEqual(shown(extend(start, 1, revoke(4))), []);
  });

  it("names nobody whose addition it voids", () => {
    const beside = extend(start, 2, add(7));
    assert.deepEqual(shown(join(extend(start, 1, revoke(2)), beside)), [named(2, 3, 4, 6)]);
  });

  it("stays so until the root says the same", () => {
    const off = extend(start, 1, revoke(2));
    const confirmed = extend(off, 0, revoke(2));
    assert.deepEqual(shown(confirmed), []);
    assert.equal(confirmed.standing.revoked.get(keyOf(2))?.confirmed, true);
    assert.equal(off.standing.revoked.get(keyOf(2))?.confirmed, false);
  });

  it("of two that revoke each other shows both", () => {
    const both = join(extend(start, 1, revoke(2)), extend(start, 2, revoke(1)));
    assert.deepEqual(new Map(shown(both)), new Map([named(1, 5), named(2, 3, 4, 6)]));
  });
});

describe("the hash of a statement", () => {
  it("is that of its bytes", () => {
    const list = listWith(1, 2);
    for (const { hash, bytes } of list.statements.values()) {
      assert.ok(equalBytes(hash, nodePrimitives.sha256(bytes)), toHex(hash));
    }
    assert.equal(newest(list).n, 2);
  });
});
