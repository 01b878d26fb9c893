import { CloudError } from "../core/cloud-error.ts";
import { type Entry, isLive } from "../tree/entry.ts";
import type { Target } from "../tree/lookup.ts";
import type { Change } from "./commit-loop.ts";

/**
 * Refuses to replace a folder by what is none, the reverse, and a folder that is not empty.
 * @throws is-a-folder, not-a-folder, not-empty
 */
export async function mustBeAlike(
  change: Change,
  entry: Entry,
  { entry: standing }: Target,
  to: string,
): Promise<void> {
  if (standing === undefined || !isLive(standing)) return;
  const isFolder = standing.kind === "folder";
  if (isFolder && entry.kind !== "folder") {
    throw new CloudError("is-a-folder", `${to} is a folder, which a ${entry.kind} can't replace`);
  }
  if (!isFolder && entry.kind === "folder") {
    throw new CloudError(
      "not-a-folder",
      `${to} is a ${standing.kind}, which no folder can replace`,
    );
  }
  if (!isFolder) return;
  const { done } = await change.draft.state.tree.range(standing.id).next();
  if (done !== true) {
    throw new CloudError("not-empty", `the folder ${to} is not empty, so it can't be replaced`);
  }
}
