/** What a statement does. Keys are `toBinaryString` of public keys, hashes of hashes. */
export type JudgedAction =
  | { readonly kind: "add"; readonly subject: string; readonly admin: boolean }
  | { readonly kind: "revoke"; readonly subject: string }
  | {
      readonly kind: "checkpoint";
      /** Who is in, and whether as an admin. */
      readonly in: ReadonlyMap<string, boolean>;
      readonly out: ReadonlySet<string>;
      /** Statements that it takes the place of; they need not be known. */
      readonly past: readonly string[];
    }
  /** Changes nothing about who is in: whether it holds is all that is asked. */
  | { readonly kind: "note" };

/** As much of a statement as decides about it. */
export interface JudgedStatement {
  readonly hash: string;
  /** Hashes of those before it, all of them known; none in a checkpoint. */
  readonly prev: readonly string[];
  /** `undefined`: the root. */
  readonly signer: string | undefined;
  readonly action: JudgedAction;
}

/** What a set of statements comes to. Numbers are places in the list that was judged. */
export interface Verdict {
  /** Who is in, and whether as an admin. */
  readonly present: ReadonlyMap<string, boolean>;
  /** Who was taken out, by which statements: revocations and checkpoints. */
  readonly revoked: ReadonlyMap<string, readonly number[]>;
  /** The statements that have an effect. */
  readonly holding: ReadonlySet<number>;
  /**
   * The statements that hold, and revocations that may yet: a checkpoint leaves them out that says
   * their signer is out, and the next may say that the signer is in. Leaving out any other, on which
   * none that is kept stands, never changes a verdict.
   */
  readonly needed: ReadonlySet<number>;
  /** The checkpoints that no other one replaces. */
  readonly checkpoints: readonly number[];
}

interface Judged extends JudgedStatement {
  /** 1 for each statement that this one stands on, itself not counted. */
  readonly past: Uint8Array;
  /** Whether its signer had the right to sign it, judged on its own past. */
  hadRight: boolean;
}

/**
 * Judges a set of statements: who is in, who was taken out. One rule for the devices of an account
 * and for the writers of a space. FORMAT §12.2.
 *
 * 1. The right of a signer is judged on the statement's own past alone, so no later statement gives
 *    or takes it.
 * 2. A revocation holds if its signer had the right. Nothing voids it but a checkpoint.
 * 3. An addition holds if the root signed it; or if its signer had the right, an admin addition of
 *    the signer in its past holds, and every revocation of the signer that holds has it in its past.
 * 4. Present is who has an addition that holds and no revocation that does.
 * 5. A checkpoint takes the place of what it names as its past. Beside it count only what the root
 *    signs and revocations by those whom it says are in. Of several side by side: in is who is in by
 *    all of them, out who is out by any.
 *
 * @param statements - in an order in which each comes after those before it and a checkpoint after
 * what it names as its past.
 */
export function judge(statements: readonly JudgedStatement[]): Verdict {
  const judged = link(statements);
  for (const each of judged) {
    if (each.signer === undefined) continue;
    const { present } = evaluate(judged, each.past);
    each.hadRight = present.get(each.signer) === true;
  }
  return evaluate(judged, new Uint8Array(judged.length).fill(1));
}

function link(statements: readonly JudgedStatement[]): Judged[] {
  const placeOf = new Map<string, number>();
  const judged: Judged[] = [];
  for (const statement of statements) {
    const past = new Uint8Array(statements.length);
    const { action } = statement;
    for (const hash of action.kind === "checkpoint" ? action.past : statement.prev) {
      const place = placeOf.get(hash);
      if (place === undefined) continue;
      past[place] = 1;
      const before = judged[place] as Judged;
      for (const [i, isIn] of before.past.entries()) if (isIn === 1) past[i] = 1;
    }
    placeOf.set(statement.hash, judged.length);
    judged.push({ ...statement, past, hadRight: statement.signer === undefined });
  }
  return judged;
}

