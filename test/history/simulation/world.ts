// Devices that change one drive, copy their stores, and tell each other.
import assert from "node:assert/strict";
import { createNodeCache } from "../../../src/node/blocks/node-cache.ts";
import { toBinaryString, toHex } from "../../../src/node/core/bytes.ts";
import { asWriterId, shortIdBytes, type WriterId } from "../../../src/node/core/ids.ts";
import { type Stamp, showStamp } from "../../../src/node/core/stamp.ts";
import { canJoin } from "../../../src/node/history/join.ts";
import {
  type Received,
  receive,
  tellAnew,
  type Written,
} from "../../../src/node/history/receive.ts";
import {
  RevisionDraft,
  type RevisionWriter,
  revise,
  type Tip,
} from "../../../src/node/history/tip.ts";
import type { State } from "../../../src/node/tree/state.ts";
import {
  joinVectors,
  nextStamp,
  type VersionVector,
  vectorAtMost,
} from "../../../src/node/tree/version-vector.ts";
import { below, pick, type Random, randomBytes, seeded } from "../../blocks/random.ts";
import { createTestMaps, MemoryBlocks, testKey } from "../../blocks/test-maps.ts";
import { Checker } from "./checker.ts";
import { createLinks, dayMs, makeFolders, randomEdit } from "./edits.ts";
import { type Event, entryEvents, holds, recordEvents, type Seen } from "./events.ts";

/** What may happen in a history besides edits. */
export interface Features {
  readonly writers: number;
  readonly steps: number;
  readonly fanoutBits: number;
  /** Versions and log records are let go of. */
  readonly retention: boolean;
  /** Removed entries are purged, and paths out of all history. */
  readonly purges: boolean;
  /** Stores are restored from old copies, or copied. */
  readonly copies: boolean;
  /** Copies may go on for a while before they notice. */
  readonly forks: boolean;
  /** Mostly folders are made and moved, so that cycles come about. */
  readonly manyFolders: boolean;
  /** Whether the one that is ahead may rebase too. */
  readonly anyRebases: boolean;
}

/** One copy of a store. */
interface Device {
  name: string;
  writer: WriterId;
  tip: Tip;
  seen: Seen;
  /** What is known of the writers, by id as a binary string; `undefined`: retired. */
  heads: Map<string, VersionVector | undefined>;
  lastTime: number;
  readonly skew: number;
  /** What it was at earlier times, to be restored to. */
  readonly backups: Backup[];
  past: State[];
  /** Since when it goes on under a writer id that another copy used: what it had seen then. */
  fork: UnknownFork | undefined;
}

/** What a copy that does not know that it is one had seen when it was made. */
interface UnknownFork {
  readonly seen: Seen;
  readonly after: number;
  /** Its stamps have a meaning of their own until it notices. */
  readonly lineage: string;
}

interface Backup {
  readonly writer: WriterId;
  readonly tip: Tip;
  readonly seen: Seen;
  readonly heads: Map<string, VersionVector | undefined>;
  readonly lastTime: number;
}

/** Counts of what happened in a history. */
export interface Counts {
  revisions: number;
  merges: number;
  rebases: number;
  forks: number;
  copies: number;
  forksFound: number;
  purgedAgain: number;
}

const noStep = (): Promise<void> => Promise.resolve();

/** A history in the making. */
export class World {
  readonly random: Random;
  readonly features: Features;
  readonly devices: Device[] = [];
  readonly checker: Checker;
  readonly counts: Counts = {
    revisions: 0,
    merges: 0,
    rebases: 0,
    forks: 0,
    copies: 0,
    forksFound: 0,
    purgedAgain: 0,
  };
  readonly writer: RevisionWriter;
  readonly blocks = new MemoryBlocks();
  readonly #newLink = createLinks();
  readonly #trace: ((line: string) => void) | undefined;
  #now = 1_000_000 * dayMs;

  private constructor(seed: number, features: Features, trace?: (line: string) => void) {
    this.random = seeded(seed);
    this.features = features;
    this.#trace = trace;
    const { fanoutBits } = features;
    const maps = createTestMaps({ fanoutBits, cacheBytes: 2 ** 28, blocks: this.blocks });
    this.writer = {
      ...maps,
      cache: createNodeCache(2 ** 28),
      epoch: testKey("an epoch"),
      random: (length) => randomBytes(this.random, length),
    };
    this.checker = new Checker(this.writer);
  }

