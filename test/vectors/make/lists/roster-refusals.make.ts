import type { CutDevice } from "../../../../src/node/account/lists/roster.ts";
import type { Member } from "../../../../src/node/account/lists/statement.ts";
import { compareBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { signatureDomains } from "../../../../src/node/crypto/domains.ts";
import type { SigningKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { resigned } from "../../../account/test-accounts.ts";
import { deviceSeeds, labelled } from "../account/account-inputs.make.ts";
import {
  addTo,
  cutOf,
  cutOff,
  firstRoster,
  joinsOn,
  override,
  pseudonyms,
  type RosterSaid,
  type RosterSays,
} from "./roster-story.make.ts";
import { type Statements, signOn } from "./statements.make.ts";
import type { VectorValue } from "../../vector-file.ts";

type Changes = Parameters<typeof resigned>[3];

/** Statements that make no roster. */
export function rosterRefusals(statements: Statements<Member, CutDevice>): VectorValue {
  const [ann, ben] = pseudonyms;
  const known = [...firstRoster.statements.values()];
  const chain = joinsOn(known.at(-1) as RosterSaid, 65);
  const [founding, , two] = known as [RosterSaid, RosterSaid, RosterSaid];
  const bytes = (name: string, made: Uint8Array, beside = known, code = "damaged") => ({
    code,
    name,
    beside: beside.map(statements.placeOf),
    bytes: toHex(made),
  });
  const said = (name: string, by: SigningKey, action: RosterSays, on = [two]) =>
    bytes(name, signOn(firstRoster, by, on, action).bytes);
  const changed = (action: RosterSays) => {
    const on = action.kind === "checkpoint" ? [] : [two];
    const made = signOn(firstRoster, override, on, action, action.kind === "checkpoint" ? 9 : 4);
    return (name: string, changes: Changes, code = "damaged") =>
      bytes(name, resigned(made.bytes, override, signatureDomains.roster, changes), known, code);
  };
  const add = changed(addTo(ann));
  const revokes = changed(cutOff(ann, cutOf("writer", 3)));
  const suite = changed({ kind: "suite", suite: 2 });
  const restates = changed({ kind: "checkpoint", in: [], out: [], past: [], suite: 1 });
  const cut = (writer: string, seq: number) => {
    const { writer: id, head } = cutOf(writer, seq);
    return [id, seq, head];
  };
  const cuts = (...list: (string | number | Uint8Array)[][]): Changes => ({
    subject: [ann.publicKey, list],
  });
  const [one, other] = [cut("writer", 1), cut("other", 1)].sort((a, b) =>
    compareBytes(a[0] as Uint8Array, b[0] as Uint8Array),
  ) as [(number | Uint8Array)[], (number | Uint8Array)[]];
  const many = (count: number, length = 32): Uint8Array[] =>
    Array.from({ length: count }, (_, i) =>
      Uint8Array.of(i >> 8, i, ...new Uint8Array(length - 2)),
    );
  const keys = [ann, ben].map(({ publicKey }) => publicKey).sort(compareBytes);
  const founded = (name: string, changes: Changes, by = override) =>
    bytes(name, resigned(founding.bytes, by, signatureDomains.roster, changes));
  // Alone, as the founding of the space of its own hash: so nothing else refuses it.
  const alone = (name: string, changes: Changes, by = override) => {
    const made = resigned(founding.bytes, by, signatureDomains.roster, changes);
    return { ...bytes(name, made, []), space: toHex(primitives.sha256(made)) };
  };
  return [
    bytes("altered", two.bytes.with(-1, (two.bytes.at(-1) ?? 0) ^ 1), [founding]),
    bytes("without the statement that founds the space", two.bytes, []),
    suite("version 2", { version: 2 }, "newer"),
    suite("an unknown field", { colour: "red" }, "newer"),
    suite("without a space", { space: undefined }),
    suite("of another space", { space: labelled("another space") }),
    suite("also of an account", { account: labelled("an account") }),
    suite("signed by another than it says", { signer: ann.publicKey }),
    bytes(
      "signed as a statement of a device list",
      resigned(
        signOn(firstRoster, override, [two], { kind: "join" }).bytes,
        override,
        signatureDomains.deviceStatement,
        {},
      ),
    ),
    suite("suite 0", { suite: 0 }),
    suite("suite 256", { suite: 256 }),
    suite("a suite without one", { suite: undefined }),
    add("a suite in an addition", { suite: 1 }),
    restates("a checkpoint without a suite", { suite: undefined }),
    add("a subject that is just a key", { subject: ann.publicKey }),
    add("admin is no boolean", { subject: [ann.publicKey, 1] }),
    add("a subject of three parts", { subject: [ann.publicKey, true, []] }),
    add("a key of 31 bytes", { subject: [ann.publicKey.subarray(1), true] }),
    revokes("a revocation without cuts", { subject: ann.publicKey }),
    revokes("cuts out of order", cuts(other, one)),
    revokes("two cuts of one writer", cuts(one, [one[0] as Uint8Array, 2, labelled("head")])),
    revokes("a cut at seq 0", cuts([one[0] as Uint8Array, 0, labelled("head")])),
    revokes("a cut without a head", cuts([one[0] as Uint8Array, 1])),
    revokes("a cut at a head of 31 bytes", cuts([one[0] as Uint8Array, 1, new Uint8Array(31)])),
    revokes("a cut of a writer of 15 bytes", cuts([new Uint8Array(15), 1, labelled("head")])),
    revokes("cuts that are no list", { subject: [ann.publicKey, 1] }),
    revokes("a cut that is no list", { subject: [ann.publicKey, [1]] }),
    revokes("a cut of four parts", cuts([...one, 1])),
    revokes("a writer that is text", cuts(["x".repeat(16), 1, labelled("head")])),
    revokes("a revocation of three parts", { subject: [ann.publicKey, [], 1] }),
    restates("out of a key of 31 bytes", { out: [[ann.publicKey.subarray(1), []]] }),
    restates("out of just a key", { out: [ann.publicKey] }),
    bytes("prev of 65", signOn(firstRoster, ann, [...chain], { kind: "join" }).bytes, [
      ...known,
      ...chain,
    ]),
    revokes("257 cuts", cuts(...many(257, 16).map((id) => [id, 1, labelled("head")]))),
    restates("in of 257", { in: many(257).map((key) => [key, true]) }),
    restates("in out of order", { in: keys.toReversed().map((key) => [key, true]) }),
    restates("one both in and out", {
      in: [[ann.publicKey, true]],
      out: [[ann.publicKey, []]],
    }),
    restates("a checkpoint that stands on something", { prev: [two.hash] }),
    said("a checkpoint by a device", ann, {
      kind: "checkpoint",
      in: [],
      out: [],
      past: [],
      suite: 1,
    }),
    said("a revocation of one whom nobody added", override, cutOff(pseudonyms[2])),
    said("an addition of the override key", ann, addTo(override)),
    said("a statement that stands on nothing", ann, { kind: "join" }, []),
    founded("a second founding", { nonce: labelled("another nonce").subarray(0, 16) }),
    founded("a second founding by a device", { signer: ann.publicKey }, ann),
    founded("a founding that names a space", { space: firstRoster.space }),
    alone("a founding without a nonce", { nonce: undefined }),
    alone("a founding with a nonce of 15 bytes", { nonce: new Uint8Array(15) }),
    alone("a founding with an override key of 31 bytes", { override: new Uint8Array(31) }),
    alone("a founding with an override key that is a list of its bytes", {
      override: [...override.publicKey],
    }),
    alone("a founding of suite 0", { suite: 0 }),
    alone("a founding by another than the override key", { signer: ann.publicKey }, ann),
    alone("a founding that names another override key", { override: ann.publicKey }),
    alone("a founding of number 2", { n: 2 }),
    alone("a founding that names a space", { space: labelled("a space") }),
    alone("a space that something else founds", {
      action: "join",
      nonce: undefined,
      override: undefined,
      suite: undefined,
      space: labelled("a space"),
    }),
    founded("a founding that stands on something", { prev: [founding.hash], n: 2 }),
    founded("a founding whose number is 2", { n: 2 }),
    bytes("bytes of a seed", deviceSeeds[0] ?? new Uint8Array(32)),
  ];
}
