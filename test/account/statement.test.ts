import assert from "node:assert/strict";
import type { Cut } from "../../src/node/account/lists/cuts.ts";
import type { Device } from "../../src/node/account/lists/device-list.ts";
import type { CutDevice } from "../../src/node/account/lists/roster.ts";
import {
  type Action,
  asStatementHash,
  decodeStatement,
  type Member,
  maxMembers,
  maxPrev,
  type Named,
  type Statement,
  type StatementHash,
  signStatement,
} from "../../src/node/account/lists/statement.ts";
import { asWriterId } from "../../src/node/core/ids.ts";
import { type SignatureDomain, signatureDomains } from "../../src/node/crypto/domains.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import {
  resigned,
  testDevice,
  testIdentity,
  testOverride,
  testPseudonym,
  testRoot,
  testRoster,
} from "./test-accounts.ts";
import { add, anyCheckpoint, listWith, newest, numbered, revoke, signNext } from "./test-lists.ts";

type Changes = Parameters<typeof resigned>[3];
type Refusal = readonly [changes: Changes, code: "damaged" | "newer", message: RegExp];

const [one, two] = [testIdentity(1), testIdentity(2)];
const hash = (fill: number): StatementHash => asStatementHash(new Uint8Array(32).fill(fill));
const key = ({ publicKey }: SigningKey): Uint8Array => publicKey;
const inOrder = (...keys: SigningKey[]): SigningKey[] =>
  keys.toSorted((a, b) => Buffer.compare(key(a), key(b)));

const list = listWith(1, 2);
const roster = testRoster(1, 2);

/** A statement of each action that device lists have. */
const devicesSay = (action: Action<Device, Named>, by = testRoot): Statement<Device, Named> =>
  signNext(list, by, action);
const rosterSays = (action: Action<Member, CutDevice>): Statement<Member, CutDevice> =>
  signNext(roster, testOverride, action);

const cut = (writer: number, seq = 1): Cut => ({
  writer: asWriterId(new Uint8Array(16).fill(writer)),
  seq,
  head: hash(9),
});
const cutValue = ({ writer, seq, head }: Cut) => [writer, seq, head];

async function areRefused(
  { bytes }: Statement<Device, Named> | Statement<Member, CutDevice>,
  signer: SigningKey,
  domain: SignatureDomain,
  cases: readonly Refusal[],
): Promise<void> {
  for (const [changes, code, message] of cases) {
    const changed = resigned(bytes, signer, domain, changes);
    const read =
      domain === signatureDomains.roster
        ? () => decodeStatement(nodePrimitives, roster.form, changed)
        : () => decodeStatement(nodePrimitives, list.form, changed);
    await refuses(read, code, message);
  }
}

const ofDevices = (action: Action<Device, Named>, cases: readonly Refusal[]): Promise<void> =>
  areRefused(devicesSay(action), testRoot, signatureDomains.deviceStatement, cases);
const ofRoster = (action: Action<Member, CutDevice>, cases: readonly Refusal[]): Promise<void> =>
  areRefused(rosterSays(action), testOverride, signatureDomains.roster, cases);

