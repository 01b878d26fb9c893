import { equalBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap, IdSet } from "../../core/id-map.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../../crypto/sign.ts";
import { ascending } from "../signed-record.ts";
import {
  type Checkpoint,
  type Member,
  maxCheckpointBytes,
  maxMembers,
  maxOut,
  maxPast,
  membersOf,
  type Named,
  type Statement,
  type StatementHash,
  signStatement,
} from "./statement.ts";
import { neededOf, type StatementSet, setOf } from "./statement-set.ts";

/** What a checkpoint would say and change, to be shown before the words sign it. */
export interface CheckpointPlan<In extends Member, Out extends Named> {
  readonly checkpoint: Checkpoint<In, Out>;
  /** Who is in and would not be any more. */
  readonly putOut: readonly In[];
  /** Who was taken out and would be in again. */
  readonly readmitted: readonly In[];
  /** Who stays out, though only devices said so until now. */
  readonly confirmed: readonly Out[];
  /**
   * What is let go of for good: whom somebody took out whose word doesn't count, for he is out himself;
   * and who is not out by anything else.
   */
  readonly unheard: readonly Out[];
}

/**
 * Plans a checkpoint: everybody stays as they are but those named.
 * @param change.putOut - what is to be said of those who go.
 * @param change.readmit - keys of those who come back, as they were first added.
 * @throws usage, if one who is to go is not in, or what one who is to come back is was
 * let go by a checkpoint.
 */
export function planCheckpoint<In extends Member, Out extends Named>(
  { form, root, statements, standing }: StatementSet<In, Out>,
  change: { readonly putOut: readonly Out[]; readonly readmit: readonly PublicKey[] },
  joinOut: (said: readonly Out[]) => Out,
): CheckpointPlan<In, Out> {
  const holding = [...statements.values()].filter(({ hash }) => standing.holding.has(hash));
  const going = new IdMap(change.putOut.map((member) => [member.key, member]));
  const coming = new IdSet(change.readmit);
  const putOut = Array.from(going.keys(), (key) => {
    const member = standing.present.get(key);
    if (member === undefined) throw notOn(form.what, "to be put out is not on");
    return member;
  });
  const readmitted = [...coming].map((key) => {
    if (!standing.revoked.has(key)) throw notOn(form.what, "to be readmitted was not taken off");
    return (
      wordOf(holding, key) ??
      wordOf(statements.values(), key) ??
      fail(
        `a device to be readmitted is known no more to ${form.what}: it comes back with new keys`,
      )
    );
  });
  const stays = [...standing.revoked].filter(([key]) => !coming.has(key));
  const checkpoint: Checkpoint<In, Out> = {
    kind: "checkpoint",
    in: [
      ...[...standing.present].filter(([key]) => !going.has(key)).map(([, member]) => member),
      ...readmitted,
    ],
    out: [...stays.map(([, { said }]) => joinOut(said)), ...going.values()],
    past: pastOf(root, statements.values()),
  };
  const out = new IdSet(checkpoint.out.map(({ key }) => key));
  const unheard = [...statements.values()].flatMap(({ hash, action }) => {
    const waits = standing.needed.has(hash) && !standing.holding.has(hash);
    return waits && action.kind === "revoke" && !out.has(action.member.key) ? [action.member] : [];
  });
  return {
    checkpoint,
    putOut,
    readmitted,
    confirmed: stays.filter(([, each]) => !each.confirmed).map(([, { said }]) => joinOut(said)),
    unheard,
  };
}

function fail(message: string): never {
  throw new CloudError("usage", message);
}

function notOn(what: string, why: string): CloudError {
  return new CloudError("usage", `a device ${why} ${what}`);
}

function wordOf<In extends Member, Out extends Named>(
  statements: Iterable<Statement<In, Out>>,
  key: PublicKey,
): In | undefined {
  for (const { action } of statements) {
    const said = membersOf(action);
    const found = said.find((member) => equalBytes(member.key, key));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What would count again beside a checkpoint if it came once more. */
function pastOf<In extends Member, Out extends Named>(
  root: Uint8Array,
  statements: Iterable<Statement<In, Out>>,
): StatementHash[] {
  const past: StatementHash[] = [];
  for (const { hash, signer, action } of statements) {
    if (action.kind === "checkpoint") past.push(...action.past);
    if (action.kind === "revoke" || equalBytes(signer, root)) past.push(hash);
  }
  // Checkpoints side by side name much of the same.
  return ascending(past);
}

/**
 * Signs a checkpoint and lets go what it takes the place of.
 * @param root - the account's root key, or the override key of the space.
 * @throws usage, if it is another key, or the checkpoint would be larger than one may be.
 */
export function restate<In extends Member, Out extends Named>(
  primitives: Primitives,
  set: StatementSet<In, Out>,
  root: SigningKey,
  { checkpoint }: CheckpointPlan<In, Out>,
): StatementSet<In, Out> {
  if (!equalBytes(root.publicKey, set.root)) {
    throw new CloudError("usage", `only the 24 words make a checkpoint of ${set.form.what}`);
  }
  const n = 1 + Math.max(0, ...[...set.statements.values()].map((each) => each.n));
  const statement = signStatement(primitives, set.form, root, {
    n,
    prev: [],
    action: checkpoint,
  });
  checkSize(set.form.what, checkpoint, statement.bytes);
  return neededOf(setOf(set.form, set.root, [...set.statements.values(), statement]));
}

/** Refuses what no reader takes, one's own keystore among them. */
function checkSize<In extends Member, Out extends Named>(
  what: string,
  { in: members, out, past }: Checkpoint<In, Out>,
  bytes: Uint8Array,
): void {
  const isLarge = members.length > maxMembers || out.length > maxOut || past.length > maxPast;
  if (isLarge || bytes.length > maxCheckpointBytes) fail(`${what} says too much for a checkpoint`);
}
