import { type Cut, joinCuts } from "../../../../src/node/account/lists/cuts.ts";
import { type CutDevice, openRoster, tipsHash } from "../../../../src/node/account/lists/roster.ts";
import type { Checkpoint, Member } from "../../../../src/node/account/lists/statement.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { asWriterId } from "../../../../src/node/core/ids.ts";
import { asPublicKey, type SigningKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { about, spaceNonce } from "../account/account-inputs.make.ts";
import { rosterRefusals } from "./roster-refusals.make.ts";
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
  shownMembers,
} from "./roster-story.make.ts";
import { Statements, setWith, showCuts, signOn } from "./statements.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const [ann, ben, cid] = pseudonyms;

/** Statements of a roster, and the rosters that they make. FORMAT §12.4. */
export function makeRosters(): VectorValue {
  const statements = new Statements(shownMembers);
  const lists = rosterLists(statements);
  const refused = rosterRefusals(statements);
  return {
    about: about("§12.4, roster", [
      "As in devices.json. A member is [key, admin], who is out [key, cuts], a cut [writer, seq, head].",
      "`suite`: the one that is written. `tips`: the tips hash, of all statements of the list.",
      "`space` beside something refused: it is read as of that space. `cuts`: what a checkpoint restates of two people's cuts of one device.",
    ]),
    space: toHex(firstRoster.space),
    nonce: toHex(spaceNonce),
    override: toHex(override.publicKey),
    statements: statements.show(),
    lists,
    cuts: cutVectors(),
    refused,
  };
}

function rosterLists(statements: Statements<Member, CutDevice>): VectorValue[] {
  const known = [...firstRoster.statements.values()];
  const [founding, first, two] = known as [RosterSaid, RosterSaid, RosterSaid];
  const say = (by: SigningKey, action: RosterSays, ...on: RosterSaid[]): RosterSaid => {
    known.push(signOn(firstRoster, by, on, action));
    return known.at(-1) as RosterSaid;
  };
  const restate = (
    n: number,
    terms: Omit<Checkpoint<Member, CutDevice>, "kind" | "past">,
    ...past: RosterSaid[]
  ): RosterSaid => {
    const hashes = past.map(({ hash }) => hash);
    const action: RosterSays = { kind: "checkpoint", ...terms, past: hashes };
    known.push(signOn(firstRoster, override, [], action, n));
    return known.at(-1) as RosterSaid;
  };
  const list = (name: string, ...tips: RosterSaid[]): VectorValue => {
    const { statements: all } = setWith(firstRoster, known, founding, ...tips);
    const bytes = Array.from(all.values(), (each) => each.bytes);
    const roster = openRoster(primitives, firstRoster.space, bytes);
    return statements.list(name, roster, {
      suite: roster.standing.suite,
      tips: toHex(tipsHash(primitives, roster)),
    });
  };
  const isIn = (...devices: SigningKey[]): Member[] =>
    devices.map(({ publicKey }) => ({ key: publicKey, admin: true }));
  const out = (device: SigningKey, ...cuts: Cut[]): CutDevice => ({ key: device.publicKey, cuts });

  const plain = say(ann, addTo(cid, false), two);
  const benOff = say(ann, cutOff(ben, cutOf("writer", 300)), two);
  const rootOff = say(override, cutOff(ben, cutOf("writer", 200), cutOf("other", 1)), two);
  const ownOff = say(ben, cutOff(ben, cutOf("writer", 999)), two);
  const annOff = say(ben, cutOff(ann), two);
  const byBen = say(ben, addTo(cid), two);
  const fork = say(cid, { kind: "join" }, say(cid, { kind: "join" }, byBen));
  const suite = say(ann, { kind: "suite", suite: 3 }, two);
  const lower = say(ben, { kind: "suite", suite: 2 }, suite);
  const joined = say(ann, { kind: "join" }, plain, suite);
  const restated = restate(
    9,
    { in: isIn(ann), out: [out(ben, cutOf("writer", 200))], suite: 1 },
    founding,
    first,
    two,
    benOff,
    rootOff,
  );
  const cidIn = restate(9, { in: isIn(ann, cid), out: [], suite: 2 }, founding, first, two);
  const chain = joinsOn(two, 64);
  known.push(...chain);
  const many = Array.from({ length: 256 }, (_, i) => ({
    key: asPublicKey(Uint8Array.of(i, ...new Uint8Array(31))),
    admin: false,
  }));
  const most = Array.from({ length: 256 }, (_, i) => ({
    ...cutOf("writer", 1),
    writer: asWriterId(Uint8Array.of(i, ...new Uint8Array(15))),
  }));
  return [
    list("founded, and nobody is in"),
    list("two whom the words added", two),
    list("an admin adds a device that is none", plain),
    list("which adds nobody and says no suite", say(cid, { kind: "suite", suite: 9 }, plain)),
    list("a device that was taken out, and what counts of it", benOff),
    list("with no head that counts", say(ann, cutOff(ben), two)),
    list("taken out by two, each with cuts", benOff, rootOff),
    list("it takes itself out with a later cut, too", benOff, ownOff),
    list("a longer fork of one who is out does not win", benOff, fork),
    list("nor does one that takes out who took him out: both are out", benOff, fork, annOff),
    list("a suite is said", suite),
    list("a smaller one after it changes nothing", lower),
    list("two side by side: the largest counts", suite, say(ben, { kind: "suite", suite: 2 }, two)),
    list("one that is out said one before", say(ann, cutOff(ben), lower)),
    list("a statement that joins two tips", joined),
    list(
      "two tips in a chain of joins",
      say(ben, { kind: "join" }, joined),
      say(ann, { kind: "join" }, joined),
    ),
    list("a checkpoint and the founding", restated),
    list("all that it replaced is said again", restated, benOff, rootOff),
    list("a statement on the checkpoint", say(ann, addTo(cid), restated)),
    list("beside it counts no suite of a device", restated, suite),
    list("but one that the words say", restated, say(override, { kind: "suite", suite: 4 }, two)),
    list("a checkpoint raises the suite", cidIn),
    list("two checkpoints side by side", restated, cidIn),
    list("one that says of 256 that they are in", restate(9, { in: many, out: [], suite: 255 })),
    list("one taken out with 256 cuts", say(ann, cutOff(ben, ...most), two)),
    list("one statement stands on 64", say(ann, { kind: "join" }, ...chain)),
  ];
}

function cutVectors(): VectorValue {
  const [early, late] = [cutOf("writer", 4), cutOf("writer", 6)];
  const sameSeq = [1, 2].map((fill) => ({ ...early, head: new Uint8Array(32).fill(fill) }));
  const other = cutOf("other", 2);
  const [low, high] = sameSeq as [Cut, Cut];
  const pairs: [Cut[], Cut[]][] = [
    [[early], [late]],
    [[late], [early]],
    [[late, other], [early]],
    [[other], [late]],
    [[early], []],
    [[high], [low]],
    [[low], [high]],
    [[{ ...low, seq: 9 }], [{ ...high, seq: 8 }]],
    [[{ ...high, seq: 8 }], [{ ...low, seq: 9 }]],
  ];
  return pairs.map(([one, another]) => ({
    one: showCuts(one),
    other: showCuts(another),
    stands: showCuts(joinCuts(one, another)),
  }));
}
