import type { CborValue } from "../../blocks/cbor.ts";
import { asBoolean, asTuple } from "../../blocks/shape.ts";
import { concatBytes, equalBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { asSpaceId, type SpaceId } from "../../core/ids.ts";
import { signatureDomains } from "../../crypto/domains.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../../crypto/sign.ts";
import { asKeyField } from "../signed-record.ts";
import { admitSet } from "./admit-set.ts";
import { type CheckpointPlan, planCheckpoint, restate } from "./checkpoint.ts";
import { type Cut, decodeCuts, encodeCuts, joinCuts } from "./cuts.ts";
import { type Change, extendSet } from "./extend-set.ts";
import {
  decodeStatement,
  type Founding,
  type Member,
  type Named,
  type StatementForm,
  signStatement,
} from "./statement.ts";
import { type StatementSet, setOf, tipsOf } from "./statement-set.ts";

/** A device that was taken out of a space, and what of its writers still counts. */
export interface CutDevice extends Named {
  /** Its pseudonym. */
  readonly key: PublicKey;
  readonly cuts: readonly Cut[];
}

/**
 * Who may write to a space, as mirrors know it: pseudonyms, by the rule of device lists, with the
 * override key in the root's place. FORMAT §12.4.
 */
export interface Roster extends StatementSet<Member, CutDevice> {
  readonly space: SpaceId;
  readonly founding: Founding;
}

const what = "a device in a roster";

/** How the statements of one space's roster are written. */
function rosterForm(space: Uint8Array): StatementForm<Member, CutDevice> {
  return {
    what: "the roster of the space",
    domain: signatureDomains.roster,
    list: ["space", space],
    hasSuite: true,
    encodeIn: ({ key, admin }): CborValue => [key, admin],
    decodeIn: (_, value) => {
      const [key, admin] = asTuple(value, 2, what);
      return { key: asKeyField(key, what), admin: asBoolean(admin, `whether ${what} is an admin`) };
    },
    encodeOut: ({ key, cuts }): CborValue => [key, encodeCuts(cuts)],
    decodeOut: (value) => {
      const [key, cuts] = asTuple(value, 2, what);
      return { key: asKeyField(key, what), cuts: decodeCuts(cuts, `the cuts of ${what}`) };
    },
  };
}

/**
 * Founds a space: its id is the hash of this first statement.
 * @param nonce - 16 random bytes.
 * @param override - made of the same nonce; signs.
 * @param suite - in which blocks are sealed, 1 to 255.
 */
export function foundRoster(
  primitives: Primitives,
  override: SigningKey,
  nonce: Uint8Array,
  suite: number,
): Roster {
  const action: Founding = { kind: "found", nonce, override: override.publicKey, suite };
  // The first statement names no space, for it is what the space is named after.
  const form = rosterForm(new Uint8Array(0));
  const { bytes, hash } = signStatement(primitives, form, override, { n: 1, prev: [], action });
  return openRoster(primitives, asSpaceId(hash), [bytes]);
}

/**
 * Reads the roster of a space, checking every signature.
 * @param statements - in any order.
 * @throws newer; damaged, also if the statement that founds the space is not among them.
 */
export function openRoster(
  primitives: Primitives,
  space: SpaceId,
  statements: Iterable<Uint8Array>,
): Roster {
  const form = rosterForm(space);
  const decoded = Array.from(statements, (bytes) => decodeStatement(primitives, form, bytes));
  const founding = decoded.find(({ hash }) => equalBytes(hash, space))?.action;
  if (founding?.kind !== "found") {
    throw new CloudError(
      "damaged",
      `${form.what} lacks the statement that the space is named after`,
    );
  }
  return asRoster(setOf(form, founding.override, decoded), founding);
}

/** A set of a space's statements as its roster: it keeps what founds the space. */
function asRoster(set: StatementSet<Member, CutDevice>, founding: Founding): Roster {
  return { ...set, space: asSpaceId(set.form.list[1]), founding };
}

/** The roster with one more statement. @throws usage, as `extendSet` says. */
export function extendRoster(
  primitives: Primitives,
  roster: Roster,
  signer: SigningKey,
  change: Change<Member, CutDevice>,
): Roster {
  return asRoster(extendSet(primitives, roster, signer, change), roster.founding);
}

/**
 * What the words would restate of a roster.
 * @param change.suite - another than the one that is written, which anybody who might could raise.
 * @throws usage, as `planCheckpoint` says.
 */
export function planRosterCheckpoint(
  roster: Roster,
  change: {
    readonly putOut: readonly CutDevice[];
    readonly readmit: readonly PublicKey[];
    readonly suite?: number;
  },
): CheckpointPlan<Member, CutDevice> {
  const plan = planCheckpoint(roster, change, (said) =>
    said.reduce((a, b) => ({ key: a.key, cuts: joinCuts(a.cuts, b.cuts) })),
  );
  const { suite = roster.standing.suite } = change;
  return { ...plan, checkpoint: { ...plan.checkpoint, suite } };
}

/** Signs a checkpoint of a roster. @param override - of the words. */
export function restateRoster(
  primitives: Primitives,
  roster: Roster,
  override: SigningKey,
  plan: CheckpointPlan<Member, CutDevice>,
): Roster {
  return asRoster(restate(primitives, roster, override, plan), roster.founding);
}

/** Takes in what a peer knows of a space's roster. */
export function admitRoster(
  own: Roster,
  peers: Roster,
): { readonly roster: Roster; readonly refused: number } {
  const { set, refused } = admitSet(own, peers);
  return { roster: asRoster(set, own.founding), refused };
}

/** Names what a writer knew of the roster: SHA-256 of the hashes of its tips, ascending. */
export function tipsHash(primitives: Primitives, roster: Roster): Uint8Array {
  return primitives.sha256(concatBytes(...tipsOf(roster)));
}
