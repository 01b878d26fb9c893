import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../crypto/sign.ts";
import { checkQuota } from "./quota.ts";
import { type Action, type Member, maxPrev, type Named, signStatement } from "./statement.ts";
import { type StatementSet, setOf, tipsOf } from "./statement-set.ts";

/** What a person may say: what founds a list or restates it has functions of its own. */
export type Change<In extends Member, Out extends Named> = Exclude<
  Action<In, Out>,
  { kind: "found" | "checkpoint" | "join" }
>;

/**
 * The set with one more statement, which stands on all that the set holds. Where that are more
 * tips than one statement names, statements that only join them go before.
 * @throws usage, if the signer may not change the list or has said as much as a device may; if the
 * subject is on the list already (add), was taken off before (add) or is not on it (revoke).
 */
export function extendSet<In extends Member, Out extends Named>(
  primitives: Primitives,
  set: StatementSet<In, Out>,
  signer: SigningKey,
  action: Change<In, Out>,
): StatementSet<In, Out> {
  checkRight(set, signer.publicKey);
  if ("member" in action) checkMember(set, action.kind, action.member);
  let joined = set;
  while (tipsOf(joined).length > maxPrev) {
    joined = append(primitives, joined, signer, { kind: "join" });
  }
  const extended = append(primitives, joined, signer, action);
  if (!equalBytes(signer.publicKey, set.root)) checkQuota(extended, signer.publicKey);
  return extended;
}

/** One more statement on the first {@link maxPrev} tips. */
export function append<In extends Member, Out extends Named>(
  primitives: Primitives,
  set: StatementSet<In, Out>,
  signer: SigningKey,
  action: Action<In, Out>,
): StatementSet<In, Out> {
  const prev = tipsOf(set).slice(0, maxPrev);
  const before = prev.map((hash) => set.statements.get(toBinaryString(hash))?.n ?? 0);
  const n = 1 + Math.max(0, ...before);
  const statement = signStatement(primitives, set.form, signer, { n, prev, action });
  return setOf(set.form, set.root, [...set.statements.values(), statement]);
}

function checkRight<In extends Member, Out extends Named>(
  { form, root, standing }: StatementSet<In, Out>,
  signer: PublicKey,
): void {
  if (equalBytes(signer, root)) return;
  if (standing.present.get(toBinaryString(signer))?.admin === true) return;
  throw new CloudError(
    "usage",
    `this device may not change ${form.what}: it was not given that right, or was taken off; the 24 words can`,
  );
}

function checkMember<In extends Member, Out extends Named>(
  { standing, form }: StatementSet<In, Out>,
  kind: "add" | "revoke",
  member: Named,
): void {
  const key = toBinaryString(member.key);
  const present = standing.present.get(key);
  if (kind === "revoke") {
    if (present !== undefined || standing.revoked.has(key)) return;
    throw new CloudError("usage", `that device is not on ${form.what}`);
  }
  if (standing.revoked.has(key)) {
    throw new CloudError(
      "usage",
      `that device was taken off ${form.what}; it comes back with new keys only, or by a checkpoint of the words`,
    );
  }
  const isMore = (member as Member).admin && present?.admin === false;
  if (present !== undefined && !isMore) {
    throw new CloudError("usage", `that device is on ${form.what} already`);
  }
}
