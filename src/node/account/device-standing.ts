import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { Recipient } from "../crypto/recipients.ts";
import type { PublicKey } from "../crypto/sign.ts";
import { type Cut, joinCuts } from "./cuts.ts";
import type { DeviceStatement } from "./device-statement.ts";

/** A device that is on its account's list. */
export interface Device {
  readonly key: PublicKey;
  readonly receive: Recipient;
  readonly admin: boolean;
  /** Sealed; see `openDeviceName`. */
  readonly name: Uint8Array;
}

/** Who is on a device list, and by which statements. Keys are `toBinaryString` of keys and hashes. */
export interface DeviceStanding {
  readonly present: ReadonlyMap<string, Device>;
  /** What counts of each device that was taken off. */
  readonly revoked: ReadonlyMap<string, readonly Cut[]>;
  /** Hashes of the statements that have an effect. */
  readonly effective: ReadonlySet<string>;
  /**
   * Hashes of those, and of the ones that a ring of revocations was needed to decide. What is not
   * among them changes nothing for any other statement, unless one stands on it.
   */
  readonly decisive: ReadonlySet<string>;
}

type Verdict = "open" | "holds" | "void";

interface Node {
  readonly statement: DeviceStatement;
  readonly key: string;
  /** Indices of all statements that it stands on, directly or not, itself included. */
  readonly past: ReadonlySet<number>;
  /** Statements of which one must hold for it to hold; absent for the root's, which need none. */
  supports: readonly number[] | undefined;
  /** Revocations of its signer that had not seen it. */
  attackers: readonly number[];
  verdict: Verdict;
}

/**
 * Judges a set of statements. FORMAT §10.7.
 *
 * 1. A statement holds only if the root signed it, or a device that a statement in its past added as
 *    an admin, where that addition holds.
 * 2. A revocation that holds makes void every statement of its subject that is not in its past: what
 *    the revoker had seen counts, whatever the subject signs beside or after it does not.
 * 3. Where revocations make each other void in a ring, the one by the oldest device holds and those
 *    that would make it void are void. Nobody revokes the root, so the root's always hold.
 * 4. A device is present if an addition of it holds and no revocation of it does.
 *
 * @param statements - in ascending order of (n, hash), with all that they stand on.
 */
export function judgeDevices(
  account: PublicKey,
  statements: readonly DeviceStatement[],
): DeviceStanding {
  const nodes = link(account, statements);
  settle(nodes);
  const decisive = new Set(nodes.filter(({ verdict }) => verdict !== "void").map(({ key }) => key));
  while (nodes.some(({ verdict }) => verdict === "open")) {
    breakRing(nodes);
    settle(nodes);
  }
  return { ...standingOf(nodes), decisive };
}

function link(account: PublicKey, statements: readonly DeviceStatement[]): Node[] {
  const indexOf = new Map(statements.map(({ hash }, i) => [toBinaryString(hash), i]));
  const nodes: Node[] = [];
  for (const [index, statement] of statements.entries()) {
    const past = new Set([index]);
    for (const hash of statement.prev) {
      const before = nodes[indexOf.get(toBinaryString(hash)) ?? -1];
      for (const each of before?.past ?? []) past.add(each);
    }
    const key = toBinaryString(statement.hash);
    nodes.push({ statement, key, past, supports: [], attackers: [], verdict: "open" });
  }
  for (const [index, node] of nodes.entries()) {
    const { signer } = node.statement;
    if (equalBytes(signer, account)) {
      node.supports = undefined;
      continue;
    }
    node.supports = [...node.past].filter((i) => {
      const { subject, action } = (nodes[i] as Node).statement;
      return i !== index && action.kind === "add" && action.admin && equalBytes(subject, signer);
    });
    node.attackers = [...nodes.keys()].filter((i) => {
      const { statement, past } = nodes[i] as Node;
      const revokesSigner =
        statement.action.kind === "revoke" && equalBytes(statement.subject, signer);
      return revokesSigner && !past.has(index);
    });
  }
  return nodes;
}

/** Decides every statement that what it depends on decides, until nothing changes. */
function settle(nodes: readonly Node[]): void {
  const verdictOf = (index: number): Verdict => (nodes[index] as Node).verdict;
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes) {
      if (node.verdict !== "open") continue;
      const supports = node.supports?.map(verdictOf);
      const attackers = node.attackers.map(verdictOf);
      if (
        attackers.includes("holds") ||
        supports?.every((verdict) => verdict === "void") === true
      ) {
        node.verdict = "void";
      } else if (
        attackers.every((verdict) => verdict === "void") &&
        supports?.includes("holds") !== false
      ) {
        node.verdict = "holds";
      } else continue;
      changed = true;
    }
  }
}

/** Decides one revocation of a ring that depends on nothing outside itself. */
function breakRing(nodes: readonly Node[]): void {
  const open = [...nodes.keys()].filter((i) => (nodes[i] as Node).verdict === "open");
  const reach = new Map(open.map((i) => [i, openDependencies(nodes, i)]));
  const inRing = open.filter((i) => [...(reach.get(i) ?? [])].every((j) => reach.get(j)?.has(i)));
  const revocations = inRing.filter((i) => (nodes[i] as Node).statement.action.kind === "revoke");
  const [first] = revocations.toSorted(
    (a, b) => seniority(nodes, a) - seniority(nodes, b) || a - b,
  );
  const winner = nodes[first ?? -1];
  if (winner === undefined) {
    // Cannot be: statements that depend on their past alone form no ring.
    throw new CloudError("unexpected", "a ring of device statements holds no revocation");
  }
  winner.verdict = "holds";
  for (const attacker of winner.attackers) {
    const node = nodes[attacker] as Node;
    if (node.verdict === "open") node.verdict = "void";
  }
}

/** All undecided statements on which the verdict of one depends, directly or not. */
function openDependencies(nodes: readonly Node[], start: number): Set<number> {
  const found = new Set<number>();
  const left = [start];
  for (let index = left.pop(); index !== undefined; index = left.pop()) {
    const { supports = [], attackers } = nodes[index] as Node;
    for (const next of [...supports, ...attackers]) {
      if ((nodes[next] as Node).verdict !== "open" || found.has(next)) continue;
      found.add(next);
      left.push(next);
    }
  }
  return found;
}

/** The place of the first addition of a statement's signer that is not void: smaller is older. */
function seniority(nodes: readonly Node[], index: number): number {
  const supports = (nodes[index] as Node).supports ?? [];
  const standing = supports.filter((i) => (nodes[i] as Node).verdict !== "void");
  return Math.min(...standing);
}

function standingOf(nodes: readonly Node[]): Omit<DeviceStanding, "decisive"> {
  const present = new Map<string, Device>();
  const revoked = new Map<string, readonly Cut[]>();
  const effective = new Set<string>();
  for (const { statement, key, verdict } of nodes) {
    if (verdict !== "holds") continue;
    effective.add(key);
    const { action } = statement;
    const subject = toBinaryString(statement.subject);
    const device = present.get(subject);
    if (action.kind === "revoke") {
      revoked.set(subject, joinCuts(revoked.get(subject) ?? [], action.cuts));
    } else if (action.kind === "rename") {
      if (device !== undefined) present.set(subject, { ...device, name: action.name });
    } else if (device === undefined) {
      const { receive, admin, name } = action;
      present.set(subject, { key: statement.subject, receive, admin, name });
    }
  }
  for (const subject of revoked.keys()) present.delete(subject);
  return { present, revoked, effective };
}
