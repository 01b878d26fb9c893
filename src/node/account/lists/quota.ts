import { equalBytes, toBinaryString } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import type { PublicKey } from "../../crypto/sign.ts";
import { type Member, membersOf, type Named, type Statement } from "./statement.ts";
import { neededOf, type StatementSet } from "./statement-set.ts";

/**
 * The most additions by one device that the root or a checkpoint brought in, with all whom it added:
 * so nobody makes more of them by adding more.
 */
export const additionQuota = 32;
/**
 * The most other statements by one device. A quota of its own, so that a revocation has room whatever
 * others have said. The root's statements are in no quota.
 */
export const otherQuota = 16;
/**
 * The most statements beyond these quotas that revocations by one device, with all whom it added,
 * bring along by standing on them. Twice what one such line of devices says, for a thief may have
 * told another copy other things than this one.
 */
export const broughtQuota = 1024;

type Count = Map<string, number>;

/** Counts statements against the quotas of those who signed them. */
export class QuotaCounts<In extends Member, Out extends Named> {
  readonly #root: PublicKey;
  /** Whom each device was first added by; absent if by the root or a checkpoint. */
  readonly #addedBy: ReadonlyMap<string, string>;
  #additions: Count = new Map();
  #others: Count = new Map();
  #brought: Count = new Map();

  /** @param set - tells who added whom; none of it is counted yet. */
  constructor(set: StatementSet<In, Out>) {
    this.#root = set.root;
    this.#addedBy = addersOf(set);
  }

  /** Counts one more. */
  add(statement: Statement<In, Out>): void {
    const { counts, key } = this.#chargeOf(statement);
    countOne(counts, key);
  }

  /**
   * Counts a revocation with what it brings along.
   * @returns whether that is not too much; else nothing was counted.
   */
  addWith(revocation: Statement<In, Out>, along: readonly Statement<In, Out>[]): boolean {
    const before = [this.#additions, this.#others, this.#brought] as const;
    [this.#additions, this.#others, this.#brought] = before.map((count) => new Map(count)) as [
      Count,
      Count,
      Count,
    ];
    const line = this.#first(toBinaryString(revocation.signer));
    let isWithin = this.hasRoom(revocation);
    this.add(revocation);
    for (const each of along) {
      if (!this.hasRoom(each)) isWithin &&= countOne(this.#brought, line) <= broughtQuota;
      this.add(each);
    }
    if (!isWithin) [this.#additions, this.#others, this.#brought] = before;
    return isWithin;
  }

  /** Whether one more is within the quota. */
  hasRoom(statement: Statement<In, Out>): boolean {
    const { counts, key, most } = this.#chargeOf(statement);
    return equalBytes(statement.signer, this.#root) || (counts.get(key) ?? 0) < most;
  }

  #chargeOf({ signer, action }: Statement<In, Out>): {
    counts: Count;
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

/** @returns how many it is then. */
function countOne(counts: Count, key: string): number {
  const count = 1 + (counts.get(key) ?? 0);
  counts.set(key, count);
  return count;
}

/** By whom each was first added, additions that hold before others: anybody can say a void one. */
function addersOf<In extends Member, Out extends Named>({
  root,
  statements,
  standing,
}: StatementSet<In, Out>): Map<string, string> {
  const fromRoot = new Set<string>();
  const [holding, others] = [new Map<string, string>(), new Map<string, string>()];
  for (const [hash, { action, signer }] of statements) {
    const members = membersOf(action);
    const adders = standing.holding.has(hash) ? holding : others;
    for (const member of members) {
      const key = toBinaryString(member.key);
      if (equalBytes(signer, root)) fromRoot.add(key);
      else if (!adders.has(key)) adders.set(key, toBinaryString(signer));
    }
  }
  return new Map([...others, ...holding].filter(([key]) => !fromRoot.has(key)));
}

/** Refuses what one has just said oneself, if it is more than a device may. @throws usage */
export function checkQuota<In extends Member, Out extends Named>(
  set: StatementSet<In, Out>,
  signer: PublicKey,
): void {
  const counts = new QuotaCounts(set);
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