  /** Begins a space whose writers all know its first revision. */
  static async begin(
    seed: number,
    features: Features,
    trace?: (line: string) => void,
  ): Promise<World> {
    const world = new World(seed, features, trace);
    const writers = Array.from({ length: features.writers }, () => world.#newWriter());
    const first = writers[0] as WriterId;
    const as = { writer: first, time: world.#now };
    const tip = await revise(world.writer, world.blocks, undefined, as, async (_, edit) => {
      if (features.manyFolders) await makeFolders(edit);
    });
    const stamp = (tip.revision.change as { stamp: Stamp }).stamp;
    const seen = await world.#record(tip, stamp, as.time, undefined, 0n);
    const heads = new Map(writers.map((writer) => [toBinaryString(writer), new Map()]));
    for (const [i, writer] of writers.entries()) {
      world.devices.push({
        name: i.toString(),
        writer,
        tip,
        seen,
        heads: new Map(heads),
        lastTime: world.#now,
        skew: Math.floor((world.random() - 0.5) * dayMs),
        backups: [],
        past: [],
        fork: undefined,
      });
    }
    return world;
  }

  /** Lets time pass. */
  tick(): void {
    this.#now += Math.floor(this.random() * 0.4 * dayMs);
  }

  #newWriter(): WriterId {
    return asWriterId(randomBytes(this.random, shortIdBytes));
  }

  #say(line: string): void {
    this.#trace?.(line);
  }

  #timeOf(device: Device): number {
    device.lastTime = Math.max(device.lastTime, this.#now + device.skew);
    return device.lastTime;
  }

