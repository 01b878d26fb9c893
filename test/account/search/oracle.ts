import type { Said, Who } from "./statements.ts";

/**
 * The rule of FORMAT §12.2 said once more, in the words of the text and with nothing of the shipped
 * code: sets and recursion instead of places and one pass.
 */
export interface Standing {
  readonly present: ReadonlySet<string>;
  readonly admins: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

const cache = new Map<string, Standing>();

/** Who is in and who was taken out. @param name - tells the set apart; equal sets have equal names. */
export function standing(set: ReadonlySet<Said>, name: string): Standing {
  const found = cache.get(name);
  if (found !== undefined) return found;
  const made = work(set);
  if (cache.size > 400_000) cache.clear();
  cache.set(name, made);
  return made;
}

const nameOf = (set: ReadonlySet<Said>): string =>
  [...set]
    .map((each) => each.name)
    .sort()
    .join();

function work(set: ReadonlySet<Said>): Standing {
  const checkpoints = [...set].filter(({ action }) => action.kind === "checkpoint");
  const top = checkpoints.filter((c) => !checkpoints.some((d) => d.past.has(c)));
  const saidIn = (c: Said): ReadonlyMap<string, boolean> =>
    c.action.kind === "checkpoint" ? c.action.in : new Map();
  const saidOut = top.flatMap((c) => (c.action.kind === "checkpoint" ? [...c.action.out] : []));
  const devices = [...new Set(top.flatMap((c) => [...saidIn(c).keys()]))];
  const kept = devices.filter((d) => top.every((c) => saidIn(c).has(d)) && !saidOut.includes(d));
  const keptAdmins = kept.filter((d) => top.every((c) => saidIn(c).get(d) === true));

  const counts = (s: Said): boolean =>
    s.action.kind !== "checkpoint" &&
    top.every(
      (c) =>
        !c.past.has(s) &&
        (s.signer === undefined ||
          s.past.has(c) ||
          (s.action.kind === "revoke" && saidIn(c).has(s.signer))),
    );
  const hadRight = (s: Said): boolean =>
    s.signer === undefined || standing(s.past, nameOf(s.past)).admins.has(s.signer);
  const revocations = [...set].filter(
    (s) => s.action.kind === "revoke" && counts(s) && hadRight(s),
  );
  const holds = (s: Said): boolean => {
    if (s.action.kind !== "add" || !counts(s)) return false;
    if (s.signer === undefined) return true;
    if (!hadRight(s)) return false;
    const isSupported =
      keptAdmins.includes(s.signer) ||
      [...s.past].some((t) => isAdmission(t, s.signer) && set.has(t) && holds(t));
    return (
      isSupported &&
      revocations.every(
        (r) => !(r.action.kind === "revoke" && r.action.subject === s.signer) || r.past.has(s),
      )
    );
  };
  const additions = [...set].filter(holds);
  const subjects = (list: readonly Said[]): string[] =>
    list.flatMap(({ action }) =>
      action.kind === "add" || action.kind === "revoke" ? [action.subject] : [],
    );
  const gone = new Set([...subjects(revocations), ...saidOut]);
  const admissions = additions.filter(({ action }) => action.kind === "add" && action.admin);
  const notGone = (d: string): boolean => !gone.has(d);
  return {
    present: new Set([...kept, ...subjects(additions)].filter(notGone)),
    admins: new Set([...keptAdmins, ...subjects(admissions)].filter(notGone)),
    gone,
  };
}

function isAdmission({ action }: Said, who: Who): boolean {
  return action.kind === "add" && action.admin && action.subject === who;
}
