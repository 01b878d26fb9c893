// One device hears from another.
import { canJoin } from "../../../src/node/history/join.ts";
import { vectorAtMost } from "../../../src/node/tree/version-vector.ts";
import { notice } from "./copies.ts";
import type { Device } from "./device.ts";
import { learn, take } from "./receiving.ts";
import { counts, hearAll, missingHeads } from "./revocations.ts";
import type { World } from "./world.ts";

/** One device hears from another, unless one of the two is out by what the other knows. */
export async function hear(world: World, device: Device, other: Device): Promise<void> {
  await notice(world, device);
  if (other.fork !== undefined) await notice(world, other);
  hearAll(world, device, other);
  if (device.cuts.has(device.owner)) return;
  for (const head of missingHeads(device)) await take(world, device, head, "a cut head");
  if (!counts(device, other)) {
    world.counts.refusedHeads++;
    return;
  }
  if (leavesToOther(world, device, other)) return;
  await take(world, device, other, other.name);
  learn(world, device, other);
}

/** Of two that must rebase the one that is ahead may wait for the other to do it. */
function leavesToOther(
  { features, random }: World,
  { tip: own }: Device,
  { tip }: Device,
): boolean {
  if (vectorAtMost(own.state.vv, tip.state.vv) || vectorAtMost(tip.state.vv, own.state.vv)) {
    return false;
  }
  if (canJoin(own.state, tip.state) !== "b-is-behind") return false;
  return !(features.anyRebases && random() < 0.3);
}
