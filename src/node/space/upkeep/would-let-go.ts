import type { BlockGetter, BlockPutter } from "../../blocks/ports.ts";
import type { MapReader } from "../../blocks/sealed-map.ts";
import { IdMap } from "../../core/id-map.ts";
import type { BlockId } from "../../core/ids.ts";
import { RevisionDraft, type Tip } from "../../history/tip.ts";
import { nextStamp } from "../../tree/version-vector.ts";
import type { OpenSpace } from "../open-space.ts";
import type { Settings } from "../types.ts";
import { type LetGo, letGoIn } from "./let-go-in.ts";

/** A revision that was not written, and what it is read by. */
export interface WouldBe {
  readonly reader: MapReader;
  readonly tip: Tip;
  readonly letGo: LetGo;
}

/**
 * The revision that letting go by the retention policy would make; its blocks stay in memory. The
 * present one, if there is nothing to let go of.
 */
export async function wouldLetGo(
  space: OpenSpace,
  tip: Tip,
  settings: Settings,
  now: number,
  step: () => Promise<void>,
): Promise<WouldBe> {
  const { sealer, writerId } = space;
  const draft = new RevisionDraft(sealer, tip);
  const edit = draft.edit(nextStamp(tip.state.vv, writerId));
  const { letGo, isAny } = await letGoIn(space, { draft, edit, tip }, settings, now, step);
  if (!isAny) return { reader: sealer, tip, letGo };
  const { putter, blocks } = inMemory(sealer.blocks);
  return {
    reader: { ...sealer, blocks },
    tip: await draft.sealChange(putter, [tip], edit, Math.max(now, tip.revision.change?.time ?? 0)),
    letGo,
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
