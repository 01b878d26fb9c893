import { setImmediate as nextTurn } from "node:timers/promises";
import { isCloudError } from "../../core/cloud-error.ts";
import type { EntryId } from "../../core/ids.ts";
import { childOf, namesOf } from "../../core/path.ts";
import type { Entry } from "../../tree/entry.ts";
import { list } from "../../tree/lookup.ts";
import type { StateView } from "../../tree/state-view.ts";
import type { Glob } from "./glob.ts";

/** Which paths are looked at. */
export interface PathFilter {
  /** Only what one of these is about, or lies below what one is about; none: all. */
  readonly include: readonly Glob[];
  /** Neither what one of these is about nor what lies below. */
  readonly exclude: readonly Glob[];
}

/** What a walk comes to. */
export type Walked =
  | { readonly path: string; readonly entry: Entry }
  /** A folder whose listing can't be read: the walk goes on beside it. */
  | { readonly path: string; readonly unread: string };

/** The walk stops for others after so long. */
const sliceMs = 8;

interface OpenFolder {
  readonly id: EntryId;
  readonly path: string;
  /** Whether all below it is included. */
  readonly isIncluded: boolean;
}

/**
 * All that stands below a folder and passes the filter, in the order of listings, each folder before
 * what is in it. No record is opened.
 * @param from - the folder; itself it is not told.
 * @throws what `signal` was aborted with
 */
export async function* walkFiles(
  view: StateView,
  from: { readonly id: EntryId; readonly path: string },
  filter: PathFilter,
  signal: AbortSignal,
): AsyncGenerator<Walked> {
  const names = namesOf(from.path);
  const isIncluded =
    filter.include.length === 0 ||
    names.some((_, i) => isOneOf(filter.include, names.slice(0, i + 1)));
  const pending: OpenFolder[] = [{ ...from, isIncluded }];
  let end = performance.now() + sliceMs;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const inner: OpenFolder[] = [];
    const above = namesOf(folder.path);
    try {
      for await (const { name, entry } of list(view, folder.id)) {
        const below = [...above, name];
        if (!isOneOf(filter.exclude, below)) {
          const path = childOf(folder.path, name);
          const isIncluded = folder.isIncluded || isOneOf(filter.include, below);
          if (isIncluded) yield { path, entry };
          if (entry.kind === "folder") inner.push({ id: entry.id, path, isIncluded });
        }
        if (performance.now() < end) continue;
        await nextTurn();
        signal.throwIfAborted();
        end = performance.now() + sliceMs;
      }
    } catch (error) {
      if (!isCloudError(error, "damaged", "not-found", "newer")) throw error;
      yield { path: folder.path, unread: error.message };
    }
    signal.throwIfAborted();
    pending.push(...inner.reverse());
  }
}

function isOneOf(globs: readonly Glob[], names: readonly string[]): boolean {
  return globs.some((glob) => glob.matches(names));
}
