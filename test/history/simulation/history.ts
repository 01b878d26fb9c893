// One random history from its seed, checked at every revision.
import assert from "node:assert/strict";
import { toBinaryString } from "../../../src/node/core/bytes.ts";
import { stateAt } from "../../../src/node/history/moment.ts";
import { parsePurgedKey } from "../../../src/node/history/revision.ts";
import { changedEntries, versionName } from "../../../src/node/history/rewrite-past.ts";
import { statesOf } from "../../../src/node/history/stood-at.ts";
import type { Tip } from "../../../src/node/history/tip.ts";
import type { Entry } from "../../../src/node/tree/entry.ts";
import { emptyState } from "../../../src/node/tree/state.ts";
import { below, pick, seeded } from "../../blocks/random.ts";
import { itemsOf } from "../../blocks/test-maps.ts";
import type { Checker } from "./checker.ts";
import { holds } from "./events.ts";
import { showVector } from "./snapshot.ts";
import { type Counts, type Features, World } from "./world.ts";

/** What a seed's history is made of. */
export function featuresOf(seed: number, options: Partial<Features> = {}): Features {
  const random = seeded(seed ^ 0x5eed);
  const chance = (share: number): boolean => random() < share;
  const features: Features = {
    writers: chance(0.6) ? 3 : 5,
    steps: chance(0.9) ? 8 + below(random, 16) : 30 + below(random, 30),
    fanoutBits: pick(random, [1, 1, 1, 2, 2, 5]),
    retention: chance(0.5),
    purges: chance(0.6),
    copies: chance(0.5),
    forks: chance(0.5),
    manyFolders: chance(0.35),
    anyRebases: chance(0.5),
  };
  return { ...features, ...options };
}

/** What happened in a history, and what its states held. */
export type HistoryCounts = Counts & Checker["counts"];

/** Runs the history of a seed. @throws AssertionError and others, where it goes wrong */
export async function runHistory(
  seed: number,
  options: Partial<Features> = {},
  trace?: (line: string) => void,
): Promise<HistoryCounts> {
  const features = featuresOf(seed, options);
  trace?.(JSON.stringify(features));
  const world = await World.begin(seed, features, trace);
  const { random, devices } = world;
  for (let step = 0; step < features.steps; step++) {
    world.tick();
    if (features.copies && random() < 0.08) await world.copyStore(pick(random, devices));
    if (random() < 0.68) await world.edit(pick(random, devices));
    else {
      const [a, b] = world.pickTwo();
      await world.receive(a, b);
      if (random() < 0.5) await world.receive(b, a);
    }
  }
  await settle(world);
  if (!features.retention && !features.purges && !features.forks) await checkMoment(world);
  return { ...world.counts, ...world.checker.counts };
}

/** The tree at a moment is what each writer's last change before it had seen. */
async function checkMoment(world: World): Promise<void> {
  const { checker, devices, random } = world;
  const [device] = devices;
  if (device === undefined) return;
  const known = checker.oracle.events.filter((event) => holds(device.seen, event));
  const { time } = pick(random, known);
  let seen = 0n;
  const last = new Map<string, (typeof known)[number]>();
  for (const event of known.sort((a, b) => a.stamp.counter - b.stamp.counter)) {
    if (event.time <= time) last.set(toBinaryString(event.stamp.writer), event);
  }
  for (const event of last.values()) seen |= event.past | (1n << BigInt(event.index));
  const state = await stateAt(world.writer, world.blocks, device.tip, time);
  await checker.checkState(state, seen);
}

/** Everybody tells everybody until all have seen the same. */
async function settle(world: World): Promise<void> {
  const { random, devices } = world;
  for (const device of devices) await world.notice(device);
  const written = devices.reduce((all, { seen }) => all | seen, 0n);
  const mode = pick(random, ["random", "ring", "all"] as const);
  for (let round = 0; round < 40; round++) {
    if (new Set(devices.map(({ tip }) => showVector(tip.state.vv))).size === 1) {
      assert.equal(
        new Set(devices.map(({ seen }) => seen)).size,
        1,
        "equal vectors of other changes",
      );
      for (const { seen } of devices) assert.equal(seen & written, written, "a change was lost");
      for (const { tip } of devices) await checkPurged(world, tip);
      return;
    }
    if (mode === "random") {
      for (let i = 0; i < 2 * devices.length; i++) await world.receive(...world.pickTwo());
    } else {
      for (const [i, device] of devices.entries()) {
        const reach = mode === "ring" ? 1 : devices.length - 1;
        for (let j = 1; j <= reach; j++) {
          await world.receive(
            device,
            devices[(i + j) % devices.length] as (typeof devices)[number],
          );
        }
      }
    }
  }
  assert.fail(`not settled by ${mode} gossip`);
}

/** No moment that is kept shows a version that was purged. */
async function checkPurged({ writer }: World, tip: Tip): Promise<void> {
  const purged = new Set<string>();
  for (const [key] of await itemsOf(writer, tip.revision.purged)) {
    const { id, stamp } = parsePurgedKey(key);
    purged.add(versionName(id, stamp));
  }
  for (const root of [tip.revision.log, tip.revision.tags]) {
    for await (const { state } of statesOf(writer, root)) {
      for await (const { entry } of changedEntries(writer, emptyState, state)) {
        for (const { stamp } of entry?.content ?? []) {
          const name = versionName((entry as Entry).id, stamp);
          assert.ok(!purged.has(name), "the past shows what was purged");
        }
      }
    }
  }
}
