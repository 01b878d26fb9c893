import type { MapReader } from "../blocks/sealed-map.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import { type DifferingEntries, differingVisible } from "../tree/differing.ts";
import { type Entry, type EntryKind, isLive } from "../tree/entry.ts";
import { shownContent } from "../tree/lookup.ts";
import { createPathNamer } from "../tree/path-namer.ts";
import type { State } from "../tree/state.ts";
import { viewState } from "../tree/state-view.ts";

/** What became of one visible entry between two states. */
export interface Difference {
  readonly type: "added" | "changed" | "removed" | "moved";
  readonly kind: EntryKind;
  /** Where it stands; for a removed one: where it stood. */
  readonly path: string;
  /** For a moved one: where it stood before. */
  readonly from?: string;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

/**
 * What differs between two states, by entry, in no order that means anything. A folder that moved
 * is one difference: what stands below it has not changed.
 * @param only - leaves out entries; asked before paths are looked up.
 */
export async function* differences(
  reader: MapReader,
  a: State,
  b: State,
  only: (before: Entry | undefined, after: Entry | undefined) => boolean = () => true,
): AsyncGenerator<Difference> {
  const sides = await differingVisible(reader, a, b);
  if (sides !== undefined) yield* nameDifferences(reader, a, b, sides, only);
}

/**
 * What differs between two states, unless it is much: then it ends as soon as that is known.
 * @returns `undefined` if more than `most` entries differ.
 */
export async function fewDifferences(
  reader: MapReader,
  a: State,
  b: State,
  most: number,
): Promise<AsyncGenerator<Difference> | undefined> {
  const sides = await differingVisible(reader, a, b, most);
  return sides === undefined ? undefined : nameDifferences(reader, a, b, sides, () => true);
}

async function* nameDifferences(
  reader: MapReader,
  a: State,
  b: State,
  sides: DifferingEntries,
  only: (before: Entry | undefined, after: Entry | undefined) => boolean,
): AsyncGenerator<Difference> {
  const nameBefore = createPathNamer(viewState(reader, a));
  const nameAfter = createPathNamer(viewState(reader, b));
  for (const both of sides.values()) {
    const before = both.a !== undefined && isLive(both.a) ? both.a : undefined;
    const after = both.b !== undefined && isLive(both.b) ? both.b : undefined;
    if (!only(before, after)) continue;
    if (before === undefined && after === undefined) continue;
    if (before === undefined && after !== undefined) {
      const path = await nameAfter(after);
      yield { type: "added", kind: after.kind, path, before, after };
    } else if (before !== undefined && after === undefined) {
      const path = await nameBefore(before);
      yield { type: "removed", kind: before.kind, path, before, after };
    } else if (before !== undefined && after !== undefined) {
      if (!equalBytes(before.parent, after.parent) || before.name !== after.name) {
        const [from, path] = [await nameBefore(before), await nameAfter(after)];
        yield { type: "moved", kind: after.kind, path, from, before, after };
      }
      if (!sameContent(before, after)) {
        const path = await nameAfter(after);
        yield { type: "changed", kind: after.kind, path, before, after };
      }
    }
  }
}

function sameContent(a: Entry, b: Entry): boolean {
  const [shownA, shownB] = [shownContent(a), shownContent(b)];
  if (shownA === undefined || shownB === undefined) return shownA === shownB;
  // A purge of something else may have sealed its record anew.
  const isSame =
    compareStamps(shownA.stamp, shownB.stamp) === 0 || compareBytes(shownA.link, shownB.link) === 0;
  return isSame && a.content.length === b.content.length;
}

/** Whether one of some changes made the difference, in part at least. @param is - which are meant */
export function bearsStamp(entry: Entry | undefined, is: (stamp: Stamp) => boolean): boolean {
  if (entry === undefined) return false;
  return (
    is(entry.at) ||
    entry.content.some((content) => is(content.stamp)) ||
    entry.live.some(is) ||
    entry.gone?.some(is) === true
  );
}
