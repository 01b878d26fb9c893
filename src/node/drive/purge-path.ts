import { toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { parsePath } from "../core/path.ts";
import { purgeHistory } from "../history/purge.ts";
import { decodeEntry, type Entry } from "../tree/entry.ts";
import { descendants } from "../tree/remove.ts";
import { type StateView, viewState } from "../tree/state-view.ts";
import type { Change } from "./commit-loop.ts";
import { entryEver, type PastContext } from "./past.ts";
import type { OpenSpace } from "./space.ts";

/**
 * Takes what stands or stood at a path, and all below it, out of all history.
 * @returns how many versions went.
 * @throws not-found; usage, for the root
 */
export async function purgePath(
  space: OpenSpace,
  past: PastContext,
  { draft, edit, batch }: Change,
  path: string,
): Promise<number> {
  if (parsePath(path).length === 0) {
    throw new CloudError("usage", "the root folder can't be purged; name what is in it");
  }
  const { tip } = past;
  const entry = await entryEver(past, path);
  const below: Entry[] = [];
  if (entry.kind === "folder") {
    const view = viewState(space.writer, tip.state);
    for await (const each of descendants(view, entry.id)) below.push(each);
    for (const each of await removedBelow(view, [entry, ...below])) below.push(each);
  }
  const entries = [entry, ...below].reverse();
  return purgeHistory(space.writer, batch, tip, draft, edit, entries);
}

/** Removed entries whose intended folder is among those given or below them. */
async function removedBelow(view: StateView, above: readonly Entry[]): Promise<Entry[]> {
  const folders = new Set(above.map(({ id }) => toBinaryString(id)));
  const found = new Map<string, Entry>();
  for (let size = -1; size < found.size; ) {
    size = found.size;
    for await (const [key, value] of view.removed.range(new Uint8Array(0))) {
      const entry = decodeEntry(key, value);
      const id = toBinaryString(entry.id);
      if (!folders.has(toBinaryString(entry.parent)) || found.has(id)) continue;
      found.set(id, entry);
      folders.add(id);
    }
  }
  return [...found.values()];
}
