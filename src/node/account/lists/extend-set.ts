import { equalBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdSet } from "../../core/id-map.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../../crypto/sign.ts";
import { checkQuota } from "./quota.ts";
import {
  type Action,
  type Member,
  maxPrev,
  type Named,
  type Statement,
  type StatementHash,
  signStatement,
} from "./statement.ts";
import { type StatementSet, setOf } from "./statement-set.ts";

/** What a person may say: what founds a list or restates it has functions of its own. */
export type Change<In extends Member, Out extends Named> = Exclude<
  Action<In, Out>,
  { kind: "found" | "checkpoint" | "join" }
>;

/**
 * The set with one more statement, which stands on all that says who is in: so a revocation leaves
 * what its subject had added. On what others say besides it need not stand, which may be much. Where
 * there are more tips than one statement names, statements that only join them go before.
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
  const said = [...set.statements.values()];
  const sign = (on: readonly Statement<In, Out>[], each: Action<In, Out>): Statement<In, Out> => {
    const n = 1 + Math.max(0, ...on.map((before) => before.n));
    const prev = on.map(({ hash }) => hash);
    const statement = signStatement(primitives, set.form, signer, { n, prev, action: each });
    said.push(statement);
    return statement;
  };
  let tips = tipsOfMembership(set);
  while (tips.length > maxPrev) {
    const joined = sign(tips.slice(0, maxPrev), { kind: "join" });
    tips = [...tips.slice(maxPrev), joined];
  }
  sign(tips, action);
  const extended = setOf(set.form, set.root, said);
  if (!equalBytes(signer.publicKey, set.root)) checkQuota(extended, signer.publicKey);
  return extended;
}

/** Of additions and checkpoints that hold, and of what the root said, those on which none stands. */
function tipsOfMembership<In extends Member, Out extends Named>({
  root,
  statements,
  standing,
}: StatementSet<In, Out>): Statement<In, Out>[] {
  const stoodOn = new IdSet<StatementHash>();
  const tips: Statement<In, Out>[] = [];
  for (const statement of [...statements.values()].reverse()) {
    const { hash, action, signer, prev } = statement;
    const isMembership =
      standing.holding.has(hash) &&
      (action.kind === "add" || action.kind === "checkpoint" || equalBytes(signer, root));
    if (isMembership && !stoodOn.has(hash)) tips.push(statement);
    if (isMembership || stoodOn.has(hash)) stoodOn.addAll(prev);
  }
  return tips.reverse();
}

function checkRight<In extends Member, Out extends Named>(
  { form, root, standing }: StatementSet<In, Out>,
  signer: PublicKey,
): void {
  if (equalBytes(signer, root)) return;
  if (standing.present.get(signer)?.admin === true) return;
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
  const { key } = member;
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
