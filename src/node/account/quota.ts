import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { PublicKey } from "../crypto/sign.ts";
import type { Member, Named, Statement } from "./statement.ts";
import { neededOf, type StatementSet, setOf } from "./statement-set.ts";

/**
 * The most additions by one device that the root or a checkpoint brought in, with all whom it added:
 * so nobody makes more of them by adding more.
 */
export const additionQuota = 64;
/**
 * The most other statements by one device. A quota of its own, so that a revocation has room whatever
 * others have said. The root's statements are in no quota.
 */
export const otherQuota = 32;

/** Counts statements against the quotas of those who signed them. */
class Counts<In extends Member, Out extends Named> {
  readonly #root: PublicKey;
  /** Whom each device was first added by; absent if by the root or a checkpoint. */
  readonly #addedBy = new Map<string, string>();
  readonly #additions = new Map<string, number>();
  readonly #others = new Map<string, number>();

  constructor(root: PublicKey, known: Iterable<Statement<In, Out>>) {
    this.#root = root;
    const seen = new Set<string>();
    for (const { action, signer } of known) {
      const isRoots = equalBytes(signer, root);
      const members = action.kind === "checkpoint" ? action.in : [];
      for (const { key } of members) {
        seen.add(toBinaryString(key));
        this.#addedBy.delete(toBinaryString(key));
      }
      if (action.kind !== "add") continue;
      const subject = toBinaryString(action.member.key);
      if (isRoots) this.#addedBy.delete(subject);
      else if (!seen.has(subject)) this.#addedBy.set(subject, toBinaryString(signer));
      seen.add(subject);
    }
  }

  /** Counts one more. */
  add(statement: Statement<In, Out>): void {
    const { counts, key } = this.#chargeOf(statement);
    counts.set(key, 1 + (counts.get(key) ?? 0));
  }

  /** Whether one more is within the quota. */
  hasRoom(statement: Statement<In, Out>): boolean {
    const { counts, key, most } = this.#chargeOf(statement);
    return equalBytes(statement.signer, this.#root) || (counts.get(key) ?? 0) < most;
  }

  #chargeOf({ signer, action }: Statement<In, Out>): {
    counts: Map<string, number>;
    key: string;
    most: number;
  } {
    const own = toBinaryString(signer);
    return action.kind === "add"
      ? { counts: this.#additions, key: this.#first(own), most: additionQuota }
      : { counts: this.#others, key: own, most: otherQuota };
  }

  /** The first of the line of devices by which one was added. */
  #first(device: string): string {
    const line = new Set<string>();
    for (let at = device; ; ) {
      const by = this.#addedBy.get(at);
      if (by === undefined || line.has(by)) return at;
      line.add(by);
      at = by;
    }
  }
}

/** Refuses what one has just said oneself, if it is more than a device may. @throws usage */
export function checkQuota<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
  signer: PublicKey,
): void {
  const counts = new Counts(set.root, set.statements.values());
  for (const statement of neededOf(set).statements.values()) {
    if (counts.hasRoom(statement) || !equalBytes(statement.signer, signer)) {
      counts.add(statement);
      continue;
    }
    throw new CloudError(
      "usage",
      `this device and those that it added have changed ${set.form.what} as often as they may: give the 24 words`,
    );
  }
}

/** What was taken of what a peer knows. */
export interface Admitted<In extends Member, Out extends Named> {
  readonly set: StatementSet<In, Out>;
  /** How many statements were left out because their signers say more than they may. */
  readonly refused: number;
}

/**
 * Takes in what a peer knows: the union, without what changes no verdict. What would exceed a quota
 * is left out, and what one has already is kept: first the root's statements come, then revocations
 * by devices that one knows, each with all that it stands on, then the rest in their order.
 */
export function admitSet<In extends Member, Out extends Named>(
  own: StatementSet<In, Out>,
  peers: StatementSet<In, Out>,
): Admitted<In, Out> {
  const all = new Map([...own.statements, ...peers.statements]);
  const union = neededOf(setOf(own.form, own.root, all.values()));
  const counts = new Counts(own.root, all.values());
  const kept = new Map<string, Statement<In, Out>>();
  const keepAll = (key: string): void => {
    const statement = all.get(key);
    if (statement === undefined || kept.has(key)) return;
    kept.set(key, statement);
    counts.add(statement);
    for (const hash of statement.prev) keepAll(toBinaryString(hash));
  };
  for (const key of union.statements.keys()) if (own.statements.has(key)) keepAll(key);
  const isRoots = ({ signer }: Statement<In, Out>): boolean => equalBytes(signer, own.root);
  for (const [key, statement] of union.statements) if (isRoots(statement)) keepAll(key);
  for (const [key, statement] of union.statements) {
    const signer = toBinaryString(statement.signer);
    const isKnown = own.standing.present.has(signer) || own.standing.revoked.has(signer);
    if (statement.action.kind !== "revoke" || !isKnown || kept.has(key)) continue;
    if (counts.hasRoom(statement)) keepAll(key);
  }
  let refused = 0;
  for (const [key, statement] of union.statements) {
    if (kept.has(key)) continue;
    const hasPast = statement.prev.every((hash) => kept.has(toBinaryString(hash)));
    if (hasPast && counts.hasRoom(statement)) keepAll(key);
    else refused++;
  }
  if (refused === 0) return { set: union, refused };
  return { set: neededOf(setOf(own.form, own.root, kept.values())), refused };
}
