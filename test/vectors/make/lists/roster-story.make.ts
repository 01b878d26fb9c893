// Who speaks in the vectors of the roster, and how what they say is written.
import { overrideKey } from "../../../../src/node/account/account.ts";
import type { Cut } from "../../../../src/node/account/lists/cuts.ts";
import { devicePseudonym } from "../../../../src/node/account/device-keys.ts";
import {
  type CutDevice,
  extendRoster,
  foundRoster,
  type Roster,
} from "../../../../src/node/account/lists/roster.ts";
import type { Action, Member, Statement } from "../../../../src/node/account/lists/statement.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { asWriterId } from "../../../../src/node/core/ids.ts";
import type { SigningKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { accountSecret, deviceSeeds, labelled, spaceNonce } from "../account/account-inputs.make.ts";
import { type Shown, showCuts, signOn } from "./statements.make.ts";

/** A statement of a roster. */
export type RosterSaid = Statement<Member, CutDevice>;
/** What one says in it. */
export type RosterSays = Action<Member, CutDevice>;

/** The key of the words in the space of all vectors. */
export const override = overrideKey(primitives, accountSecret, spaceNonce);
/** The devices as the roster of the space names them. */
export const pseudonyms = deviceSeeds.map((seed) =>
  devicePseudonym(primitives, seed, spaceNonce),
) as [SigningKey, SigningKey, SigningKey];
const [ann, ben] = pseudonyms;

/** The roster of the space of all vectors, to which the words added ann and ben as admins. */
export const firstRoster: Roster = [ann, ben].reduce(
  (roster, { publicKey }) =>
    extendRoster(primitives, roster, override, {
      kind: "add",
      member: { key: publicKey, admin: true },
    }),
  foundRoster(primitives, override, spaceNonce, 1),
);

/** That one is in. */
export const addTo = ({ publicKey }: SigningKey, admin = true): RosterSays => ({
  kind: "add",
  member: { key: publicKey, admin },
});
/** That one is out, but for these heads. */
export const cutOff = ({ publicKey }: SigningKey, ...cuts: Cut[]): RosterSays => ({
  kind: "revoke",
  member: { key: publicKey, cuts },
});
/** One of the cuts of the vectors. */
export const cutOf = (writer: string, seq: number): Cut => ({
  writer: asWriterId(labelled(writer).subarray(0, 16)),
  seq,
  head: labelled(`head ${seq.toString()} of ${writer}`),
});

/** So many statements that only join, by ann, each on the one before. */
export function joinsOn(on: RosterSaid, count: number): RosterSaid[] {
  const chain = [on];
  for (let i = 0; i < count; i++) {
    chain.push(signOn(firstRoster, ann, [chain[i] ?? on], { kind: "join" }));
  }
  return chain.slice(1);
}

/** How members are shown: `[key, admin]`, and `[key, cuts]` of who is out. */
export const shownMembers: Shown<Member, CutDevice> = {
  in: ({ key, admin }) => [toHex(key), admin],
  out: ({ key, cuts }) => [toHex(key), showCuts(cuts)],
};
