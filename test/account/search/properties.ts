import type { Verdict } from "../../../src/node/account/lists/judge.ts";
import type { Said, Who } from "./statements.ts";

/** A verdict on a set, and how to ask for that on another. */
export interface Case {
  readonly set: ReadonlySet<Said>;
  readonly verdict: Verdict;
  readonly verdictOf: (set: ReadonlySet<Said>) => Verdict;
}

/**
 * What must hold whatever the rule is: nobody takes the account over, and no denial is taken back.
 * @returns what is wrong; nothing, if all holds.
 */
export function* faultsOf({ set, verdict, verdictOf }: Case): Generator<string> {
  yield* denialsTakenBack(set, verdict, verdictOf);
  for (const device of verdict.present.keys()) {
    const additions = additionsOf(set, device);
    if (isRestated(set, device)) continue;
    if (!additions.some((each) => mayAdd(each, verdictOf))) yield `${device} was never added`;
    for (const revocation of set) {
      const { action, signer } = revocation;
      if (action.kind !== "revoke" || signer !== undefined) continue;
      if (isRestated(set, action.subject) || isReplaced(set, revocation)) continue;
      if (device === action.subject) yield `${device} is in though the root revoked it`;
      const isClean = cleanOf(set, revocation, action.subject);
      if (!additions.some(isClean)) yield `${device} hangs on the revoked ${action.subject}`;
    }
  }
  yield* puppets(set, verdict);
  yield* denials(set, verdict, verdictOf);
}

/** Who is out was taken out by somebody who might, and a word of those who are in is not lost. */
function* denials(
  set: ReadonlySet<Said>,
  { revoked }: Verdict,
  verdictOf: (set: ReadonlySet<Said>) => Verdict,
): Generator<string> {
  const checkpoints = [...set].filter(
    (each) => each.action.kind === "checkpoint" && !isReplaced(set, each),
  );
  const reasons = new Set<string>();
  for (const { action } of checkpoints) {
    if (action.kind === "checkpoint") for (const device of action.out) reasons.add(device);
  }
  for (const said of set) {
    const { action, signer, past } = said;
    if (action.kind !== "revoke" || isReplaced(set, said)) continue;
    const isLetBy = (by: Said): boolean =>
      past.has(by) || (by.action.kind === "checkpoint" && by.action.in.has(signer ?? ""));
    const counts =
      signer === undefined ||
      (verdictOf(past).present.get(signer) === true && checkpoints.every(isLetBy));
    if (!counts) continue;
    reasons.add(action.subject);
    if (!revoked.has(action.subject)) yield `${said.name} is not heard`;
  }
  for (const device of revoked.keys()) {
    if (!reasons.has(device)) yield `${device} was taken out by nobody who might`;
  }
}

function* denialsTakenBack(
  set: ReadonlySet<Said>,
  verdict: Verdict,
  verdictOf: (set: ReadonlySet<Said>) => Verdict,
): Generator<string> {
  for (const last of set) {
    if (last.action.kind === "checkpoint") continue;
    if ([...set].some((each) => each.past.has(last))) continue;
    const before = verdictOf(new Set([...set].filter((each) => each !== last)));
    for (const device of before.revoked.keys()) {
      if (!verdict.revoked.has(device)) yield `${last.name} takes ${device} back in`;
    }
  }
}

/** Whom the root put out by a checkpoint is out, and so is whom only that one's statements bring. */
function* puppets(set: ReadonlySet<Said>, verdict: Verdict): Generator<string> {
  for (const checkpoint of set) {
    const { action } = checkpoint;
    if (action.kind !== "checkpoint" || isReplaced(set, checkpoint)) continue;
    for (const device of verdict.present.keys()) {
      if (action.out.has(device)) yield `${device} is in though a checkpoint put it out`;
      if (action.in.has(device)) continue;
      const isBrought = additionsOf(set, device).some(
        ({ signer, past }) => signer === undefined || (past.has(checkpoint) && signer !== device),
      );
      if (!isBrought) yield `${device} is in though a checkpoint does not know it`;
    }
  }
}

function additionsOf(set: ReadonlySet<Said>, device: string): Said[] {
  return [...set].filter(({ action }) => action.kind === "add" && action.subject === device);
}

function mayAdd({ signer, past }: Said, verdictOf: (set: ReadonlySet<Said>) => Verdict): boolean {
  return signer === undefined || verdictOf(past).present.get(signer) === true;
}

const isReplaced = (set: ReadonlySet<Said>, said: Said): boolean =>
  [...set].some(({ action, past }) => action.kind === "checkpoint" && past.has(said));

function isRestated(set: ReadonlySet<Said>, device: Who): boolean {
  return [...set].some(
    ({ action }) => action.kind === "checkpoint" && device !== undefined && action.in.has(device),
  );
}

/** Whether an addition comes from the root by a line on which the revoked one added nothing unseen. */
function cleanOf(set: ReadonlySet<Said>, revocation: Said, revoked: string): (s: Said) => boolean {
  const memo = new Map<Said, boolean>();
  const isClean = (said: Said): boolean => {
    const found = memo.get(said);
    if (found !== undefined) return found;
    memo.set(said, false);
    const { signer, past } = said;
    const clean =
      signer === undefined ||
      ((signer !== revoked || revocation.past.has(said)) &&
        (isRestated(set, signer) ||
          [...past].some(
            (each) =>
              each.action.kind === "add" &&
              each.action.admin &&
              each.action.subject === signer &&
              isClean(each),
          )));
    memo.set(said, clean);
    return clean;
  };
  return isClean;
}
