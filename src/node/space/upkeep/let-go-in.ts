import { letGo } from "../../history/retention.ts";
import { thin } from "../../history/thinning.ts";
import type { RevisionDraft, Tip } from "../../history/tip.ts";
import type { Edit } from "../../tree/edit.ts";
import type { OpenSpace } from "../open-space.ts";
import type { GcReport, Settings } from "../types.ts";
import { readLooks } from "./looks.ts";

/** What of a report tells of the past. */
export type LetGo = Omit<GcReport, "freedBlocks" | "freedBytes">;

/** A drive that was never written lets go of nothing. */
export const letGoOfNothing: LetGo = { droppedVersions: 0, droppedRevisions: 0, thinnedStates: 0 };

/** A revision on top of a tip, in the making. */
export interface Letting {
  readonly draft: RevisionDraft;
  readonly edit: Edit;
  readonly tip: Tip;
}

/**
 * Lets go, in a revision in the making, of what the retention policy does not keep and of states that
 * lie close together.
 * @param now - milliseconds since 1970.
 * @param step - awaited now and then; may throw to end it.
 * @returns what went, and whether there is anything to be written.
 */
export async function letGoIn(
  space: OpenSpace,
  { draft, edit, tip }: Letting,
  { retention }: Settings,
  now: number,
  step: () => Promise<void>,
): Promise<{ readonly letGo: LetGo; readonly isAny: boolean }> {
  const { sealer, writerId } = space;
  const looks = readLooks(space);
  const { vv } = draft.state;
  const dropped = await letGo(draft, sealer, tip, retention, vv, now, looks, step);
  const { countedFrom } = dropped;
  const thinning = { writer: writerId, stamp: edit.stamp, now: countedFrom, step };
  const thinnedStates = await thin(draft, sealer, tip, thinning);
  const { versions: droppedVersions, revisions: droppedRevisions, entries } = dropped;
  return {
    letGo: {
      droppedVersions,
      droppedRevisions,
      thinnedStates,
      ...(countedFrom === now ? {} : { countedFrom }),
    },
    isAny: droppedVersions + droppedRevisions + entries + thinnedStates > 0,
  };
}
