import { hasSameContent } from "../../blocks/content/next-record.ts";
import type { VersionRecord } from "../../blocks/record.ts";
import { toHex } from "../../core/bytes.ts";
import { compareStamps, type Stamp } from "../../core/stamp.ts";
import { type Version, versionsOf } from "../../history/timeline.ts";
import type { Tip } from "../../history/tip.ts";
import type { Entry } from "../../tree/entry.ts";
import { soundRecord } from "../describe.ts";
import type { SpaceParts } from "../space-parts.ts";

/** Beyond so many earlier versions nobody looks for the one that came back. */
const mostCompared = 200;

/**
 * Which earlier version of a file came back by a later one. No block says it: it is told by the
 * content, so also where somebody has typed the same again. Across a change of the space's secret
 * equal contents of more than one chunk are not known for equal.
 */
export interface Restores {
  /**
   * @param stamp - of a version of the entry.
   * @returns when the version was written whose content that one has, if anything stood in between,
   * or the file was removed in between; `undefined`: it brought none back.
   */
  readonly by: (entry: Entry, stamp: Stamp) => Promise<number | undefined>;
  /** When a version of the entry was written; `undefined` if it is not kept. */
  readonly written: (entry: Entry, stamp: Stamp) => Promise<number | undefined>;
}

interface Known {
  /** Oldest first. */
  readonly versions: readonly Version[];
  readonly records: Map<Version, VersionRecord | undefined>;
}

/** Reads each record once, for as long as the answer is kept. */
export function newRestores({ space, content }: SpaceParts, tip: Tip): Restores {
  const entries = new Map<string, Known>();

  const know = async (entry: Entry): Promise<Known> => {
    const key = toHex(entry.id);
    const known = entries.get(key) ?? {
      versions: await versionsOf(space.sealer, tip, entry),
      records: new Map<Version, VersionRecord | undefined>(),
    };
    entries.set(key, known);
    return known;
  };
  const recordOf = async ({ records }: Known, version: Version) => {
    if (!records.has(version))
      records.set(version, await soundRecord(content, version.link, "newer"));
    return records.get(version);
  };

  return {
    written: async (entry, stamp) => {
      const { versions } = await know(entry);
      return versions.find((each) => compareStamps(each.stamp, stamp) === 0)?.time;
    },
    by: async (entry, stamp) => {
      const known = await know(entry);
      const at = known.versions.findIndex((each) => compareStamps(each.stamp, stamp) === 0);
      const version = known.versions[at];
      const record = version && at > 0 ? await recordOf(known, version) : undefined;
      if (record === undefined || record.size === 0) return undefined;
      let isOther = false;
      for (const earlier of known.versions.slice(Math.max(0, at - mostCompared), at).reverse()) {
        const before = await recordOf(known, earlier);
        if (before === undefined || !hasSameContent(record, before)) {
          isOther = true;
          continue;
        }
        return isOther || wasRemoved(entry, earlier.stamp, stamp) ? earlier.time : undefined;
      }
      return undefined;
    },
  };
}

function wasRemoved({ gone = [] }: Entry, after: Stamp, before: Stamp): boolean {
  return gone.some((each) => compareStamps(after, each) < 0 && compareStamps(each, before) < 0);
}
