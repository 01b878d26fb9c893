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
import { pick } from "../../blocks/random.ts";
import { itemsOf } from "../../blocks/test-maps.ts";
import type { Checker } from "./checker.ts";
import { copyStore, notice } from "./copies.ts";
import type { Device } from "./device.ts";
import { edit } from "./editing.ts";
import { holds, type Seen } from "./events.ts";
import { type Features, featuresOf } from "./features.ts";
import { hear } from "./gossip.ts";
import { take } from "./receiving.ts";
import { hearAll, intruders, missingHeads, takenOut, takeOut } from "./revocations.ts";
import { showVector } from "./snapshot.ts";
import { type Counts, World } from "./world.ts";

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
    if (features.cuts && random() < 0.06) takeOut(world);
    if (features.copies && random() < 0.08) copyStore(world, pick(random, devices));
    if (random() < 0.68) await edit(world, pick(random, devices));
    else {
      const [a, b] = world.pickTwo();
      await hear(world, a, b);
      if (random() < 0.5) await hear(world, b, a);
    }
  }
  await settle(world);
  const { retention, thinning, purges, forks } = features;
  if (!retention && !thinning && !purges && !forks) await checkMoment(world);
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
  const state = await stateAt(world.sealer, world.blocks, device.tip, time);
  await checker.checkState(state, seen);
}

/** Everybody tells everybody until all that count have seen the same. */
async function settle(world: World): Promise<void> {
  const { random, devices } = world;
  for (const device of devices) await notice(world, device);
  await spreadCuts(world);
  const out = takenOut(world);
  const counting = devices.filter(({ owner }) => !out.has(owner));
  const written = counting.reduce((all, { seen }) => all | seen, 0n);
  const mode = pick(random, ["random", "ring", "all"] as const);
  for (let round = 0; round < 40; round++) {
    if (new Set(counting.map(({ tip }) => showVector(tip.state.vv))).size === 1) {
      await checkSettled(world, counting, written);
      return;
    }
    if (mode === "random") {
      for (let i = 0; i < 2 * devices.length; i++) await hear(world, ...world.pickTwo());
    } else {
      for (const [i, device] of counting.entries()) {
        const reach = mode === "ring" ? 1 : counting.length - 1;
        for (let j = 1; j <= reach; j++) {
          await hear(world, device, counting[(i + j) % counting.length] as Device);
        }
      }
    }
  }
  assert.fail(`not settled by ${mode} gossip`);
}

/** Who is out everybody hears in the end, and fetches the last heads of theirs that count. */
async function spreadCuts(world: World): Promise<void> {
  const { devices } = world;
  for (const device of devices) for (const other of devices) hearAll(world, device, other);
  for (const device of devices) {
    if (device.cuts.has(device.owner)) continue;
    for (const head of missingHeads(device)) await take(world, device, head, "a cut head");
  }
}

async function checkSettled(
  world: World,
  counting: readonly Device[],
  written: Seen,
): Promise<void> {
  const all = new Set(counting.map(({ seen }) => seen));
  assert.equal(all.size, 1, "equal vectors of other changes");
  for (const device of counting) {
    assert.equal(device.seen & written, written, "a change was lost");
    assert.deepEqual(missingHeads(device), [], "what counts of a device that is out is lost");
    assert.deepEqual(intruders(world, device), [], "a device that is out changed the drive");
    await checkPurged(world, device.tip);
  }
}

/** No moment that is kept shows a version that was purged. */
async function checkPurged({ sealer }: World, tip: Tip): Promise<void> {
  const purged = new Set<string>();
  for (const [key] of await itemsOf(sealer, tip.revision.purged)) {
    const { id, stamp } = parsePurgedKey(key);
    purged.add(versionName(id, stamp));
  }
  for (const root of [tip.revision.log, tip.revision.tags]) {
    for await (const { state } of statesOf(sealer, root)) {
      for await (const { entry } of changedEntries(sealer, emptyState, state)) {
        for (const { stamp } of entry?.content ?? []) {
          const name = versionName((entry as Entry).id, stamp);
          assert.ok(!purged.has(name), "the past shows what was purged");
        }
      }
    }
  }
}
