import { equalBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap, IdSet, type ReadonlyIdMap } from "../../core/id-map.ts";
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

type Count = IdMap<PublicKey, number>;

/** Counts statements against the quotas of those who signed them. */
export class QuotaCounts<In extends Member, Out extends Named> {
  readonly #root: PublicKey;
  /** Whom each device was first added by; absent if by the root or a checkpoint. */
  readonly #addedBy: ReadonlyIdMap<PublicKey, PublicKey>;
  #additions: Count = new IdMap();
  #others: Count = new IdMap();
  #brought: Count = new IdMap();

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
    [this.#additions, this.#others, this.#brought] = before.map((count) => new IdMap(count)) as [
      Count,
      Count,
      Count,
    ];
    const line = this.#first(revocation.signer);
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
    key: PublicKey;
    most: number;
  } {
    return action.kind === "add"
      ? { counts: this.#additions, key: this.#first(signer), most: additionQuota }
      : { counts: this.#others, key: signer, most: otherQuota };
  }

  /** The first of the line of devices by which one was added. */
  #first(device: PublicKey): PublicKey {
    const line = new IdSet<PublicKey>();
    for (let at = device; ; ) {
      const by = this.#addedBy.get(at);
      if (by === undefined || !line.add(by)) return at;
      at = by;
    }
  }
}

/** @returns how many it is then. */
function countOne(counts: Count, key: PublicKey): number {
  const count = 1 + (counts.get(key) ?? 0);
  counts.set(key, count);
  return count;
}

/** By whom each was first added, additions that hold before others: anybody can say a void one. */
function addersOf<In extends Member, Out extends Named>({
  root,
  statements,
  standing,
}: StatementSet<In, Out>): IdMap<PublicKey, PublicKey> {
  const fromRoot = new IdSet<PublicKey>();
  const holding = new IdMap<PublicKey, PublicKey>();
  const others = new IdMap<PublicKey, PublicKey>();
  for (const { hash, action, signer } of statements.values()) {
    const members = membersOf(action);
    const adders = standing.holding.has(hash) ? holding : others;
    for (const { key } of members) {
      if (equalBytes(signer, root)) fromRoot.add(key);
      else if (!adders.has(key)) adders.set(key, signer);
    }
  }
  return new IdMap([...others, ...holding].filter(([key]) => !fromRoot.has(key)));
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
