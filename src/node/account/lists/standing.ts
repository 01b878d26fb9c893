import { equalBytes, toBinaryString } from "../../core/bytes.ts";
import { IdMap, IdSet, type ReadonlyIdMap, type ReadonlyIdSet } from "../../core/id-map.ts";
import type { PublicKey } from "../../crypto/sign.ts";
import { type JudgedAction, type JudgedStatement, judge } from "./judge.ts";
import {
  type Action,
  type Member,
  membersOf,
  type Named,
  type Statement,
  type StatementHash,
} from "./statement.ts";

/** Somebody who was taken out. */
export interface TakenOut<Out extends Named> {
  /** What each statement that took this one out says; all of it holds. */
  readonly said: readonly Out[];
  /** Whether the root is among those who said so. Until then it is provisional. */
  readonly confirmed: boolean;
}

/** Who is on a list, and by which statements. */
export interface Standing<In extends Member, Out extends Named> {
  readonly present: ReadonlyIdMap<PublicKey, In>;
  readonly revoked: ReadonlyIdMap<PublicKey, TakenOut<Out>>;
  /** Hashes of the statements that have an effect. */
  readonly holding: ReadonlyIdSet<StatementHash>;
  /** Hashes of those that must be kept, with what they stand on, for any later verdict. */
  readonly needed: ReadonlyIdSet<StatementHash>;
  /** The suite that is written: the largest of those said. 0 where suites are not said. */
  readonly suite: number;
}

/**
 * Who is on a list. FORMAT §12.2.
 * @param statements - in ascending order of (n, hash), with all that they stand on.
 */
export function standingOf<In extends Member, Out extends Named>(
  root: PublicKey,
  statements: readonly Statement<In, Out>[],
): Standing<In, Out> {
  const verdict = judge(statements.map((each) => toJudge(root, each)));
  const hashAt = (place: number): StatementHash => (statements[place] as Statement<In, Out>).hash;
  const members = firstWords(statements, verdict.holding, verdict.checkpoints);

  const present = new IdMap<PublicKey, In>();
  for (const [name, admin] of verdict.present) {
    const member = members.get(name);
    if (member !== undefined) present.set(member.key, { ...member, admin });
  }
  const revoked = new IdMap<PublicKey, TakenOut<Out>>();
  for (const [name, places] of verdict.revoked) {
    const by = places.map((place) => statements[place] as Statement<In, Out>);
    const said = by.flatMap(({ action }) => wordOf(action, name));
    const confirmed = by.some(({ signer }) => equalBytes(signer, root));
    for (const { key } of said) revoked.set(key, { said, confirmed });
  }
  return {
    present,
    revoked,
    holding: new IdSet([...verdict.holding].map(hashAt)),
    needed: new IdSet([...verdict.needed].map(hashAt)),
    suite: suiteOf(statements, verdict.holding),
  };
}

function toJudge<In extends Member, Out extends Named>(
  root: PublicKey,
  { hash, prev, signer, action }: Statement<In, Out>,
): JudgedStatement {
  return {
    hash: toBinaryString(hash),
    prev: prev.map(toBinaryString),
    signer: equalBytes(signer, root) ? undefined : toBinaryString(signer),
    action: judgedAction(action),
  };
}

function judgedAction<In extends Member, Out extends Named>(action: Action<In, Out>): JudgedAction {
  switch (action.kind) {
    case "add":
      return {
        kind: "add",
        subject: toBinaryString(action.member.key),
        admin: action.member.admin,
      };
    case "revoke":
      return { kind: "revoke", subject: toBinaryString(action.member.key) };
    case "checkpoint":
      return {
        kind: "checkpoint",
        in: new Map(action.in.map(({ key, admin }) => [toBinaryString(key), admin])),
        out: new Set(action.out.map(({ key }) => toBinaryString(key))),
        past: action.past.map(toBinaryString),
      };
    case "join":
    case "suite":
    case "found":
      return { kind: "note" };
  }
}

/** By name in the verdict: what is said of each member by a checkpoint that counts, else by the first addition that holds. */
function firstWords<In extends Member, Out extends Named>(
  statements: readonly Statement<In, Out>[],
  holding: ReadonlySet<number>,
  checkpoints: readonly number[],
): Map<string, In> {
  const words = new Map<string, In>();
  for (const place of [...checkpoints, ...[...holding].sort((a, b) => a - b)]) {
    const action = statements[place]?.action;
    const said = action === undefined ? [] : membersOf(action);
    for (const member of said) {
      const name = toBinaryString(member.key);
      if (!words.has(name)) words.set(name, member);
    }
  }
  return words;
}

function wordOf<In extends Member, Out extends Named>(
  action: Action<In, Out>,
  name: string,
): Out[] {
  if (action.kind === "revoke") return [action.member];
  if (action.kind !== "checkpoint") return [];
  return action.out.filter((member) => toBinaryString(member.key) === name);
}

function suiteOf<In extends Member, Out extends Named>(
  statements: readonly Statement<In, Out>[],
  holding: ReadonlySet<number>,
): number {
  let suite = 0;
  for (const place of holding) {
    const { action } = statements[place] as Statement<In, Out>;
    if ("suite" in action) suite = Math.max(suite, action.suite);
  }
  return suite;
}
