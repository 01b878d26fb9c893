// One device changes something.
import { showStamp } from "../../../src/node/core/stamp.ts";
import { RevisionDraft } from "../../../src/node/history/tip.ts";
import { nextStamp } from "../../../src/node/tree/version-vector.ts";
import { lookAtClock } from "./clocks.ts";
import { type Device, seenByAll } from "./device.ts";
import { randomEdit } from "./edits.ts";
import type { World } from "./world.ts";

export async function edit(world: World, device: Device): Promise<void> {
  const { sealer, blocks, random, features, checker, newLink } = world;
  if (features.clocks) await lookAtClock(world, device);
  const draft = new RevisionDraft(sealer, device.tip);
  const change = draft.edit(nextStamp(draft.state.vv, device.writer));
  const time = world.timeOf(device);
  const done = await randomEdit({
    random,
    sealer,
    putter: blocks,
    tip: device.tip,
    draft,
    edit: change,
    seenByAll: seenByAll(device),
    now: time,
    past: device.past,
    newLink,
    retention: features.retention,
    thinning: features.thinning,
    keepsLog: features.copies && features.forks,
    purges: features.purges,
    manyFolders: features.manyFolders,
  });
  if (done.length === 0) return;
  world.say(`${device.name} ${showStamp(change.stamp)}: ${done.join(", ")}`);
  const tip = await draft.sealChange(blocks, [device.tip], change, time);
  device.seen = await world.record(tip, change.stamp, time, device.tip, device.seen);
  device.past.push(tip.state);
  world.keep(device, tip);
  await checker.check(tip, device.seen, device.fork?.lineage ?? "");
}
