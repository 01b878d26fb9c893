import type { Link } from "../blocks/link.ts";
import type { MapSealer } from "../blocks/map-draft.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import { openBlock } from "../blocks/seal.ts";
import { sealInto } from "../blocks/seal-into.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { decodeState, encodeState, type State } from "./state.ts";
import { loadVector, storeVector } from "./version-vector.ts";

/** Seals a state, and the maps of its vectors where they are long. FORMAT §10.1. */
export async function sealState(
  sealer: MapSealer,
  putter: BlockPutter,
  state: State,
): Promise<Link> {
  const payload = encodeState({
    ...state,
    vv: await storeVector(sealer, putter, state.vv),
    floor: await storeVector(sealer, putter, state.floor),
  });
  return sealInto(sealer, putter, "state", payload);
}

/** Opens the state behind a link. @throws not-found, damaged, newer */
export async function readState(reader: MapReader, link: Link): Promise<State> {
  const bytes = await reader.blocks.get(link.id);
  const state = decodeState(openBlock(reader.primitives, link, "state", bytes));
  return {
    ...state,
    vv: await loadVector(reader, state.vv, "the vv of a state"),
    floor: await loadVector(reader, state.floor, "the floor of a state"),
  };
}
