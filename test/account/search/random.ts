import type { JudgedAction } from "../../../src/node/account/lists/judge.ts";
import { seeded } from "../../blocks/random.ts";
import { devices, isKnown } from "./enumerate.ts";
import { type Said, say, type Who } from "./statements.ts";

/**
 * Sets in which anybody signs anything on any past, whether they may or not: chains of void adders,
 * signers who are out, several checkpoints.
 * @param most - statements of a set.
 */
export function* randomSets(
  seed: number,
  count: number,
  most: number,
): Generator<ReadonlySet<Said>> {
  const random = seeded(seed);
  const pick = <Item>(list: readonly Item[]): Item =>
    list[Math.floor(random() * list.length)] as Item;
  for (let i = 0; i < count; i++) {
    const set = new Set<Said>();
    const size = 2 + Math.floor(random() * (most - 1));
    while (set.size < size) {
      const past = new Set<Said>();
      for (const each of set) {
        if (random() < 0.6) for (const below of [...each.past, each]) past.add(below);
      }
      const signer = pick<Who>([undefined, undefined, "A", "A", "A", "B", "B", "C"]);
      set.add(say(signer, actionOf(past, signer), past));
    }
    yield set;
  }

  function actionOf(past: ReadonlySet<Said>, signer: Who): JudgedAction {
    const subject = pick(devices.filter((device) => device !== signer));
    const at = random();
    if (signer === undefined && past.size > 0 && at < 0.3) {
      const out = pick(devices);
      const kept = devices.filter((device) => device !== out && random() < 0.7);
      return {
        kind: "checkpoint",
        in: new Map(kept.map((device) => [device, random() < 0.8])),
        out: new Set([out]),
        past: [],
      };
    }
    if (at < 0.65 || !isKnown(past, subject)) {
      return { kind: "add", subject, admin: random() < 0.8 };
    }
    return { kind: "revoke", subject };
  }
}
