import type { JudgedAction, JudgedStatement } from "../../../src/node/account/lists/judge.ts";

/** The root is `undefined`; devices are letters. */
export type Who = string | undefined;

/** A statement whose name is its content, so that equal ones in two sets are one. */
export interface Said {
  readonly name: string;
  readonly signer: Who;
  readonly action: JudgedAction;
  /** All that it stands on, itself not counted; of a checkpoint what it takes the place of. */
  readonly past: ReadonlySet<Said>;
  /** Of its past those on which nothing else of it stands. */
  readonly prev: readonly Said[];
  /** One more than the longest chain below it. */
  readonly depth: number;
}

const known = new Map<string, Said>();

/** The statement of that content; the same object each time. */
export function say(signer: Who, action: JudgedAction, past: ReadonlySet<Said>): Said {
  const stoodOn = new Set([...past].flatMap((each) => [...each.past]));
  const prev = [...past].filter((each) => !stoodOn.has(each));
  const content = `${signer ?? "root"} ${describe(action)} on [${prev
    .map(numberOf)
    .sort((a, b) => a - b)
    .join(" ")}]`;
  const found = known.get(content);
  if (found !== undefined) return found;
  const depth = 1 + Math.max(0, ...prev.map((each) => each.depth));
  const said: Said = { name: content, signer, action, past, prev, depth };
  known.set(content, said);
  numbers.set(said, numbers.size);
  return said;
}

const numbers = new Map<Said, number>();

/** A number by which statements are told apart. */
export function numberOf(said: Said): number {
  return numbers.get(said) ?? -1;
}

function describe(action: JudgedAction): string {
  switch (action.kind) {
    case "add":
      return `adds ${action.subject}${action.admin ? " as admin" : ""}`;
    case "revoke":
      return `revokes ${action.subject}`;
    case "checkpoint":
      return `restates in ${[...action.in].map(([key, admin]) => `${key}${admin ? "*" : ""}`).join("")} out ${[...action.out].join("")}`;
    case "note":
      return "notes";
  }
}

/** A set in the order in which it is judged. */
export function inOrder(set: ReadonlySet<Said>): Said[] {
  return [...set].sort((a, b) => a.depth - b.depth || numberOf(a) - numberOf(b));
}

/**
 * What the shipped function is given. A checkpoint names of its past what `planCheckpoint` does: the
 * root's statements and revocations.
 */
export function toJudge(said: Said): JudgedStatement {
  const { name, signer, action, past, prev } = said;
  if (action.kind !== "checkpoint") {
    return { hash: name, prev: prev.map((each) => each.name), signer, action };
  }
  const named = [...past].filter(
    (each) => each.signer === undefined || each.action.kind === "revoke",
  );
  return {
    hash: name,
    prev: [],
    signer,
    action: { ...action, past: named.map((each) => each.name) },
  };
}

/** Every subset that holds what each of its statements stands on. */
export function pastsWithin(set: readonly Said[]): Set<Said>[] {
  let pasts: Set<Said>[] = [new Set()];
  for (const said of set) {
    const withIt = pasts
      .filter((past) => said.prev.every((each) => past.has(each)))
      .map((past) => new Set([...past, said]));
    pasts = [...pasts, ...withIt];
  }
  return pasts;
}
