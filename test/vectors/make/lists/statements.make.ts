// What the vectors of device lists and of rosters share: statements, and the lists that they make.
import type { Cut } from "../../../../src/node/account/lists/cuts.ts";
import {
  type Action,
  type Member,
  type Named,
  type Statement,
  type StatementHash,
  signStatement,
} from "../../../../src/node/account/lists/statement.ts";
import { neededOf, type StatementSet, setOf } from "../../../../src/node/account/lists/statement-set.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { IdMap } from "../../../../src/node/core/id-map.ts";
import type { SigningKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { publicCid } from "../account/account-inputs.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** How the vectors of one kind of list show whom it names. */
export interface Shown<In extends Member, Out extends Named> {
  in(member: In): VectorValue;
  out(member: Out): VectorValue;
}

/** `[writer, seq, head]` of each. */
export const showCuts = (cuts: readonly Cut[]): VectorValue =>
  cuts.map(({ writer, seq, head }) => [toHex(writer), seq, toHex(head)]);

/** All that a statement says. */
export function showStatement<In extends Member, Out extends Named>(
  { hash, bytes, n, prev, signer, action }: Statement<In, Out>,
  shown: Shown<In, Out>,
): Readonly<Record<string, VectorValue>> {
  return {
    hash: toHex(hash),
    cid: publicCid(hash),
    n,
    prev: prev.map(toHex),
    signer: toHex(signer),
    action: action.kind,
    ...showAction(action, shown),
    bytes: toHex(bytes),
  };
}

function showAction<In extends Member, Out extends Named>(
  action: Action<In, Out>,
  shown: Shown<In, Out>,
): Readonly<Record<string, VectorValue>> {
  switch (action.kind) {
    case "add":
      return { subject: shown.in(action.member) };
    case "revoke":
      return { subject: shown.out(action.member) };
    case "join":
      return {};
    case "suite":
      return { suite: action.suite };
    case "found":
      return {
        nonce: toHex(action.nonce),
        override: toHex(action.override),
        suite: action.suite,
      };
    case "checkpoint":
      return {
        in: inOrder(action.in).map((member) => shown.in(member)),
        out: inOrder(action.out).map((member) => shown.out(member)),
        past: action.past.map(toHex).toSorted(),
        ...(action.suite === undefined ? {} : { suite: action.suite }),
      };
  }
}

const inOrder = <Each extends Named>(list: readonly Each[]): readonly Each[] =>
  list.toSorted((a, b) => (toHex(a.key) < toHex(b.key) ? -1 : 1));

/** Whom a list has, who was taken out, and which statements hold and which are kept. */
export function showStanding<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
  shown: Shown<In, Out>,
  placeOf: (statement: Statement<In, Out>) => number,
): Readonly<Record<string, VectorValue>> {
  const { present, revoked, holding } = set.standing;
  const places = (all: Iterable<Statement<In, Out>>): number[] =>
    Array.from(all, placeOf).sort((a, b) => a - b);
  const holds = [...set.statements.values()].filter(({ hash }) => holding.has(hash));
  return {
    holds: places(holds),
    kept: places(neededOf(set).statements.values()),
    present: inOrder([...present.values()]).map((member) => shown.in(member)),
    revoked: [...revoked]
      .map(([key, { said, confirmed }]) => ({
        key: toHex(key),
        confirmed,
        said: said.map((member) => shown.out(member)),
      }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

/** The statements of a file, each once; lists name them by their places. */
export class Statements<In extends Member, Out extends Named> {
  readonly #shown: Shown<In, Out>;
  readonly #all: Statement<In, Out>[] = [];
  readonly #places = new IdMap<StatementHash, number>();

  constructor(shown: Shown<In, Out>) {
    this.#shown = shown;
  }

  placeOf = (statement: Statement<In, Out>): number => {
    const found = this.#places.get(statement.hash);
    if (found !== undefined) return found;
    this.#places.set(statement.hash, this.#all.length);
    return this.#all.push(statement) - 1;
  };

  /** A list of them in an order of its own, and what it comes to. */
  list(
    name: string,
    set: StatementSet<In, Out>,
    more: Readonly<Record<string, VectorValue>> = {},
  ): VectorValue {
    const places = Array.from(set.statements.values(), this.placeOf);
    // Not in the order in which they were said: a reader sorts them.
    const half = Math.ceil(places.length / 2);
    const shuffled = [...places.slice(half), ...places.slice(0, half).reverse()];
    const standing = showStanding(set, this.#shown, this.placeOf);
    return { name, statements: shuffled, ...standing, ...more };
  }

  /** All that were named so far. */
  show(): VectorValue {
    return this.#all.map((statement) => showStatement(statement, this.#shown));
  }
}

/** Signs a statement on these, whether its signer may or not; a checkpoint stands on nothing. */
export function signOn<In extends Member, Out extends Named>(
  { form }: StatementSet<In, Out>,
  signer: SigningKey,
  before: readonly Statement<In, Out>[],
  action: Action<In, Out>,
  n = 1 + Math.max(0, ...before.map((each) => each.n)),
): Statement<In, Out> {
  const prev = action.kind === "checkpoint" ? [] : before.map(({ hash }) => hash);
  return signStatement(primitives, form, signer, { n, prev, action });
}

/** The set of these and all that they stand on, of what is known. */
export function setWith<In extends Member, Out extends Named>(
  { form, root }: StatementSet<In, Out>,
  known: Iterable<Statement<In, Out>>,
  ...said: Statement<In, Out>[]
): StatementSet<In, Out> {
  const all = new IdMap([...known, ...said].map((each) => [each.hash, each]));
  const taken = new Set<Statement<In, Out>>();
  const left = [...said];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    taken.add(at);
    for (const hash of at.prev) {
      const before = all.get(hash);
      if (before === undefined) throw new Error(`unknown: ${toHex(hash)}`);
      left.push(before);
    }
  }
  return setOf(form, root, taken);
}
