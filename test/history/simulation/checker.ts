// Holds every revision of a history against the oracle.
import assert from "node:assert/strict";
import type { MapReader } from "../../../src/node/blocks/sealed-map.ts";
import { toBinaryString, toHex } from "../../../src/node/core/bytes.ts";
import { rootId } from "../../../src/node/core/ids.ts";
import type { Stamp } from "../../../src/node/core/stamp.ts";
import { checkVersions } from "../../../src/node/history/check-versions.ts";
import type { Tip } from "../../../src/node/history/tip.ts";
import { checkState } from "../../../src/node/tree/check-state.ts";
import { type Entry, isHusk } from "../../../src/node/tree/entry.ts";
import type { State } from "../../../src/node/tree/state.ts";
import { viewState } from "../../../src/node/tree/state-view.ts";
import type { VersionVector } from "../../../src/node/tree/version-vector.ts";
import { readAll, scratch, scratchDigest } from "../../tree/test-trees.ts";
import {
  type EntryEvent,
  type Event,
  holds,
  type Seen,
  sameStamp,
  splitRecordKey,
  stampName,
} from "./events.ts";
import { Oracle } from "./oracle.ts";
import { fingerprint, recordMaps, type Snapshot, showVector, takeSnapshot } from "./snapshot.ts";

const nothing: Snapshot = {
  entries: new Map(),
  state: { tree: new Map(), removed: new Map(), folders: new Map(), loose: new Map() },
  versions: new Map(),
  log: new Map(),
  tags: new Map(),
  names: new Map(),
};

/** One side of a rebase. */
interface RebaseSide {
  readonly seen: Seen;
  readonly floor: VersionVector;
}

export class Checker {
  readonly oracle = new Oracle();
  /** How often the states that were checked held what is rare. */
  readonly counts = { cycles: 0, withoutFolder: 0, ghosts: 0, husks: 0, conflicts: 0, purged: 0 };
  /** The revision that all began with. */
  first: Tip | undefined;
  readonly #reader: MapReader;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #byVector = new Map<string, { print: string; seen: Seen }>();

  constructor(reader: MapReader) {
    this.#reader = reader;
  }

