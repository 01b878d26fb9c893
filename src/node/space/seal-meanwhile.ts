import { setImmediate as nextTurn } from "node:timers/promises";
import type { OnPlaced } from "../tree/remove.ts";
import type { Change } from "./commit-loop.ts";

/** Runs of entries that wait in memory to be sealed: fewer seal the same nodes more often. */
const runsUnsealed = 16;

/**
 * Keeps a long change small: between its runs others have a turn, and what it has placed is sealed
 * every so often. It is neither durable nor referred to before the change is.
 */
export function sealMeanwhile({ draft, batch }: Pick<Change, "draft" | "batch">): OnPlaced {
  let unsealed = 0;
  return async () => {
    await nextTurn();
    if (++unsealed < runsUnsealed) return;
    unsealed = 0;
    await draft.state.tree.flush(batch);
    await draft.state.removed.flush(batch);
    await batch.makeReadable(); // or the nodes could not be read again
  };
}
