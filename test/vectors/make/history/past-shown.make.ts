import type { MapRoot } from "../../../../src/node/blocks/sealed-map.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { statesOf } from "../../../../src/node/history/stood-at.ts";
import type { Tip } from "../../../../src/node/history/tip.ts";
import { encodeState, type State } from "../../../../src/node/tree/state.ts";
import { showVector, type Story } from "./story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** The states that records of a map lead to, by key. */
async function showStates(story: Story, root: MapRoot): Promise<VectorValue> {
  const shown: VectorValue[] = [];
  for await (const { key, state } of statesOf(story.space.sealer, root)) {
    shown.push({ key: toHex(key), ...(await showState(story, state)) });
  }
  return shown;
}

/** A state by itself. */
export async function showState(story: Story, state: State): Promise<Record<string, VectorValue>> {
  return {
    vv: showVector(state.vv),
    floor: showVector(state.floor),
    tree: await story.showMap(state.tree),
    removed: await story.showMap(state.removed),
    digest: toHex(state.digest),
    state: toHex(encodeState(state)),
  };
}

/** A tip with all states of its past. */
export async function showPast(story: Story, tip: Tip): Promise<VectorValue> {
  const { log, tags } = tip.revision;
  return {
    ...(await story.show(tip)),
    logged: await showStates(story, log),
    tagged: await showStates(story, tags),
  };
}
