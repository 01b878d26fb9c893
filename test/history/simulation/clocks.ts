// Clocks that are set wrong and right again: who wrote under one that was ahead goes on as a new writer.
import { toBinaryString, toHex } from "../../../src/node/core/bytes.ts";
import { toleratedMs, wasAhead } from "../../../src/node/history/clock.ts";
import { type Device, nothingSeen } from "./device.ts";
import { dayMs } from "./edits.ts";
import type { World } from "./world.ts";

/** Now and then a clock is set; then a device goes on as whom it has to. */
export async function lookAtClock(world: World, device: Device): Promise<void> {
  const { random, sealer } = world;
  if (random() < 0.12) device.skew = 0;
  else if (random() < 0.12)
    device.skew = Math.floor((random() - 0.4) * 10 ** (random() * 4) * dayMs);
  const now = world.clockOf(device);
  if (now >= device.lastTime - toleratedMs) return;
  if (!(await wasAhead(sealer, device.tip, device.writer, now))) return;
  device.former = [...device.former, device.writer];
  device.ended = new Map(device.ended).set(toBinaryString(device.writer), device.head);
  device.known.set(toBinaryString(device.writer), undefined);
  device.writer = world.newWriter(device.owner);
  device.known.set(toBinaryString(device.writer), nothingSeen);
  device.head = undefined;
  const { fork } = device;
  const last = fork && (device.tip.state.vv.get(fork.writer) ?? 0);
  // Of a copy that has written nothing yet under the other's id nothing has two meanings.
  if (fork !== undefined && last === fork.after) device.fork = undefined;
  device.lastTime = now;
  world.counts.wentOn++;
  world.say(
    `${device.name} goes on as ${toHex(device.writer.subarray(0, 4))}: its clock was ahead`,
  );
}
