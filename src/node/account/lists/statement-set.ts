import { compareBytes, equalBytes, toHex } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap, IdSet, type ReadonlyIdMap } from "../../core/id-map.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import type { PublicKey } from "../../crypto/sign.ts";
import { type Standing, standingOf } from "./standing.ts";
import {
  decodeStatement,
  type Member,
  type Named,
  type Statement,
  type StatementForm,
  type StatementHash,
  subjectsOf,
} from "./statement.ts";

/**
 * A list of members as a set of signed statements, closed under what stands before each.
 *
 * 1. Two sets join by union, so any order of joining gives the same set.
 * 2. Who is on the list is a pure function of the set ({@link standingOf}).
 * 3. What is left out of a set never changes a verdict (`needed` of the standing).
 */
export interface StatementSet<In extends Member, Out extends Named> {
  readonly form: StatementForm<In, Out>;
  /** Whose signature always counts: the account's root key, or the override key of a space. */
  readonly root: PublicKey;
  /** By their hash, in ascending order of (n, hash). */
  readonly statements: ReadonlyIdMap<StatementHash, Statement<In, Out>>;
  readonly standing: Standing<In, Out>;
}

/** The most statements of one set, those that the root signed not counted. */
export const maxStatements = 4096;

/**
 * The set of these statements.
 * @throws damaged, if one stands on a statement that is missing, is misnumbered, revokes somebody
 * whom its past does not know, is about the root or says what only the root may; or if they are too
 * many.
 */
export function setOf<In extends Member, Out extends Named>(
  form: StatementForm<In, Out>,
  root: PublicKey,
  statements: Iterable<Statement<In, Out>>,
): StatementSet<In, Out> {
  const set = [...statements];
  checkCount(form, root, byHashOf(set));
  return soundSet(form, root, set);
}

function soundSet<In extends Member, Out extends Named>(
  form: StatementForm<In, Out>,
  root: PublicKey,
  statements: readonly Statement<In, Out>[],
): StatementSet<In, Out> {
  const sorted = statements.toSorted((a, b) => a.n - b.n || compareBytes(a.hash, b.hash));
  const byHash = byHashOf(sorted);
  const knownTo = new IdMap<StatementHash, IdSet<PublicKey>>();
  for (const statement of byHash.values()) {
    checkRoot(form, root, statement);
    checkPlace(form, byHash, statement);
    knownTo.set(statement.hash, checkSubject(form, knownTo, statement));
  }
  return { form, root, statements: byHash, standing: standingOf(root, [...byHash.values()]) };
}

function byHashOf<In extends Member, Out extends Named>(
  statements: readonly Statement<In, Out>[],
): IdMap<StatementHash, Statement<In, Out>> {
  return new IdMap(statements.map((each) => [each.hash, each]));
}

function refuse(form: { readonly what: string }, why: string): never {
  throw new CloudError("damaged", `${form.what} ${why}`);
}

function checkCount<In extends Member, Out extends Named>(
  form: StatementForm<In, Out>,
  root: PublicKey,
  statements: ReadonlyIdMap<StatementHash, Statement<In, Out>>,
): void {
  let count = 0;
  for (const { signer } of statements.values()) if (!equalBytes(signer, root)) count++;
  if (count > maxStatements) {
    refuse(
      form,
      `has ${count.toString()} statements of devices, expected at most ${maxStatements.toString()}: the words can make a checkpoint`,
    );
  }
}

/** What the root alone may sign, and what nobody may say of it. */
function checkRoot<In extends Member, Out extends Named>(
  form: StatementForm<In, Out>,
  root: PublicKey,
  { action, signer, hash }: Statement<In, Out>,
): void {
  if ((action.kind === "checkpoint" || action.kind === "found") && !equalBytes(signer, root)) {
    refuse(form, `has a statement "${action.kind}" that the root did not sign`);
  }
  if (action.kind === "found" && !equalBytes(hash, form.list[1])) {
    refuse(form, "is founded by another statement than the one that it is named after");
  }
  if (subjectsOf(action).some(({ key }) => equalBytes(key, root))) {
    refuse(form, "has a statement about its root, expected a device as the subject");
  }
}

