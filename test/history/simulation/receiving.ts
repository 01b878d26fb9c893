// What a device makes of what it is told, by the rules of history/receive.

import assert from "node:assert/strict";
import { equalBytes, toBinaryString } from "../../../src/node/core/bytes.ts";
import { IdMap } from "../../../src/node/core/id-map.ts";
import type { WriterId } from "../../../src/node/core/ids.ts";
import { type Stamp, showStamp } from "../../../src/node/core/stamp.ts";
import {
  type Received,
  type Receiver,
  receive,
  type Written,
} from "../../../src/node/history/receive.ts";
import { joinVectors } from "../../../src/node/tree/version-vector.ts";
import { type Device, type Head, nothingSeen, type Told, type UnknownFork } from "./device.ts";
import { holds } from "./events.ts";
import type { World } from "./world.ts";

/** What a device says of itself when it receives. */
export function receiverOf(world: World, device: Device): Receiver {
  return {
    writer: device.writer,
    former: device.former,
    time: world.timeOf(device),
    newWriter: () => world.newWriter(device.owner),
    step: () => Promise.resolve(),
  };
}

/** The heads that whoever tells something has. */
function headsOf(told: Told): Head[] {
  if ("seq" in told) return [told as Head];
  const { known, head } = told as Device;
  return [...known.values(), { head }].flatMap((each) => each?.head ?? []);
}

/**
 * Whether another copy told a head. Of one that shows no change of the writer which the device lacks only
 * a join may have been lost: who becomes a new writer for that, as a client does, harms nothing.
 */
function isForeign({ checker }: World, device: Device, head: Head): boolean {
  if (isOwn(device, head)) return false;
  return checker.oracle.events.some(
    (event) =>
      equalBytes(event.stamp.writer, head.writer) &&
      holds(head.seen, event) &&
      !holds(device.seen, event),
  );
}

/** Whether a device told a head itself. */
function isOwn({ writer, head, ended }: Device, told: Head): boolean {
  const last = equalBytes(writer, told.writer) ? head : ended.get(toBinaryString(told.writer));
  for (let at = last; at !== undefined; at = at.prev) if (at === told) return true;
  return false;
}

/** Takes in a revision, whoever told it. */
export async function take(
  world: World,
  device: Device,
  other: Told,
  from: string,
): Promise<Received["outcome"]> {
  const heads = headsOf(other);
  const hasForeignHead = (writer: WriterId): boolean =>
    heads.some((head) => equalBytes(head.writer, writer) && isForeign(world, device, head));
  const as = { ...receiverOf(world, device), hasForeignHead };
  const result = await receive(world.sealer, world.blocks, device.tip, other.tip, as);
  switch (result.outcome) {
    case "kept":
      break;
    case "taken":
      device.seen = other.seen;
      world.keep(device, result.tip);
      break;
    case "joined":
      device.seen |= other.seen;
      world.counts.merges++;
      world.counts.revisions++;
      world.say(`${device.name} joins ${from}`);
      await world.checker.check(result.beneath ?? result.tip, device.seen, "");
      await keepWritten(world, device, result, as.time);
      break;
    case "rebased":
      await keepRebased(world, device, other, result, as.time, `rebases with ${from}`);
      break;
    case "forked":
      assert.ok(device.fork !== undefined, "taken for a copy");
      assert.equal(result.fork.after, device.fork.after, "the fork is found");
      world.counts.forksFound++;
      await becomeAnother(world, device, device.fork, other, result, as.time);
      break;
    case "differs":
      return assert.fail("equal vectors, different states");
    case "refused":
      throw result.error;
  }
  return result.outcome;
}

/** A copy learned what it is, by another's revision or by its own instance. */
export async function becomeAnother(
  world: World,
  device: Device,
  { seen, writer }: UnknownFork,
  other: Told,
  result: Extract<Received, { outcome: "forked" }>,
  time: number,
): Promise<void> {
  const { oracle } = world.checker;
  const at = device.former.findIndex((id) => equalBytes(id, writer));
  const since = at < 0 ? [device.writer] : [...device.former.slice(at + 1), device.writer];
  const own = new Set([writer, ...since].map(toBinaryString));
  const forked = oracle.events.filter(
    (event) =>
      holds(device.seen, event) &&
      !holds(seen, event) &&
      own.has(toBinaryString(event.stamp.writer)),
  );
  if (at >= 0) {
    // Nobody else goes on under the ids that it took because of its clock.
    for (const id of since) device.known.set(toBinaryString(id), undefined);
    device.former = device.former.slice(0, at);
  }
  device.writer = result.writer;
  device.head = undefined;
  device.known.set(toBinaryString(device.writer), nothingSeen);
  device.fork = undefined;
  // A store put back to what it was before it noticed would tell its past twice.
  device.backups.length = 0;
  world.counts.forks++;
  oracle.forgetPurged(forked);
  for (const event of forked) {
    event.stamp = { counter: event.stamp.counter, writer: device.writer };
    event.isUnlogged = true;
  }
  await keepRebased(world, device, other, result, time, "tells its past anew");
}

async function keepRebased(
  world: World,
  device: Device,
  other: Told,
  written: Written,
  time: number,
  what: string,
): Promise<void> {
  const tip = written.beneath ?? written.tip;
  const { stamp } = tip.revision.change as { stamp: Stamp };
  world.say(`${device.name} ${showStamp(stamp)}: ${what}`);
  const sides = [
    { seen: device.seen, floor: device.tip.state.floor },
    { seen: other.seen, floor: other.tip.state.floor },
  ] as const;
  device.seen = await world.checker.recordRebase(tip, stamp, time, ...sides);
  world.counts.rebases++;
  world.counts.revisions++;
  device.past = [];
  await world.checker.check(tip, device.seen, "");
  await keepWritten(world, device, written, time);
}

/** Keeps a join or rebase, with what was purged again on top of it. */
async function keepWritten(
  world: World,
  device: Device,
  { tip, beneath }: Written,
  time: number,
): Promise<void> {
  if (beneath !== undefined) {
    const { stamp } = tip.revision.change as { stamp: Stamp };
    world.say(`${device.name} ${showStamp(stamp)}: purges again`);
    device.seen = await world.record(tip, stamp, time, beneath, device.seen);
    world.counts.purgedAgain++;
    await world.checker.check(tip, device.seen, "");
  }
  world.keep(device, tip);
}

/** A device learns what another one knows of the writers. */
export function learn(world: World, device: Device, other: Device): void {
  for (const [writer, theirs] of other.known) {
    const mine = device.known.get(writer);
    if (device.known.has(writer) && mine === undefined) continue;
    const isOut = theirs === undefined || device.cuts.has(world.owners.get(writer) as string);
    if (isOut) {
      device.known.set(writer, undefined);
      continue;
    }
    const isLater = (theirs.head?.seq ?? 0) > (mine?.head?.seq ?? 0);
    const head = isLater ? theirs.head : mine?.head;
    device.known.set(writer, { vv: joinVectors(mine?.vv ?? new IdMap(), theirs.vv), head });
  }
  const name = toBinaryString(other.writer);
  if (device.cuts.has(other.owner)) device.known.set(name, undefined);
  else if (!device.known.has(name) || device.known.get(name) !== undefined) {
    device.known.set(name, { vv: other.tip.state.vv, head: other.head });
  }
}
