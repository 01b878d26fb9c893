import type { BlockGetter, BlockPutter } from "../../blocks/ports.ts";
import type { MapReader } from "../../blocks/sealed-map.ts";
import { IdMap } from "../../core/id-map.ts";
import type { BlockId } from "../../core/ids.ts";
import { letGo } from "../../history/retention.ts";
import { RevisionDraft, type Tip } from "../../history/tip.ts";
import { nextStamp } from "../../tree/version-vector.ts";
import type { OpenSpace } from "../open-space.ts";
import type { Settings } from "../types.ts";
import { type DroppedReport, droppedReport } from "./dropped-report.ts";
import { readLooks } from "./looks.ts";

/** A revision that was not written, and what it is read by. */
export interface WouldBe {
  readonly reader: MapReader;
  readonly tip: Tip;
  readonly dropped: DroppedReport;
}

/**
 * The revision that letting go by the retention policy would make; its blocks stay in memory. The
 * present one, if there is nothing to let go of.
 */
export async function wouldLetGo(
  space: OpenSpace,
  tip: Tip,
  { retention }: Settings,
  now: number,
): Promise<WouldBe> {
  const { sealer, writerId } = space;
  const draft = new RevisionDraft(sealer, tip);
  const edit = draft.edit(nextStamp(tip.state.vv, writerId));
  const looks = readLooks(space);
  const made = await letGo(draft, sealer, tip, retention, draft.state.vv, now, looks);
  const dropped = droppedReport(made, now);
  if (made.versions + made.revisions + made.entries === 0) return { reader: sealer, tip, dropped };
  const { putter, blocks } = inMemory(sealer.blocks);
  return {
    reader: { ...sealer, blocks },
    tip: await draft.sealChange(putter, [tip], edit, Math.max(now, tip.revision.change?.time ?? 0)),
    dropped,
  };
}

function inMemory(below: BlockGetter): { putter: BlockPutter; blocks: BlockGetter } {
  const held = new IdMap<BlockId, Uint8Array>();
  return {
    putter: {
      put: ({ id, bytes }) => {
        held.set(id, bytes);
      },
    },
    blocks: {
      get: async (id) => held.get(id) ?? (await below.get(id)),
    },
  };
}
