import type { EncodedRecordLink } from "../../../src/node/blocks/link.ts";
// What happened, apart from how states keep it: who changed what, having seen what.
import { toBinaryString } from "../../../src/node/core/bytes.ts";
import type { EntryId } from "../../../src/node/core/ids.ts";
import {
  compareStamps,
  decodeStamp,
  type Stamp,
  stampBytes,
} from "../../../src/node/core/stamp.ts";
import { parseLogKey } from "../../../src/node/history/revision.ts";
import type { Entry, EntryKind } from "../../../src/node/tree/entry.ts";
import { type RecordMap, recordMaps, type Snapshot } from "./snapshot.ts";

/** A set of events: bit i stands for event i. */
export type Seen = bigint;

/** Whether a set holds an event. */
export function holds(seen: Seen, event: Event): boolean {
  return ((seen >> BigInt(event.index)) & 1n) === 1n;
}

/** What one change did to one entry, by its net effect. */
export interface EntryEvent {
  readonly id: string;
  readonly kind: EntryKind;
  readonly place?: { readonly parent: EntryId; readonly name: string };
  /** The link that it put. */
  readonly put?: EncodedRecordLink;
  /** It set `live`. */
  readonly lives?: boolean;
  /** It removed the entry. */
  readonly removes?: boolean;
  /** It stands as a removal and took no life: a rebase's. */
  readonly marks?: boolean;
  /** It took the entry out altogether. */
  readonly purges?: boolean;
  /**
   * It said the entry anew: of what went before, only the contents that these events put stay, and
   * no removal.
   */
  readonly resets?: ReadonlySet<Event>;
}

/** A record of `versions`, `log` or `tags`, whatever its stamp is called now. */
export interface RecordEvent {
  readonly map: RecordMap;
  /** Its key without the stamp; of the log: empty. */
  readonly prefix: string;
  /** The change that inserted it. */
  readonly inserter: Event;
}

/** One stamped revision. */
export interface Event {
  readonly index: number;
  /** Becomes another one if a forked copy gets a new writer id. */
  stamp: Stamp;
  /** What its writer had seen, itself left out. */
  readonly past: Seen;
  readonly time: number;
  readonly entries: ReadonlyMap<string, EntryEvent>;
  readonly inserts: readonly { map: RecordMap; prefix: string; value: string }[];
  readonly removals: readonly RecordEvent[];
  readonly rewrites: readonly (RecordEvent & { value: string })[];
  /** Its log record was left out when the fork that it belongs to was told anew. */
  isUnlogged: boolean;
}

/** A stamp as text. */
export function stampName({ counter, writer }: Stamp): string {
  return `${counter.toString()}@${toBinaryString(writer)}`;
}

export function sameStamp(a: Stamp, b: Stamp): boolean {
  return compareStamps(a, b) === 0;
}

/** The stamp and the rest of a record's key. */
export function splitRecordKey(map: RecordMap, key: string): { prefix: string; stamp: Stamp } {
  const bytes = Uint8Array.from(key, (character) => character.charCodeAt(0));
  if (map === "log") return { prefix: "", stamp: parseLogKey(bytes) };
  const end = bytes.length - stampBytes;
  return { prefix: key.slice(0, end), stamp: decodeStamp(bytes, end) };
}

/** What a change did to the entries, read from the states before and after it. */
export function entryEvents(
  before: Snapshot,
  after: Snapshot,
  stamp: Stamp,
  wasThere: (id: string) => boolean,
): Map<string, EntryEvent> {
  const events = new Map<string, EntryEvent>();
  for (const id of new Set([...before.entries.keys(), ...after.entries.keys()])) {
    const [old, next] = [before.entries.get(id), after.entries.get(id)];
    if (next === undefined) {
      events.set(id, { id, kind: (old as Entry).kind, purges: true });
      continue;
    }
    const event = entryEvent(id, old, next, stamp, wasThere(id));
    if (Object.keys(event).length > 2) events.set(id, event);
  }
  return events;
}

function entryEvent(
  id: string,
  old: Entry | undefined,
  next: Entry,
  stamp: Stamp,
  wasThere: boolean,
): EntryEvent {
  const isNow = (other: Stamp): boolean => sameStamp(other, stamp);
  const put = next.content.find((content) => isNow(content.stamp));
  return {
    id,
    kind: next.kind,
    ...(isNow(next.at) ? { place: { parent: next.parent, name: next.name } } : {}),
    ...(put === undefined ? {} : { put: put.link }),
    ...(next.live.some(isNow) ? { lives: true } : {}),
    ...(next.gone?.some(isNow) === true ? { removes: true } : {}),
    // An id that was purged before begins again.
    ...(old === undefined && wasThere ? { resets: new Set<Event>() } : {}),
  };
}

/** What a change did to the records, read from before and after. */
export function recordEvents(
  before: Snapshot,
  after: Snapshot,
  stamp: Stamp,
  find: (stamp: Stamp) => Event,
): Pick<Event, "inserts" | "removals" | "rewrites"> {
  const inserts: Event["inserts"][number][] = [];
  const removals: RecordEvent[] = [];
  const rewrites: Event["rewrites"][number][] = [];
  for (const map of recordMaps) {
    for (const [key, value] of after[map]) {
      const old = before[map].get(key);
      if (old === value) continue;
      const { prefix, stamp: by } = splitRecordKey(map, key);
      if (old !== undefined) rewrites.push({ map, prefix, inserter: find(by), value });
      else if (sameStamp(by, stamp)) inserts.push({ map, prefix, value });
      else throw new Error(`a record of ${map} came without its change`);
    }
    for (const key of before[map].keys()) {
      if (after[map].has(key)) continue;
      const { prefix, stamp: by } = splitRecordKey(map, key);
      removals.push({ map, prefix, inserter: find(by) });
    }
  }
  return { inserts, removals, rewrites };
}
