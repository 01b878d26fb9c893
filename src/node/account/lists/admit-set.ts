import { equalBytes } from "../../core/bytes.ts";
import { IdMap } from "../../core/id-map.ts";
import { QuotaCounts } from "./quota.ts";
import type { Member, Named, Statement, StatementHash } from "./statement.ts";
import { joinSets, neededOf, type StatementSet, setOf } from "./statement-set.ts";

/** What was taken of what a peer knows. */
export interface Admitted<In extends Member, Out extends Named> {
  readonly set: StatementSet<In, Out>;
  /** How many statements were left out because their signers say more than they may. */
  readonly refused: number;
}

/**
 * Takes in what a peer knows: the union, without what changes no verdict. What would exceed a quota
 * is left out, and what one has already is kept: first the root's statements come, with all that they
 * stand on, then revocations by devices that one knows, with what they may bring along, then the rest
 * in their order. FORMAT §12.2.
 */
export function admitSet<In extends Member, Out extends Named>(
  own: StatementSet<In, Out>,
  peers: StatementSet<In, Out>,
): Admitted<In, Out> {
  const all = joinSets(own, peers);
  const union = neededOf(all);
  const intake = new Intake(all);
  const wanted = [...union.statements.values()];
  for (const each of wanted) if (own.statements.has(each.hash)) intake.takeWhole(each);
  for (const each of wanted) if (equalBytes(each.signer, own.root)) intake.takeWhole(each);
  for (const each of wanted) {
    const { signer } = each;
    const isKnown = own.standing.present.has(signer) || own.standing.revoked.has(signer);
    if (each.action.kind === "revoke" && isKnown) intake.takeWithWhatItBrings(each);
  }
  let refused = 0;
  for (const each of wanted) if (!intake.take(each)) refused++;
  if (refused === 0) return { set: union, refused };
  return { set: neededOf(setOf(own.form, own.root, intake.kept.values())), refused };
}

/** What was taken of a set, within the quotas. */
class Intake<In extends Member, Out extends Named> {
  readonly kept = new IdMap<StatementHash, Statement<In, Out>>();
  readonly #all: StatementSet<In, Out>;
  readonly #counts: QuotaCounts<In, Out>;

  constructor(all: StatementSet<In, Out>) {
    this.#all = all;
    this.#counts = new QuotaCounts(all);
  }

  /** Takes a statement and all that it stands on, whatever that comes to. */
  takeWhole(statement: Statement<In, Out>): void {
    for (const each of [...this.#missingBelow(statement), statement]) {
      if (this.kept.has(each.hash)) continue;
      this.#counts.add(each);
      this.#keep(each);
    }
  }

  /** Takes a revocation and all that it stands on, unless that is too much. */
  takeWithWhatItBrings(revocation: Statement<In, Out>): void {
    if (this.kept.has(revocation.hash)) return;
    const along = this.#missingBelow(revocation);
    if (!this.#counts.addWith(revocation, along)) return;
    for (const each of [...along, revocation]) this.#keep(each);
  }

  /** Takes a statement if what it stands on was taken and it is within its quota; tells whether. */
  take(statement: Statement<In, Out>): boolean {
    if (this.kept.has(statement.hash)) return true;
    const hasPast = statement.prev.every((hash) => this.kept.has(hash));
    if (!hasPast || !this.#counts.hasRoom(statement)) return false;
    this.#counts.add(statement);
    this.#keep(statement);
    return true;
  }

  #keep(statement: Statement<In, Out>): void {
    this.kept.set(statement.hash, statement);
  }

  /** What a statement stands on and was not taken yet, each after what it stands on itself. */
  #missingBelow(statement: Statement<In, Out>): Statement<In, Out>[] {
    const missing = new IdMap<StatementHash, Statement<In, Out>>();
    const left = [...statement.prev];
    for (let hash = left.pop(); hash !== undefined; hash = left.pop()) {
      const before = this.#all.statements.get(hash);
      if (before === undefined || this.kept.has(hash) || missing.has(hash)) continue;
      missing.set(hash, before);
      left.push(...before.prev);
    }
    return [...missing.values()].sort((a, b) => a.n - b.n);
  }
}