describe("a statement", () => {
  it("is read as it was signed, whatever it says", () => {
    for (const action of [add(3), add(3, false), revoke(1), { kind: "join" } as const]) {
      const said = devicesSay(action);
      assert.deepEqual(decodeStatement(nodePrimitives, list.form, said.bytes), said);
    }
    const rosterActions: Action<Member, CutDevice>[] = [
      { kind: "add", member: { key: testPseudonym(3).publicKey, admin: false } },
      { kind: "revoke", member: { key: testPseudonym(1).publicKey, cuts: [cut(1), cut(2, 7)] } },
      { kind: "suite", suite: 255 },
      { kind: "join" },
      { kind: "checkpoint", in: [], out: [], past: [], suite: 3 },
    ];
    for (const action of rosterActions) {
      const said = rosterSays(action);
      assert.deepEqual(decodeStatement(nodePrimitives, roster.form, said.bytes), said);
    }
  });

  it("writes lists in ascending order, in whatever order they were told", () => {
    const action = anyCheckpoint();
    const told = devicesSay({
      ...action,
      in: action.in.toReversed(),
      out: action.out.toReversed(),
      past: [...action.past.toReversed(), ...action.past.slice(0, 1)],
    });
    assert.deepEqual(told.bytes, devicesSay(action).bytes);
  });

  it("is refused if one of the fields that all have is malformed", () =>
    ofDevices(add(3), [
      [{ version: 2 }, "newer", /version 2, which needs a newer IPCloud/u],
      [{ version: 0 }, "damaged", /version 1/u],
      [{ version: undefined }, "damaged", /version/u],
      [{ colour: "red" }, "newer", /"colour", which needs a newer IPCloud/u],
      [{ account: key(two) }, "damaged", /one of this account/u],
      [{ account: new Uint8Array(31) }, "damaged", /32 bytes/u],
      [{ account: undefined }, "damaged", /for "add" just the fields/u],
      [{ n: 0 }, "damaged", /the number of/u],
      [{ n: "1" }, "damaged", /the number of/u],
      [{ n: undefined }, "damaged", /"n"/u],
      [{ prev: hash(1) }, "damaged", /a list/u],
      [{ prev: [new Uint8Array(31)] }, "damaged", /32 bytes/u],
      [{ prev: [hash(2), hash(1)] }, "damaged", /ascending order/u],
      [{ prev: [hash(1), hash(1)] }, "damaged", /nothing twice/u],
      [{ prev: numbered(maxPrev + 1) }, "damaged", /at most 64/u],
      [{ signer: key(one) }, "damaged", /not signed by the key that it names/u],
      [{ signer: new Uint8Array(31) }, "damaged", /32 bytes/u],
      [{ action: "promote" }, "damaged", /an action of it, not "promote"/u],
      [{ action: 1 }, "damaged", /text/u],
    ]));

  it("is refused with a field of another action, or without its own", async () => {
    await ofDevices(add(3), [
      [{ subject: undefined }, "damaged", /for "add" just the fields/u],
      [{ in: [] }, "damaged", /for "add" just the fields/u],
      [{ suite: 1 }, "damaged", /for "add" just the fields/u],
      [{ action: "join" }, "damaged", /for "join" just the fields/u],
      [{ action: "checkpoint" }, "damaged", /for "checkpoint" just the fields/u],
    ]);
    await ofDevices({ kind: "join" }, [
      [{ subject: key(one) }, "damaged", /for "join" just the fields/u],
      [{ nonce: new Uint8Array(16) }, "damaged", /for "join" just the fields/u],
      [{ space: hash(1) }, "damaged", /for "join" just the fields/u],
    ]);
    await ofDevices(anyCheckpoint(), [
      [{ suite: 1 }, "damaged", /for "checkpoint" just the fields/u],
      [{ past: undefined }, "damaged", /for "checkpoint" just the fields/u],
      [{ out: undefined }, "damaged", /for "checkpoint" just the fields/u],
    ]);
    await ofRoster({ kind: "suite", suite: 2 }, [
      [{ suite: undefined }, "damaged", /for "suite" just the fields/u],
      [{ account: hash(1) }, "damaged", /for "suite" just the fields/u],
      [{ space: undefined }, "damaged", /for "suite" just the fields/u],
      [{ space: hash(1) }, "damaged", /one of this space/u],
    ]);
    await ofRoster({ kind: "checkpoint", in: [], out: [], past: [], suite: 1 }, [
      [{ suite: undefined }, "damaged", /for "checkpoint" just the fields/u],
    ]);
  });

  it("of a device list founds nothing and says no suite", () =>
    ofDevices({ kind: "join" }, [
      [{ action: "suite", suite: 1 }, "damaged", /an action of it, not "suite"/u],
      [
        { action: "found", nonce: new Uint8Array(16), override: key(testRoot), suite: 1 },
        "damaged",
        /an action of it, not "found"/u,
      ],
    ]));

  it("names whom it adds by key, right, recipient and proof", () => {
    const { receive, proof } = testDevice(3);
    const subject = key(testIdentity(3));
    return ofDevices(add(3), [
      [{ subject }, "damaged", /a list/u],
      [{ subject: [subject, true, receive] }, "damaged", /a list of 4/u],
      [
        { subject: [subject, 1, receive, proof] },
        "damaged",
        /is an admin is malformed: expected true or false/u,
      ],
      [{ subject: [subject.subarray(1), true, receive, proof] }, "damaged", /32 bytes/u],
      [{ subject: [subject, true, receive.subarray(1), proof] }, "damaged", /1216 bytes/u],
      [{ subject: [subject, true, receive, proof.subarray(1)] }, "damaged", /64 bytes/u],
      [{ subject: [key(one), true, receive, proof] }, "damaged", /did not sign/u],
    ]);
  });

  it("names whom it revokes by the key, in a roster with cuts", async () => {
    await ofDevices(revoke(1), [
      [{ subject: [key(one)] }, "damaged", /32 bytes/u],
      [{ subject: new Uint8Array(33) }, "damaged", /32 bytes/u],
    ]);
    const device = testPseudonym(1);
    const withCuts = (...cuts: readonly unknown[]): Changes => ({
      subject: [key(device), cuts] as never,
    });
    const [a, b] = [cutValue(cut(1)), cutValue(cut(2))];
    const many = Array.from({ length: 257 }, (_, i) => [
      numbered(257)[i]?.subarray(0, 16) ?? assert.fail(),
      1,
      hash(1),
    ]);
    await ofRoster({ kind: "revoke", member: { key: device.publicKey, cuts: [cut(1)] } }, [
      [{ subject: key(device) }, "damaged", /a list/u],
      [{ subject: [key(device)] }, "damaged", /a list of 2/u],
      [withCuts(b, a), "damaged", /ascending order/u],
      [withCuts(a, a), "damaged", /nothing twice/u],
      [withCuts([cut(1).writer, 0, hash(1)]), "damaged", /a number from 1/u],
      [withCuts([cut(1).writer, 1, new Uint8Array(31)]), "damaged", /32 bytes/u],
      [withCuts([new Uint8Array(15), 1, hash(1)]), "damaged", /16 bytes/u],
      [withCuts([cut(1).writer, 1]), "damaged", /a list of 3/u],
      [withCuts(...many), "damaged", /at most 256/u],
    ]);
    await ofRoster({ kind: "add", member: { key: device.publicKey, admin: true } }, [
      [{ subject: key(device) }, "damaged", /a list/u],
      [{ subject: [key(device), 1] }, "damaged", /true or false/u],
      [{ subject: [key(device), true, []] }, "damaged", /a list of 2/u],
    ]);
  });

  it("says a suite from 1 to 255", () =>
    ofRoster({ kind: "suite", suite: 2 }, [
      [{ suite: 0 }, "damaged", /a number from 1 to 255/u],
      [{ suite: 256 }, "damaged", /a number from 1 to 255/u],
    ]));

  it("has at most 512 KiB", () =>
    ofDevices(anyCheckpoint(), [
      [{ past: numbered(16_000) }, "damaged", /expected at most 524288/u],
    ]));

  it("is refused with any bit changed", async () => {
    const { bytes } = devicesSay(add(3));
    for (let bit = 0; bit < bytes.length * 8; bit += 31) {
      const altered = bytes.slice();
      altered[bit >>> 3] = (altered[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      let code: unknown = "none";
      try {
        decodeStatement(nodePrimitives, list.form, altered);
      } catch (error) {
        code = (error as { code: unknown }).code;
      }
      assert.ok(code === "damaged" || code === "newer", `bit ${bit.toString()}`);
    }
    const cutShort = bytes.subarray(0, -1);
    await refuses(() => decodeStatement(nodePrimitives, list.form, cutShort), "damaged");
  });

  it("of a roster is none of a device list, though the fields are the same", async () => {
    const said = signStatement(
      nodePrimitives,
      { ...list.form, domain: signatureDomains.roster },
      testRoot,
      { n: 3, prev: [newest(list).hash], action: { kind: "join" } },
    );
    await refuses(
      () => decodeStatement(nodePrimitives, list.form, said.bytes),
      "damaged",
      /not signed by the key/u,
    );
  });
});

describe("a checkpoint", () => {
  const [first, second] = inOrder(testIdentity(3), testIdentity(4)).map(key) as [
    Uint8Array,
    Uint8Array,
  ];

  it("is refused if one of its lists is out of order, too long or holds one twice", () => {
    const member = (device: number) => {
      const { admin, receive, proof } = testDevice(device);
      return [key(testIdentity(device)), admin, receive, proof];
    };
    const members = [1, 2].map(member).sort((a, b) => Buffer.compare(a[0] as never, b[0] as never));
    return ofDevices(anyCheckpoint(), [
      [{ in: members.toReversed() }, "damaged", /ascending order/u],
      [{ in: [members[0], members[0]] as never }, "damaged", /nothing twice/u],
      [{ out: [second, first] }, "damaged", /ascending order/u],
      [{ out: [first, first] }, "damaged", /nothing twice/u],
      [{ out: numbered(1025) }, "damaged", /at most 1024/u],
      [{ past: [hash(2), hash(1)] }, "damaged", /ascending order/u],
      [{ past: [new Uint8Array(31)] }, "damaged", /32 bytes/u],
      [{ past: numbered(8193) }, "damaged", /at most 8192/u],
    ]);
  });

  it("says of at most 256 that they are in", () =>
    ofRoster({ kind: "checkpoint", in: [], out: [], past: [], suite: 1 }, [
      [{ in: numbered(maxMembers + 1).map((each) => [each, true]) }, "damaged", /at most 256/u],
    ]));

  it("is refused if it says of somebody both", () =>
    ofDevices(anyCheckpoint(), [[{ out: [key(one)] }, "damaged", /nobody both in and out/u]]));

  it("is refused if it stands on something, for it names its past", () =>
    ofDevices(anyCheckpoint(), [[{ prev: [hash(1)] }, "damaged", /nothing before a checkpoint/u]]));

  it("proves the recipients of all whom it says are in", () => {
    const { receive, proof } = testDevice(2);
    const members = [[key(one), true, receive, proof]];
    return ofDevices(anyCheckpoint(), [[{ in: members, out: [] }, "damaged", /did not sign/u]]);
  });
});
