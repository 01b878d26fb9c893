import type { EncodedRecordLink } from "../../../src/node/blocks/link.ts";
// What a state must be by true happens-before alone: no vectors, no floors, no joins.

import { toBinaryString } from "../../../src/node/core/bytes.ts";
import { asEntryId } from "../../../src/node/core/ids.ts";
import { compareStamps, encodeStamp, type Stamp } from "../../../src/node/core/stamp.ts";
import { logKey } from "../../../src/node/history/revision.ts";
import type { Entry } from "../../../src/node/tree/entry.ts";
import { type EntryEvent, type Event, holds, type Seen } from "./events.ts";
import type { RecordMap } from "./snapshot.ts";

/** One event on one entry. */
export interface OnEntry {
  readonly event: Event;
  readonly effect: EntryEvent;
}

/** All events of a history, and what they come to. */
export class Oracle {
  readonly events: Event[] = [];
  readonly #byId = new Map<string, OnEntry[]>();

  add(event: Event): void {
    this.events.push(event);
    for (const [id, effect] of event.entries) {
      const list = this.#byId.get(id) ?? [];
      list.push({ event, effect });
      this.#byId.set(id, list);
    }
  }

  /**
   * Forgets what some events did to entries that a later one of them purged: nobody else ever had
   * it.
   */
  forgetPurged(events: readonly Event[]): void {
    for (const purge of events) {
      for (const [id, { purges }] of purge.entries) {
        if (purges !== true) continue;
        const kept = (this.#byId.get(id) ?? []).filter(
          ({ event }) => !events.includes(event) || !holds(purge.past, event),
        );
        this.#byId.set(id, kept);
      }
    }
  }

  /** The ids that any event of a set concerns. */
  ids(seen: Seen): string[] {
    return [...this.#byId]
      .filter(([, on]) => on.some(({ event }) => holds(seen, event)))
      .map(([id]) => id);
  }

  /** The events of a set that concern an entry. */
  on(id: string, seen: Seen): OnEntry[] {
    return (this.#byId.get(id) ?? []).filter(({ event }) => holds(seen, event));
  }

  /** The event of a stamp, as those who have seen `seen` call it. */
  find(stamp: Stamp, seen: Seen): Event {
    const found = this.events.find(
      (event) => holds(seen, event) && compareStamps(event.stamp, stamp) === 0,
    );
    if (found === undefined) throw new Error("a stamp of no change that was seen");
    return found;
  }

  /** The entry that a set of events comes to, dead or alive; `undefined`: it must not be there. */
  entry(id: string, seen: Seen): Entry | undefined {
    const on = this.on(id, seen);
    if (on.length === 0 || isHidden(on)) return undefined;
    return whole(id, on);
  }

  /** The same, whether or not it was purged. */
  hiddenEntry(id: string, seen: Seen): Entry | undefined {
    const on = this.on(id, seen);
    return on.every(({ effect }) => effect.purges === true) ? undefined : whole(id, on);
  }

  /** The events whose contents an entry shows. */
  contents(id: string, seen: Seen): OnEntry[] {
    return contentsOf(this.on(id, seen));
  }

  /** The records that a set of events comes to, by key. */
  records(seen: Seen): Record<RecordMap, Map<string, string>> {
    const found: Record<RecordMap, Map<string, string>> = {
      versions: new Map(),
      log: new Map(),
      tags: new Map(),
      names: new Map(),
    };
    const events = this.events.filter((event) => holds(seen, event));
    for (const event of events) {
      for (const { map, prefix, value } of event.inserts) {
        if (map === "log" && event.isUnlogged) continue;
        found[map].set(recordKey(map, prefix, event.stamp), value);
      }
    }
    const rewritten = [...events].sort((a, b) => compareStamps(a.stamp, b.stamp));
    for (const { rewrites, stamp } of rewritten) {
      // The value ends with the stamp, which another writer's id may have taken since.
      const mark = toBinaryString(encodeStamp(stamp));
      for (const { map, prefix, inserter, value } of rewrites) {
        if (map === "log" && inserter.isUnlogged) continue;
        const marked = value.slice(0, -mark.length) + mark;
        found[map].set(recordKey(map, prefix, inserter.stamp), marked);
      }
    }
    for (const { removals } of events) {
      for (const { map, prefix, inserter } of removals) {
        found[map].delete(recordKey(map, prefix, inserter.stamp));
      }
    }
    return found;
  }

  /** Highest counter of each writer, by the writer's id as a binary string. */
  vector(seen: Seen): Map<string, number> {
    const vector = new Map<string, number>();
    for (const event of this.events) {
      if (!holds(seen, event)) continue;
      const writer = toBinaryString(event.stamp.writer);
      vector.set(writer, Math.max(vector.get(writer) ?? 0, event.stamp.counter));
    }
    return vector;
  }
}

function recordKey(map: RecordMap, prefix: string, stamp: Stamp): string {
  return map === "log"
    ? toBinaryString(logKey(stamp))
    : prefix + toBinaryString(encodeStamp(stamp));
}

/** Whether one change purged the entry, having seen all that was done to it. */
function isHidden(on: readonly OnEntry[]): boolean {
  return on.some(
    (purge) =>
      purge.effect.purges === true &&
      on.every(({ event, effect }) => effect.purges === true || holds(purge.event.past, event)),
  );
}

function isUndone(event: Event, on: readonly OnEntry[], by: (other: OnEntry) => boolean): boolean {
  return on.some((other) => holds(other.event.past, event) && by(other));
}

function contentsOf(on: readonly OnEntry[]): OnEntry[] {
  return on.filter(
    ({ event, effect }) =>
      effect.put !== undefined &&
      !isUndone(event, on, ({ effect: later }) =>
        later.resets === undefined ? later.put !== undefined : !later.resets.has(event),
      ),
  );
}

function whole(id: string, on: readonly OnEntry[]): Entry {
  const byStamp = [...on].sort((a, b) => compareStamps(a.event.stamp, b.event.stamp));
  const placed = byStamp.findLast(({ effect }) => effect.place !== undefined);
  const place = placed?.effect.place;
  if (placed === undefined || place === undefined) throw new Error("an entry was never placed");
  const stampsOf = (some: readonly OnEntry[]): Stamp[] => some.map(({ event }) => event.stamp);
  const live = byStamp.filter(
    ({ event, effect }) =>
      effect.lives === true &&
      !isUndone(
        event,
        on,
        ({ effect: later }) =>
          later.lives === true || later.removes === true || later.purges === true,
      ),
  );
  const gone = byStamp.filter(
    ({ event, effect }) =>
      (effect.removes === true || effect.marks === true) &&
      !isUndone(
        event,
        on,
        ({ effect: later }) => later.removes === true || later.resets !== undefined,
      ),
  );
  return {
    id: asEntryId(Uint8Array.from(id, (character) => character.charCodeAt(0))),
    kind: placed.effect.kind,
    parent: place.parent,
    name: place.name,
    at: placed.event.stamp,
    content: contentsOf(byStamp).map(({ event, effect }) => ({
      stamp: event.stamp,
      link: effect.put as EncodedRecordLink,
    })),
    live: stampsOf(live),
    ...(gone.length === 0 ? {} : { gone: stampsOf(gone) }),
  };
}
