import type { JudgedAction } from "../../../src/node/account/lists/judge.ts";
import { standing } from "./oracle.ts";
import { inOrder, numberOf, pastsWithin, type Said, say, type Who } from "./statements.ts";

export const devices = ["A", "B", "C"] as const;

/** Which statements are tried. */
export interface Reach {
  /** The most statements of a set, the first included: the root adds A. */
  readonly most: number;
  /** Whether some additions give no right to change the list. */
  readonly plainAdditions: boolean;
  /** The most that the root says after that first addition, checkpoints included. */
  readonly byRoot: number;
  readonly checkpoints: number;
}

/** The name of a set: equal sets have equal names. */
export function nameOf(set: ReadonlySet<Said>): string {
  return [...set]
    .map(numberOf)
    .sort((a, b) => a - b)
    .join();
}

/**
 * Every set within reach that the root's addition of A begins, each once. Left out are statements
 * whose signer never had the right on their own past: by the rule they hold in no set, which
 * `random.ts` tries.
 */
export function* sets(reach: Reach): Generator<ReadonlySet<Said>> {
  const first = say(undefined, { kind: "add", subject: "A", admin: true }, new Set());
  let level = new Map([[nameOf(new Set([first])), new Set([first])]]);
  for (let size = 1; size <= reach.most; size++) {
    yield* level.values();
    if (size === reach.most) return;
    const next = new Map<string, Set<Said>>();
    for (const set of level.values()) {
      for (const said of following(set, reach)) {
        const larger = new Set([...set, said]);
        const name = nameOf(larger);
        if (!next.has(name)) next.set(name, larger);
      }
    }
    level = next;
  }
}

function* following(set: ReadonlySet<Said>, reach: Reach): Generator<Said> {
  const rootSaid = [...set].filter(({ signer }) => signer === undefined).length - 1;
  const restated = [...set].filter(({ action }) => action.kind === "checkpoint").length;
  for (const past of pastsWithin(inOrder(set))) {
    const { admins, present, gone } = standing(past, `enumerate ${nameOf(past)}`);
    const signers: Who[] = [...admins].sort();
    if (rootSaid < reach.byRoot) signers.push(undefined);
    for (const signer of signers) {
      for (const action of actions(past, signer, reach)) {
        const said = say(signer, action, past);
        if (!set.has(said)) yield said;
      }
    }
    if (rootSaid < reach.byRoot && restated < reach.checkpoints && past.size > 0) {
      for (const action of checkpoints(present, gone)) {
        const said = say(undefined, action, past);
        if (!set.has(said)) yield said;
      }
    }
  }
}

function* actions(past: ReadonlySet<Said>, signer: Who, reach: Reach): Generator<JudgedAction> {
  for (const subject of devices) {
    if (subject !== signer) {
      yield { kind: "add", subject, admin: true };
      if (reach.plainAdditions) yield { kind: "add", subject, admin: false };
    }
    if (isKnown(past, subject)) yield { kind: "revoke", subject };
  }
}

/** A revocation's subject has an addition in its past. */
export function isKnown(past: ReadonlySet<Said>, subject: string): boolean {
  return [...past].some(
    ({ action }) =>
      (action.kind === "add" && action.subject === subject) ||
      (action.kind === "checkpoint" && action.in.has(subject)),
  );
}

/** What a root may restate: everybody in but one, or also those in again that were out. */
function* checkpoints(
  present: ReadonlySet<string>,
  gone: ReadonlySet<string>,
): Generator<JudgedAction> {
  const all = [...new Set([...present, ...gone])].sort();
  const inAs = (list: readonly string[]): ReadonlyMap<string, boolean> =>
    new Map(list.map((device) => [device, true]));
  for (const out of [undefined, ...all]) {
    const kept = all.filter((device) => device !== out);
    yield {
      kind: "checkpoint",
      in: inAs(kept),
      out: new Set(out === undefined ? [] : [out]),
      past: [],
    };
  }
}
