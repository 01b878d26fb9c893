import assert from "node:assert/strict";
import { type Device, openDeviceList } from "../../src/node/account/lists/device-list.ts";
import { type CutDevice, openRoster } from "../../src/node/account/lists/roster.ts";
import {
  type Action,
  type Member,
  type Named,
  type Statement,
  signStatement,
} from "../../src/node/account/lists/statement.ts";
import { maxStatements, setOf } from "../../src/node/account/lists/statement-set.ts";
import { asPublicKey, type SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import {
  testDevice,
  testIdentity,
  testOverride,
  testPseudonym,
  testRoot,
  testRoster,
} from "./test-accounts.ts";
import {
  add,
  anyCheckpoint,
  listWith,
  newest,
  numbered,
  revoke,
  signNext,
  signOn,
} from "./test-lists.ts";

const one = testIdentity(1);
const list = listWith(1, 2);
const roster = testRoster(1, 2);
const devicesSay = (action: Action<Device, Named>, by = testRoot): Statement<Device, Named> =>
  signNext(list, by, action);

describe("a set of statements", () => {
  const withSaid = (...said: Statement<Device, Named>[]) =>
    openDeviceList(
      nodePrimitives,
      testRoot.publicKey,
      [...list.statements.values(), ...said].map(({ bytes }) => bytes),
    );
  const withRosterSaid = (...said: Statement<Member, CutDevice>[]) =>
    openRoster(
      nodePrimitives,
      roster.space,
      [...roster.statements.values(), ...said].map(({ bytes }) => bytes),
    );

  it("is refused if one stands on another that is missing", async () => {
    const [first, last] = [...list.statements.values()].map(({ bytes }) => bytes);
    await refuses(
      () => openDeviceList(nodePrimitives, testRoot.publicKey, [last ?? assert.fail()]),
      "damaged",
      /lacks the statement [0-9a-f]{64} that another stands on/u,
    );
    assert.equal(
      openDeviceList(nodePrimitives, testRoot.publicKey, [first ?? assert.fail()]).statements.size,
      1,
    );
  });

  it("is refused if one has another number than one more than the largest before it", async () => {
    const prev = [...list.statements.values()].map(({ hash: each }) => each);
    for (const n of [1, 2, 4]) {
      const said = signStatement(nodePrimitives, list.form, testRoot, { n, prev, action: add(3) });
      await refuses(
        () => withSaid(said),
        "damaged",
        new RegExp(`of number ${n.toString()}, expected 3`, "u"),
      );
    }
    const alone = { n: 2, prev: [], action: add(3) } as const;
    await refuses(
      () => withSaid(signStatement(nodePrimitives, list.form, testRoot, alone)),
      "damaged",
      /of number 2, expected 1/u,
    );
  });

  it("is refused if a checkpoint's number is not above its past", async () => {
    const past = [...list.statements.values()].map(({ hash: each }) => each);
    const action: Action<Device, Named> = { kind: "checkpoint", in: [], out: [], past };
    const at = (n: number) =>
      signStatement(nodePrimitives, list.form, testRoot, { n, prev: [], action });
    await refuses(() => withSaid(at(2)), "damaged", /not above its past/u);
    assert.equal(withSaid(at(3)).standing.present.size, 0);
    assert.equal(withSaid(at(30)).standing.present.size, 0, "it may be any above");
  });

  it("is refused if one revokes a device that what stands before it does not add", async () => {
    const [first] = list.statements.values();
    const early = signOn(list, testRoot, [first ?? assert.fail()], revoke(2));
    await refuses(() => withSaid(early), "damaged", /revocation of a device that what stands/u);
    const stranger = devicesSay(revoke(3));
    await refuses(() => withSaid(stranger), "damaged", /revocation of a device that what stands/u);
  });

  it("takes whom a checkpoint before names for known", () => {
    const said = devicesSay(anyCheckpoint());
    for (const device of [1, 2, 3, 4]) {
      const off = signOn(list, testRoot, [said], revoke(device));
      assert.ok(withSaid(said, off).statements.has(off.hash));
    }
  });

  it("is refused if one is about the root", async () => {
    const member = { ...testDevice(3), key: testRoot.publicKey };
    const actions: Action<Device, Named>[] = [
      { kind: "add", member },
      { kind: "revoke", member },
      { kind: "checkpoint", in: [member], out: [], past: [] },
      { kind: "checkpoint", in: [], out: [member], past: [] },
    ];
    for (const action of actions) {
      await refuses(
        () => setOf(list.form, list.root, [...list.statements.values(), devicesSay(action, one)]),
        "damaged",
        action.kind === "checkpoint" ? /the root did not sign/u : /a statement about its root/u,
      );
    }
    for (const action of actions.slice(2)) {
      await refuses(
        () => setOf(list.form, list.root, [devicesSay(action)]),
        "damaged",
        /a statement about its root/u,
      );
    }
  });

  it("is refused if a device makes a checkpoint or founds a space", async () => {
    await refuses(
      () => withSaid(devicesSay(anyCheckpoint(), one)),
      "damaged",
      /a statement "checkpoint" that the root did not sign/u,
    );
    const founding = (by: SigningKey, override: SigningKey) =>
      signStatement(nodePrimitives, roster.form, by, {
        n: 1,
        prev: [],
        action: {
          kind: "found",
          nonce: new Uint8Array(16),
          override: override.publicKey,
          suite: 1,
        },
      });
    await refuses(
      () => withRosterSaid(founding(testPseudonym(1), testPseudonym(1))),
      "damaged",
      /a statement "found" that the root did not sign/u,
    );
    await refuses(
      () => withRosterSaid(founding(testOverride, testPseudonym(1))),
      "damaged",
      /founded by another statement/u,
    );
  });

  it("of a roster is refused if one stands on nothing, or founds it on something", async () => {
    const join = { kind: "join" } as const;
    const alone = signOn(roster, testOverride, [], join);
    await refuses(() => withRosterSaid(alone), "damaged", /does not stand on the one that founds/u);
    const later = signOn(roster, testOverride, [newest(roster)], roster.founding);
    await refuses(() => withRosterSaid(later), "damaged", /founded by another statement/u);
  });

  it("is refused if devices said too much, whatever the root said", async () => {
    const [first] = list.statements.values();
    const many = numbered(maxStatements).map((seed) =>
      signStatement(nodePrimitives, list.form, one, {
        n: 2,
        prev: [first?.hash ?? assert.fail()],
        action: { kind: "revoke", member: { key: asPublicKey(seed) } },
      }),
    );
    const all = [...list.statements.values(), ...many, devicesSay({ kind: "join" }, one)];
    await refuses(
      () => setOf(list.form, list.root, all),
      "damaged",
      /has 4097 statements of devices, expected at most 4096: the words can make a checkpoint/u,
    );
    const fewer = [...list.statements.values(), ...many];
    await refuses(() => setOf(list.form, list.root, fewer), "damaged", /a revocation of a device/u);
  });
});
