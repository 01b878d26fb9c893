import type { judge, Verdict } from "../../../src/node/account/lists/judge.ts";
import { nameOf, type Reach, sets } from "./enumerate.ts";
import { standing } from "./oracle.ts";
import { faultsOf } from "./properties.ts";
import { inOrder, type Said, toJudge } from "./statements.ts";

/** What a look over many sets came to. */
export interface Found {
  readonly seen: number;
  /** Sets in which the verdict is not the oracle's. */
  readonly differing: number;
  /** Sets in which a property fails, with the first that did. */
  readonly faulty: number;
  readonly example: string;
}

/** Judges every set within reach, by a shipped or a flawed function, and holds it against both. */
export function look(judging: typeof judge, reach: Reach): Found {
  return lookAt(judging, sets(reach));
}

/** As {@link lookAt}, until both the oracle and a property have found something. */
export function lookForFlaw(judging: typeof judge, all: Iterable<ReadonlySet<Said>>): Found {
  let found: Found = { seen: 0, differing: 0, faulty: 0, example: "" };
  for (const set of all) {
    const { differing, faulty, example } = lookAt(judging, [set]);
    found = {
      seen: found.seen + 1,
      differing: found.differing + differing,
      faulty: found.faulty + faulty,
      example: found.example || example,
    };
    if (found.differing > 0 && found.faulty > 0) break;
  }
  return found;
}

/** The same over sets that somebody else makes. */
export function lookAt(judging: typeof judge, all: Iterable<ReadonlySet<Said>>): Found {
  let seen = 0;
  let differing = 0;
  let faulty = 0;
  let example = "";
  const verdictOf = (set: ReadonlySet<Said>): Verdict => judging(inOrder(set).map(toJudge));
  for (const set of all) {
    seen++;
    const verdict = verdictOf(set);
    if (!isOracles(verdict, set)) differing++;
    const [fault] = [...faultsOf({ set, verdict, verdictOf }), ...lost(set, verdict, verdictOf)];
    if (fault === undefined) continue;
    faulty++;
    example ||= `${fault}: ${[...set].map(({ name }) => name).join("; ")}`;
  }
  return { seen, differing, faulty, example };
}

const listed = (keys: Iterable<string>): string => [...keys].sort().join();

function isOracles({ present, revoked }: Verdict, set: ReadonlySet<Said>): boolean {
  const told = standing(set, nameOf(set));
  const admins = [...present].filter(([, admin]) => admin).map(([key]) => key);
  return (
    listed(present.keys()) === listed(told.present) &&
    listed(admins) === listed(told.admins) &&
    listed(revoked.keys()) === listed(told.gone)
  );
}

/** Leaving out what is not needed changes nothing, now or when one more statement comes. */
function* lost(
  set: ReadonlySet<Said>,
  verdict: Verdict,
  verdictOf: (set: ReadonlySet<Said>) => Verdict,
): Generator<string> {
  for (const last of set) {
    if ([...set].some((each) => each.past.has(last))) continue;
    const before = new Set([...set].filter((each) => each !== last));
    const kept = without(before, verdictOf(before));
    const again = new Set([...kept, ...last.past, last]);
    const { present, revoked } = verdictOf(again);
    const isSame =
      listed(present.keys()) === listed(verdict.present.keys()) &&
      listed(revoked.keys()) === listed(verdict.revoked.keys());
    if (!isSame) yield `leaving out what is not needed before ${last.name} changes the verdict`;
  }
}

/** The set without what is not needed and what nothing kept stands on. */
function without(set: ReadonlySet<Said>, verdict: Verdict): ReadonlySet<Said> {
  const ordered = inOrder(set);
  const kept = new Set<Said>();
  for (const [place, said] of [...ordered.entries()].reverse()) {
    const isStoodOn = [...kept].some(
      ({ action, past }) => action.kind !== "checkpoint" && past.has(said),
    );
    if (verdict.needed.has(place) || isStoodOn) kept.add(said);
  }
  return kept;
}
