import { toHex } from "../core/bytes.ts";
import { fewDifferences } from "../history/difference.ts";
import { emptyState } from "../tree/state.ts";
import type { Committed } from "./commit-loop.ts";
import { showRevision } from "./describe.ts";
import type { OpenSpace } from "./open-space.ts";
import type { ChangedEvent, PathChange } from "./types.ts";

/** More changed paths than these are told as "everything". */
const maxChangesTold = 1000;

/** What a commit changed, for those who watch. Never fails: what is committed is durable. */
export async function changedBy(
  space: OpenSpace,
  { before, tip }: Committed,
): Promise<ChangedEvent> {
  const told = { space: toHex(space.id), revision: showRevision(tip) };
  const changes: PathChange[] = [];
  try {
    const was = before?.state ?? emptyState;
    const few = await fewDifferences(space.sealer, was, tip.state, maxChangesTold);
    if (few === undefined) return { ...told, changes: [], everything: true };
    for await (const { type, kind, path, from } of few) {
      if (changes.length >= maxChangesTold) return { ...told, changes: [], everything: true };
      const shown = kind === "mount" ? "folder" : kind;
      changes.push({ type, kind: shown, path, ...(from === undefined ? {} : { from }) });
    }
  } catch {
    return { ...told, changes: [], everything: true };
  }
  return { ...told, changes, everything: false };
}