/** Refuses a statement whose predecessors are missing or whose number is not one more than theirs. */
function checkPlace<In extends Member, Out extends Named>(
  form: StatementForm<In, Out>,
  known: ReadonlyIdMap<StatementHash, Statement<In, Out>>,
  { n, prev, action }: Statement<In, Out>,
): void {
  let largest = 0;
  for (const hash of prev) {
    const before = known.get(hash);
    if (before === undefined) {
      refuse(form, `lacks the statement ${toHex(hash)} that another stands on`);
    }
    largest = Math.max(largest, before.n);
  }
  if (action.kind === "checkpoint") {
    for (const hash of action.past) {
      largest = Math.max(largest, known.get(hash)?.n ?? 0);
    }
    if (n <= largest) refuse(form, `has a checkpoint of a number that is not above its past`);
    return;
  }
  if (n !== largest + 1) {
    refuse(form, `has a statement of number ${n.toString()}, expected ${(largest + 1).toString()}`);
  }
  if (form.hasSuite && (prev.length === 0) !== (action.kind === "found")) {
    refuse(form, "has a statement that does not stand on the one that founds it");
  }
}

/**
 * Refuses a revocation of somebody whom its past does not know.
 * @param knownTo - whom each statement before this one and its past know.
 * @returns whom the statement and its past know.
 */
function checkSubject<In extends Member, Out extends Named>(
  form: StatementForm<In, Out>,
  knownTo: ReadonlyIdMap<StatementHash, IdSet<PublicKey>>,
  { prev, action }: Statement<In, Out>,
): IdSet<PublicKey> {
  const known = new IdSet<PublicKey>();
  for (const hash of prev) known.addAll(knownTo.get(hash) as IdSet<PublicKey>);
  const subjects = subjectsOf(action).map(({ key }) => key);
  if (action.kind === "revoke" && !subjects.every((key) => known.has(key))) {
    refuse(form, "has a revocation of a device that what stands before it does not add");
  }
  known.addAll(subjects);
  return known;
}

/**
 * Reads a set, checking every signature.
 * @param statements - in any order.
 * @throws newer; damaged, as {@link setOf} and `decodeStatement` say.
 */
export function openSet<In extends Member, Out extends Named>(
  primitives: Primitives,
  form: StatementForm<In, Out>,
  root: PublicKey,
  statements: Iterable<Uint8Array>,
): StatementSet<In, Out> {
  return setOf(
    form,
    root,
    Array.from(statements, (bytes) => decodeStatement(primitives, form, bytes)),
  );
}

/** The union of two sets of one list, however many statements that are: quotas are for `admitSet`. */
export function joinSets<In extends Member, Out extends Named>(
  a: StatementSet<In, Out>,
  b: StatementSet<In, Out>,
): StatementSet<In, Out> {
  if (!equalBytes(a.form.list[1], b.form.list[1])) {
    throw new CloudError("unexpected", `${a.form.what} can't be joined with that of another`);
  }
  return soundSet(a.form, a.root, [...a.statements.values(), ...b.statements.values()]);
}

/** The set without what changes no verdict and what nothing that is kept stands on. */
export function neededOf<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
): StatementSet<In, Out> {
  const kept: Statement<In, Out>[] = [];
  const stoodOn = new IdSet<StatementHash>();
  for (const statement of [...set.statements.values()].reverse()) {
    const { hash, action, prev } = statement;
    const isFirst = action.kind === "found";
    if (!isFirst && !set.standing.needed.has(hash) && !stoodOn.has(hash)) continue;
    kept.push(statement);
    stoodOn.addAll(prev);
  }
  return kept.length === set.statements.size ? set : setOf(set.form, set.root, kept);
}

/** Hashes of the statements on which none stands yet, ascending: what a new one stands on. */
export function tipsOf<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
): StatementHash[] {
  const stoodOn = new IdSet<StatementHash>();
  for (const { prev } of set.statements.values()) stoodOn.addAll(prev);
  const tips = [...set.statements.values()].filter(({ hash }) => !stoodOn.has(hash));
  // A checkpoint stands on nothing: beside one the founding statement is no tip.
  const isAlone = tips.length === 1;
  return tips
    .filter(({ action }) => isAlone || action.kind !== "found")
    .map(({ hash }) => hash)
    .sort(compareBytes);
}

/** The signed bytes of all statements, to be kept or sent. */
export function bytesOf<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
): Uint8Array[] {
  return Array.from(set.statements.values(), ({ bytes }) => bytes);
}
