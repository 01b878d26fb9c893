import { ContentReader } from "../blocks/content/content-reader.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { IdMap } from "../core/id-map.ts";
import type { Stamp } from "../core/stamp.ts";
import type { Tip } from "../history/tip.ts";
import { vectorAtMost } from "../tree/version-vector.ts";
import { CommitLoop } from "./commit-loop.ts";
import { showWriter } from "./describe.ts";
import { deviceNames } from "./device-names.ts";
import { findTip } from "./heads/find-tip.ts";
import { HeadChain } from "./heads/head-chain.ts";
import type { OpenSpace } from "./open-space.ts";
import { Moments } from "./past/moments.ts";
import { changedBy } from "./tell.ts";
import type { ChangedEvent, Settings } from "./types.ts";
import type { RetainedSpace } from "./upkeep/upkeep.ts";
import { VacatedNames } from "./vacated.ts";

/** What an open space is given by whoever opens it. */
export interface SpaceHost {
  readonly space: OpenSpace;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly settings: () => Settings;
  readonly onChanged: (event: ChangedEvent) => void;
  /** There is something new to tell of the clock. */
  readonly onClock?: () => void;
  /** The other spaces of the store as they are now, whose blocks no collection may take. */
  readonly neighbours: () => readonly RetainedSpace[];
}

/** An open space and what all that works on it shares. */
export interface SpaceParts extends Omit<SpaceHost, "onChanged" | "onClock"> {
  readonly content: ContentReader;
  /** The one door by which it changes, and its latest revision. */
  readonly loop: CommitLoop;
  readonly moments: Moments;
  readonly vacated: VacatedNames;
  /** Milliseconds within which saves count as one version. */
  readonly windowMs: () => number;
  /** The name of the device that made a change. */
  readonly deviceOf: (stamp: Stamp) => string;
}

/**
 * Opens the latest revision of a space, with all that the heads in its store lead to.
 * @throws damaged, newer, naming what can't be read
 */
export async function openParts({
  space,
  now,
  settings,
  onChanged,
  onClock,
  neighbours,
}: SpaceHost): Promise<SpaceParts> {
  const found = await findTip(space);
  const heads = new HeadChain(space, found);
  const content = new ContentReader(space.sealer);
  const loop = new CommitLoop(space, content, heads, found, now, async (committed) => {
    const { before, tip } = committed;
    if (tip.revision.names?.id !== before?.revision.names?.id || !devices.has(space.writerId)) {
      devices = await deviceNames(space, tip);
    }
    onChanged(await changedBy(space, committed));
    if (loop.clock.aheadUntil !== aheadUntil) onClock?.();
    ({ aheadUntil } = loop.clock);
  });
  let { aheadUntil } = loop.clock;
  let devices = await deviceNames(space, found.tip);
  const windowMs = (): number => settings().versionWindowSeconds * 1000;
  try {
    // Who may not write opens what was merged already.
    const toReceive = space.keys.refusal === undefined ? found.others : [];
    for (const other of toReceive) await receiveInto(loop, other);
  } catch (error) {
    // Where nothing can be written now, what was merged can be read, and the rest comes next time.
    if (!isCloudError(error, "storage-full", "storage-read-only")) {
      await loop.close();
      throw error;
    }
  }
  return {
    space,
    now,
    settings,
    neighbours,
    content,
    loop,
    moments: new Moments(space, now, () => loop.tip),
    vacated: new VacatedNames(windowMs),
    windowMs,
    deviceOf: (stamp) => devices.get(stamp.writer) ?? showWriter(stamp),
  };
}

/**
 * Takes in a revision of another head that counts, whose blocks the store has. Of one that was taken in
 * before, a collection leaves only what shows that all of it has been seen.
 * @throws damaged, newer, if it can't be; not-found
 */
async function receiveInto(loop: CommitLoop, tip: Tip): Promise<void> {
  const received = await loop.receive(tip);
  if (received.outcome === "refused") {
    const seen = loop.tip?.state.vv ?? new IdMap();
    if (isMissing(received.error) && vectorAtMost(tip.state.vv, seen)) return;
    throw received.error;
  }
  if (received.outcome !== "differs") return;
  throw new CloudError(
    "damaged",
    "two heads of this drive have seen the same changes and differ: a writer was forked, or there is a bug",
  );
}

/** Whether a block that was needed is not in the store. */
function isMissing({ cause }: CloudError): boolean {
  return isCloudError(cause, "not-found");
}