  /** What every writer that a device takes for active has seen, as far as it knows. */
  #seenByAll(device: Device): VersionVector {
    let all: VersionVector = device.tip.state.vv;
    for (const [writer, head] of device.heads) {
      if (head === undefined || writer === toBinaryString(device.writer)) continue;
      const least = new Map<string, number>();
      for (const [name, counter] of all) {
        const other = Math.min(counter, head.get(name) ?? 0);
        if (other > 0) least.set(name, other);
      }
      all = least;
    }
    return all;
  }

  /** One device changes something. */
  async edit(device: Device): Promise<void> {
    const draft = new RevisionDraft(this.writer, device.tip);
    const edit = draft.edit(nextStamp(draft.state.vv, device.writer));
    const time = this.#timeOf(device);
    const done = await randomEdit({
      random: this.random,
      writer: this.writer,
      putter: this.blocks,
      tip: device.tip,
      draft,
      edit,
      seenByAll: this.#seenByAll(device),
      now: time,
      past: device.past,
      newLink: this.#newLink,
      retention: this.features.retention,
      keepsLog: this.features.copies && this.features.forks,
      purges: this.features.purges,
      manyFolders: this.features.manyFolders,
    });
    if (done.length === 0) return;
    this.#say(`${device.name} ${showStamp(edit.stamp)}: ${done.join(", ")}`);
    const tip = await draft.sealChange(this.blocks, [device.tip], edit, time);
    device.seen = await this.#record(tip, edit.stamp, time, device.tip, device.seen);
    device.past.push(tip.state);
    this.#go(device, tip);
    await this.checker.check(tip, device.seen, device.fork?.lineage ?? "");
  }

  /** Remembers a change by what it made of the tip before. @returns what was seen with it. */
  async #record(
    tip: Tip,
    stamp: Stamp,
    time: number,
    base: Tip | undefined,
    past: Seen,
  ): Promise<Seen> {
    const { oracle } = this.checker;
    const before = await this.checker.snapshot(base);
    const after = await this.checker.snapshot(tip);
    const index = oracle.events.length;
    const event: Event = {
      index,
      stamp,
      past,
      time,
      entries: entryEvents(before, after, stamp, (id) => oracle.on(id, past).length > 0),
      ...recordEvents(before, after, stamp, (by) => oracle.find(by, past)),
      isUnlogged: false,
    };
    oracle.add(event);
    this.counts.revisions++;
    return past | (1n << BigInt(index));
  }

  #go(device: Device, tip: Tip): void {
    device.tip = tip;
    if (device.fork === undefined && this.random() < 0.3) {
      const { seen, lastTime, writer } = device;
      device.backups.push({ writer, tip, seen, heads: new Map(device.heads), lastTime });
    }
  }

  /** A store is put back to what it was, or copied; under a new writer id, at once or later. */
  async copyStore(device: Device): Promise<void> {
    if (device.backups.length === 0 || device.fork !== undefined) return;
    const backup = pick(this.random, device.backups);
    const choice = this.random();
    const isCopy = choice < 0.35 && this.devices.length < this.features.writers + 2;
    const target: Device = isCopy
      ? {
          ...device,
          name: `${device.name}c${this.devices.length.toString()}`,
          backups: [],
          past: [],
        }
      : device;
    if (!isCopy) target.heads.set(toBinaryString(target.writer), undefined);
    const { heads } = target;
    target.writer = backup.writer;
    target.tip = backup.tip;
    target.seen = backup.seen;
    target.lastTime = backup.lastTime;
    target.heads = new Map(backup.heads);
    if (isCopy) this.devices.push(target);
    this.counts.copies++;
    if (this.features.forks && this.random() < 0.5) {
      const after = backup.tip.state.vv.get(toBinaryString(target.writer)) ?? 0;
      const lineage = `${target.name}.${this.counts.copies.toString()}`;
      target.fork = { seen: backup.seen, after, lineage };
      // Nor does a copy of what is lost now turn up later: nobody could tell it from the new.
      const kept = target.backups.filter(({ seen }) => seen <= backup.seen);
      target.backups.splice(0, target.backups.length, ...kept);
      this.#say(`${target.name} is an old copy and does not know`);
      return;
    }
    if (!isCopy) {
      for (const [writer, head] of heads) if (head === undefined) target.heads.set(writer, head);
    }
    this.#becomeNewWriter(target, !isCopy);
    this.#say(`${target.name} is an old copy, now ${toHex(target.writer.subarray(0, 4))}`);
    return Promise.resolve();
  }

  #becomeNewWriter(device: Device, retires: boolean): void {
    if (retires) device.heads.set(toBinaryString(device.writer), undefined);
    device.writer = this.#newWriter();
    device.heads.set(toBinaryString(device.writer), new Map());
  }

  /**
   * A copy asks, before it tells anything, whether anyone knows changes under its writer id that it
   * did not write.
   */
  async notice(device: Device): Promise<void> {
    const { fork } = device;
    if (fork === undefined) return;
    const writer = toBinaryString(device.writer);
    const unknown = this.checker.oracle.events.filter(
      (event) => toBinaryString(event.stamp.writer) === writer && !holds(device.seen, event),
    );
    const isKnownTo = ({ seen }: { seen: Seen }): boolean =>
      unknown.some((event) => holds(seen, event));
    const others = this.devices.filter((other) => other !== device);
    const knowing = others.filter((other) => other.fork === undefined && isKnownTo(other));
    if (knowing.length > 0) {
      const other = pick(this.random, knowing);
      this.#learn(device, other);
      const outcome = await this.#take(device, other, other.name);
      assert.equal(outcome, "forked", "a copy does not notice");
    } else if (
      others.some((other) => toBinaryString(other.writer) === writer) ||
      this.devices.some(({ backups }) => backups.some(isKnownTo))
    ) {
      // The other copy has told nobody yet: this one learns from its own instance what it is.
      const first = { tip: this.checker.first as Tip, seen: 1n };
      const time = this.#timeOf(device);
      const as = { writer: device.writer, time, newWriter: () => this.#newWriter(), step: noStep };
      const where = { writer: device.writer, after: fork.after };
      const result = await tellAnew(this.writer, this.blocks, device.tip, first.tip, where, as);
      await this.#becomesAnother(device, fork, first, result, time);
    } else {
      // Nobody will ever know what the copy lost: it is the writer.
      device.fork = undefined;
      this.checker.forget(
        (event) => toBinaryString(event.stamp.writer) === writer && !holds(device.seen, event),
      );
      await this.checker.check(device.tip, device.seen, "");
    }
  }

  /** A copy learns what it is, by another's revision or by its own instance. */
  async #becomesAnother(
    device: Device,
    { seen }: UnknownFork,
    other: { tip: Tip; seen: Seen },
    result: Extract<Received, { outcome: "forked" }>,
    time: number,
  ): Promise<void> {
    const forked = this.checker.oracle.events.filter(
      (event) =>
        holds(device.seen, event) &&
        !holds(seen, event) &&
        toBinaryString(event.stamp.writer) === toBinaryString(device.writer),
    );
    device.writer = result.writer;
    device.heads.set(toBinaryString(device.writer), new Map());
    device.fork = undefined;
    // A store put back to what it was before it noticed would tell its past twice.
    device.backups.length = 0;
    this.counts.forks++;
    this.checker.oracle.forgetPurged(forked);
    for (const event of forked) {
      event.stamp = { counter: event.stamp.counter, writer: device.writer };
      event.isUnlogged = true;
    }
    await this.#rebased(device, other, result, time, "tells its past anew");
  }

  async #rebased(
    device: Device,
    other: { tip: Tip; seen: Seen },
    written: Written,
    time: number,
    what: string,
  ): Promise<void> {
    const tip = written.beneath ?? written.tip;
    const { stamp } = tip.revision.change as { stamp: Stamp };
    this.#say(`${device.name} ${showStamp(stamp)}: ${what}`);
    const sides = [
      { seen: device.seen, floor: device.tip.state.floor },
      { seen: other.seen, floor: other.tip.state.floor },
    ] as const;
    device.seen = await this.checker.recordRebase(tip, stamp, time, ...sides);
    this.counts.rebases++;
    this.counts.revisions++;
    device.past = [];
    await this.checker.check(tip, device.seen, "");
    await this.#purgedAgain(device, written, time);
  }

  /** Keeps a join or rebase, with what was purged again on top of it. */
  async #purgedAgain(device: Device, { tip, beneath }: Written, time: number): Promise<void> {
    if (beneath !== undefined) {
      const { stamp } = tip.revision.change as { stamp: Stamp };
      this.#say(`${device.name} ${showStamp(stamp)}: purges again`);
      device.seen = await this.#record(tip, stamp, time, beneath, device.seen);
      this.counts.purgedAgain++;
      await this.checker.check(tip, device.seen, "");
    }
    this.#go(device, tip);
  }

  /** One device hears from another. */
  async receive(device: Device, other: Device): Promise<void> {
    await this.notice(device);
    if (other.fork !== undefined) await this.notice(other);
    if (this.#leavesToOther(device, other)) return;
    await this.#take(device, other, other.name);
    this.#learn(device, other);
  }

  /** Of two that must rebase the one that is ahead may wait for the other to do it. */
  #leavesToOther({ tip: own }: Device, { tip }: Device): boolean {
    if (vectorAtMost(own.state.vv, tip.state.vv) || vectorAtMost(tip.state.vv, own.state.vv)) {
      return false;
    }
    if (canJoin(own.state, tip.state) !== "b-is-behind") return false;
    return !(this.features.anyRebases && this.random() < 0.3);
  }

  async #take(
    device: Device,
    other: { tip: Tip; seen: Seen },
    from: string,
  ): Promise<Received["outcome"]> {
    const time = this.#timeOf(device);
    const as = { writer: device.writer, time, newWriter: () => this.#newWriter(), step: noStep };
    const result = await receive(this.writer, this.blocks, device.tip, other.tip, as);
    switch (result.outcome) {
      case "kept":
        break;
      case "taken":
        device.seen = other.seen;
        this.#go(device, result.tip);
        break;
      case "joined": {
        device.seen |= other.seen;
        this.counts.merges++;
        this.counts.revisions++;
        this.#say(`${device.name} joins ${from}`);
        await this.checker.check(result.beneath ?? result.tip, device.seen, "");
        await this.#purgedAgain(device, result, time);
        break;
      }
      case "rebased":
        await this.#rebased(device, other, result, time, `rebases with ${from}`);
        break;
      case "forked":
        assert.ok(device.fork !== undefined, "taken for a copy");
        assert.equal(result.fork.after, device.fork.after, "the fork is found");
        this.counts.forksFound++;
        await this.#becomesAnother(device, device.fork, other, result, time);
        break;
      case "differs":
        return assert.fail("equal vectors, different states");
      case "refused":
        throw result.error;
    }
    return result.outcome;
  }

  #learn(device: Device, other: Device): void {
    for (const [writer, head] of other.heads) {
      const known = device.heads.get(writer);
      if (device.heads.has(writer) && known === undefined) continue;
      device.heads.set(
        writer,
        head === undefined ? undefined : joinVectors(known ?? new Map(), head),
      );
    }
    const name = toBinaryString(other.writer);
    if (!device.heads.has(name) || device.heads.get(name) !== undefined) {
      device.heads.set(name, other.tip.state.vv);
    }
  }

  /** Two devices at random, the second another than the first. */
  pickTwo(): [Device, Device] {
    const first = below(this.random, this.devices.length);
    const second = (first + 1 + below(this.random, this.devices.length - 1)) % this.devices.length;
    return [this.devices[first] as Device, this.devices[second] as Device];
  }
}
