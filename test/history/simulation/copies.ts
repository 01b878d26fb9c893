// Stores that are put back to what they were, or copied, and go on under an id that is not theirs.
import assert from "node:assert/strict";
import { equalBytes, toBinaryString, toHex } from "../../../src/node/core/bytes.ts";
import { tellAnew } from "../../../src/node/history/receive.ts";
import type { Tip } from "../../../src/node/history/tip.ts";
import { pick } from "../../blocks/random.ts";
import { type Device, nothingSeen } from "./device.ts";
import { type Event, holds, type Seen } from "./events.ts";
import { becomeAnother, learn, receiverOf, take } from "./receiving.ts";
import { counts, cutHeads, noteEntered } from "./revocations.ts";
import type { World } from "./world.ts";

/** A store is put back to what it was, or copied; under a new writer id, at once or later. */
export function copyStore(world: World, device: Device): void {
  const { random, features, devices } = world;
  if (device.backups.length === 0 || device.fork !== undefined) return;
  const backup = pick(random, device.backups);
  const choice = random();
  const isCopy = choice < 0.35 && devices.length < features.writers + 2;
  const name = `${device.name}c${devices.length.toString()}`;
  const target: Device = isCopy ? { ...device, name, backups: [], past: [] } : device;
  if (!isCopy) target.known.set(toBinaryString(target.writer), undefined);
  if (!isCopy) noteEntered(world, target);
  const before = target.known;
  const { writer, former, ended, tip, seen, head, lastTime } = backup;
  Object.assign(target, { writer, former, ended, tip, seen, head, lastTime });
  target.known = new Map(backup.known);
  target.cuts = new Map(backup.cuts);
  if (isCopy) devices.push(target);
  world.counts.copies++;
  if (features.forks && random() < 0.5) {
    const after = tip.state.vv.get(writer) ?? 0;
    target.fork = {
      writer,
      seen,
      after,
      lineage: `${target.name}.${world.counts.copies.toString()}`,
    };
    // Nor does a copy of what is lost now turn up later: nobody could tell it from the new.
    const kept = target.backups.filter((other) => other.seen <= seen);
    target.backups.splice(0, target.backups.length, ...kept);
    world.say(`${target.name} is an old copy and does not know`);
    return;
  }
  if (!isCopy) {
    for (const [id, known] of before) if (known === undefined) target.known.set(id, known);
    target.known.set(toBinaryString(target.writer), undefined);
  }
  target.writer = world.newWriter(target.owner);
  target.head = undefined;
  target.known.set(toBinaryString(target.writer), nothingSeen);
  world.say(`${target.name} is an old copy, now ${toHex(target.writer.subarray(0, 4))}`);
}

/**
 * A copy asks, before it tells anything, whether anyone knows changes under its writer id that it
 * did not write.
 */
export async function notice(world: World, device: Device): Promise<void> {
  const { fork } = device;
  if (fork === undefined) return;
  const { checker, devices, random } = world;
  const writer = toBinaryString(fork.writer);
  const unknown = checker.oracle.events.filter(
    (event) => toBinaryString(event.stamp.writer) === writer && !holds(device.seen, event),
  );
  const isKnownTo = ({ seen }: { seen: Seen }): boolean =>
    unknown.some((event) => holds(seen, event));
  const others = devices.filter((other) => other !== device);
  const knowing = others.filter(
    (other) => other.fork === undefined && isKnownTo(other) && counts(device, other),
  );
  if (knowing.length > 0) {
    const other = pick(random, knowing);
    learn(world, device, other);
    const outcome = await take(world, device, other, other.name);
    assert.equal(outcome, "forked", "a copy does not notice");
  } else if (
    others.some((other) => isOrWas(other, writer) || isKnownTo(other)) ||
    devices.some((each) => each.backups.some(isKnownTo) || cutHeads(each).some(isKnownTo))
  ) {
    // The other copy has told nobody yet: this one learns from its own instance what it is.
    const first = { tip: checker.first as Tip, seen: 1n };
    const as = receiverOf(world, device);
    const { tip } = device;
    const at = device.former.findIndex((id) => equalBytes(id, fork.writer));
    const since = at < 0 ? [] : [...device.former.slice(at + 1), device.writer];
    const where = { writer: fork.writer, after: fork.after, since };
    const result = await tellAnew(world.sealer, world.blocks, tip, first.tip, where, as);
    await becomeAnother(world, device, fork, first, result, as.time);
  } else await goOn(world, device, unknown);
}

function isOrWas({ writer, former }: Device, name: string): boolean {
  return [writer, ...former].some((id) => toBinaryString(id) === name);
}

/** Nobody will ever know what a copy lost: it is the writer, and tells what it wrote meanwhile. */
async function goOn(world: World, device: Device, lost: readonly Event[]): Promise<void> {
  const { checker } = world;
  device.fork = undefined;
  if (device.tip !== device.head?.tip) world.tell(device);
  checker.forget((event) => lost.includes(event));
  await checker.check(device.tip, device.seen, "");
}