/** What the statements at places marked 1 come to, for a set that holds what each stands on. */
function evaluate(judged: readonly Judged[], within: Uint8Array): Verdict {
  const places = [...judged.keys()].filter((place) => within[place] === 1);
  const at = (place: number): Judged => judged[place] as Judged;
  const base = baseOf(judged, places);
  const counting = places.filter((place) => lets(judged, base, place));

  const holding = new Set<number>();
  const revocations = new Listed();
  for (const place of counting) {
    const { action, hadRight } = at(place);
    if (!hadRight || action.kind === "add") continue;
    holding.add(place);
    if (action.kind === "revoke") revocations.add(action.subject, place);
  }

  const added = new Map(base.in);
  const admissions = new Listed();
  const addHolds = (place: number): boolean => {
    const { signer, past, hadRight } = at(place);
    if (signer === undefined) return true;
    const isSupported =
      base.in.get(signer) === true || admissions.of(signer).some((by) => past[by] === 1);
    return (
      hadRight && isSupported && revocations.of(signer).every((by) => at(by).past[place] === 1)
    );
  };
  for (const place of counting) {
    const { action } = at(place);
    if (action.kind !== "add" || !addHolds(place)) continue;
    holding.add(place);
    const { subject, admin } = action;
    added.set(subject, admin || added.get(subject) === true);
    if (admin) admissions.add(subject, place);
  }

  const revoked = new Map(base.out);
  for (const [key, by] of revocations) revoked.set(key, [...(revoked.get(key) ?? []), ...by]);
  const present = new Map([...added].filter(([key]) => !revoked.has(key)));
  const waiting = places.filter((place) => {
    const { action, hadRight } = at(place);
    return action.kind === "revoke" && hadRight && !base.replaces(place);
  });
  const needed = new Set([...holding, ...waiting]);
  return { present, revoked, holding, needed, checkpoints: base.checkpoints };
}

/** What the checkpoints of a set begin it with. */
interface Base {
  /** Those that none of the set takes the place of. */
  readonly checkpoints: readonly number[];
  /** Whom all of them say are in; who is out by any has no right and is in by nothing. */
  readonly in: ReadonlyMap<string, boolean>;
  /** Who is out, by which of them. */
  readonly out: ReadonlyMap<string, readonly number[]>;
  /** Whether one of them takes the place of a statement. */
  replaces(place: number): boolean;
}

function baseOf(judged: readonly Judged[], places: readonly number[]): Base {
  const all = places.filter((place) => judged[place]?.action.kind === "checkpoint");
  const checkpoints = all.filter((place) => all.every((by) => judged[by]?.past[place] !== 1));
  const out = new Listed();
  for (const place of checkpoints) {
    for (const key of termsOf(judged, place).out) out.add(key, place);
  }
  const [first, ...others] = checkpoints.map((place) => termsOf(judged, place).in);
  const inAll = new Map<string, boolean>();
  for (const [key, admin] of first ?? []) {
    if (!others.every((each) => each.has(key))) continue;
    inAll.set(key, admin && others.every((each) => each.get(key) === true));
  }
  const replaces = (place: number): boolean =>
    checkpoints.some((by) => judged[by]?.past[place] === 1);
  return { checkpoints, in: inAll, out: new Map(out), replaces };
}

/** Whether the checkpoints let a statement count: of themselves those that none replaces. */
function lets(judged: readonly Judged[], base: Base, place: number): boolean {
  const { action, signer, past } = judged[place] as Judged;
  if (base.replaces(place)) return false;
  return base.checkpoints.every((checkpoint) => {
    if (signer === undefined || past[checkpoint] === 1) return true;
    return action.kind === "revoke" && termsOf(judged, checkpoint).in.has(signer);
  });
}

type Checkpoint = Extract<JudgedAction, { kind: "checkpoint" }>;

function termsOf(judged: readonly Judged[], place: number): Checkpoint {
  return judged[place]?.action as Checkpoint;
}

/** Places of statements by a key that they are about, in their order. */
class Listed extends Map<string, number[]> {
  add(key: string, place: number): void {
    const list = this.get(key);
    if (list === undefined) this.set(key, [place]);
    else list.push(place);
  }

  of(key: string): readonly number[] {
    return this.get(key) ?? [];
  }
}