  async snapshot(tip: Tip | undefined): Promise<Snapshot> {
    if (tip === undefined) return nothing;
    this.first ??= tip;
    const name = toHex(tip.link.id);
    const known = this.#snapshots.get(name);
    if (known !== undefined) return known;
    const taken = await takeSnapshot(this.#reader, tip);
    const view = viewState(this.#reader, tip.state);
    for await (const problem of checkState(this.#reader.primitives, view, tip.state.digest)) {
      assert.fail(problem);
    }
    for await (const problem of checkVersions(this.#reader, tip)) assert.fail(problem);
    this.#snapshots.set(name, taken);
    return taken;
  }

  /**
   * Checks a tip against all that was seen with it.
   * @param lineage - parts forked copies, whose stamps have two meanings, from the others.
   */
  async check(tip: Tip, seen: Seen, lineage: string): Promise<void> {
    const snapshot = await this.snapshot(tip);
    assert.deepEqual(
      new Map(sorted([...tip.state.vv].map(([by, seen]) => [toBinaryString(by), seen] as const))),
      new Map(sorted(this.oracle.vector(seen))),
      "vv",
    );
    this.#checkPlacement(tip.state, snapshot);
    this.#count(snapshot);
    this.#checkEntries(snapshot, seen);
    const records = this.oracle.records(seen);
    for (const map of recordMaps) {
      assert.deepEqual(sorted(snapshot[map]), sorted(records[map]), `the ${map} map`);
    }
    const vector = `${lineage} ${showVector(tip.state.vv)}`;
    const print = fingerprint(tip);
    const known = this.#byVector.get(vector);
    assert.equal(known?.print ?? print, print, "equal vectors, different states");
    this.#byVector.set(vector, { print, seen });
  }

  /** Forgets what was seen with changes that are lost for good. */
  forget(lost: (event: Event) => boolean): void {
    const gone = this.oracle.events.filter(lost);
    for (const [vector, { seen }] of this.#byVector) {
      if (gone.some((event) => holds(seen, event))) this.#byVector.delete(vector);
    }
  }

  /** Checks a state alone. */
  async checkState(state: State, seen: Seen): Promise<void> {
    const read = await readAll(viewState(this.#reader, state));
    this.#checkPlacement(state, read);
    this.#checkEntries(read, seen);
  }

  #checkPlacement(
    { digest }: State,
    { entries, state }: Pick<Snapshot, "entries" | "state">,
  ): void {
    const expected = scratch(entries);
    for (const map of ["tree", "removed", "folders", "loose"] as const) {
      assert.deepEqual(sorted(state[map]), sorted(expected[map]), `placement from nothing: ${map}`);
    }
    assert.deepEqual(digest, scratchDigest(state), "digest");
    const root = toBinaryString(rootId);
    const above = new Map([...state.tree.keys()].map((key) => [key.slice(-16), key.slice(0, 16)]));
    for (const id of above.keys()) {
      const seen = new Set<string>();
      for (let at = id; at !== root; ) {
        assert.ok(!seen.has(at), "a cycle");
        seen.add(at);
        const parent = above.get(at);
        assert.ok(parent !== undefined, "an orphan");
        at = parent;
      }
    }
  }

  #count({ entries, state }: Snapshot): void {
    const { counts } = this;
    for (const key of state.loose.keys()) {
      if (entries.has(key.slice(0, 16))) counts.cycles++;
      else counts.withoutFolder++;
    }
    for (const key of state.removed.keys()) {
      const entry = entries.get(key.slice(-16));
      if (entry !== undefined && isHusk(entry)) counts.husks++;
    }
    for (const key of state.tree.keys()) {
      const entry = entries.get(key.slice(-16));
      if (entry?.live.length === 0) counts.ghosts++;
      if ((entry?.content.length ?? 0) > 1) counts.conflicts++;
    }
  }

  #checkEntries({ entries }: Pick<Snapshot, "entries">, seen: Seen): void {
    const ids = this.oracle.ids(seen);
    for (const id of entries.keys()) assert.ok(ids.includes(id), "an entry of nobody");
    for (const id of ids) {
      const expected = this.oracle.entry(id, seen);
      if (expected === undefined) this.counts.purged++;
      assert.deepEqual(show(entries.get(id)), show(expected), "an entry");
    }
  }

  /** Remembers a rebase, having checked what it made of what one side had purged. */
  async recordRebase(
    tip: Tip,
    stamp: Stamp,
    time: number,
    own: RebaseSide,
    other: RebaseSide,
  ): Promise<Seen> {
    const { oracle } = this;
    const { entries, versions, log } = await this.snapshot(tip);
    const past = own.seen | other.seen;
    const events = new Map<string, EntryEvent>();
    for (const id of oracle.ids(past)) {
      const effect = this.#rebaseEvent(id, entries.get(id), stamp, own, other);
      if (effect !== undefined) events.set(id, effect);
    }
    const inserts: Event["inserts"][number][] = [];
    for (const [map, records] of [
      ["versions", versions],
      ["log", log],
    ] as const) {
      for (const [key, value] of records) {
        const { prefix, stamp: by } = splitRecordKey(map, key);
        if (sameStamp(by, stamp)) inserts.push({ map, prefix, value });
      }
    }
    const index = oracle.events.length;
    const event: Event = {
      index,
      stamp,
      past,
      time,
      entries: events,
      inserts,
      removals: [],
      rewrites: [],
      isUnlogged: false,
    };
    oracle.add(event);
    return past | (1n << BigInt(index));
  }

  #rebaseEvent(
    id: string,
    entry: Entry | undefined,
    stamp: Stamp,
    own: RebaseSide,
    other: RebaseSide,
  ): EntryEvent | undefined {
    const { oracle } = this;
    const past = own.seen | other.seen;
    const [inOwn, inOther] = [oracle.entry(id, own.seen), oracle.entry(id, other.seen)];
    const full = oracle.hiddenEntry(id, past);
    if (full === undefined) {
      assert.equal(entry, undefined, "a rebase kept what a copy made and purged by itself");
      return undefined;
    }
    const [has, lacks] = inOwn === undefined ? [other, own] : [own, other];
    const isSingle = (inOwn === undefined) !== (inOther === undefined);
    const done = oracle.on(id, has.seen);
    const purges = done.filter(({ effect }) => effect.purges === true);
    // What a purge had seen is gone with it, whoever else purged the rest.
    const isPurged = (event: Event): boolean =>
      purges.some((purge) => purge.event === event || holds(purge.event.past, event));
    const unseen = done.filter(({ event }) => !isPurged(event) && !holds(lacks.seen, event));
    if (entry === undefined) {
      assert.ok(inOwn === undefined || inOther === undefined, "a rebase dropped what both had");
      assert.ok(!isSingle || unseen.length === 0, "a rebase dropped what one side had not seen");
      if (inOwn !== undefined || inOther !== undefined) {
        assert.equal(full.live.length, 0, "a rebase dropped something alive");
      }
      return { id, kind: full.kind, purges: true };
    }
    assert.ok(
      isSingle || (inOwn ?? inOther) !== undefined,
      "a rebase brought back what both purged",
    );
    const held = inOwn ?? inOther;
    if (held === undefined || !sameStamp(entry.at, stamp)) return undefined;
    assert.ok(isSingle, "a rebase said anew what both sides had");
    const kept = oracle
      .contents(id, has.seen)
      .map(({ event }) => event)
      .filter((event) => !holds(lacks.seen, event));
    const shown = held.content.at(-1);
    return {
      id,
      kind: entry.kind,
      place: { parent: held.parent, name: held.name },
      marks: true,
      resets: new Set(kept),
      ...(kept.length > 0 || shown === undefined ? {} : { put: shown.link }),
    };
  }
}

function sorted<Value>(map: Iterable<readonly [string, Value]>): (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** An entry as text that a person can compare. */
function show(entry: Entry | undefined): unknown {
  if (entry === undefined) return "absent";
  return {
    id: toHex(entry.id).slice(0, 8),
    kind: entry.kind,
    parent: toHex(entry.parent).slice(0, 8),
    name: entry.name,
    at: stampName(entry.at),
    content: entry.content.map(
      ({ stamp, link }) => `${stampName(stamp)} ${toHex(link).slice(2, 10)}`,
    ),
    live: entry.live.map(stampName),
    gone: (entry.gone ?? []).map(stampName),
  };
}
