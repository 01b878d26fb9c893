// Devices that change one drive, with the clock, the chance and the checker that they share.
import { createNodeCache } from "../../../src/node/blocks/node-cache.ts";
import { toBinaryString } from "../../../src/node/core/bytes.ts";
import { asWriterId, shortIdBytes, type WriterId } from "../../../src/node/core/ids.ts";
import type { Stamp } from "../../../src/node/core/stamp.ts";
import { type RevisionSealer, revise, type Tip } from "../../../src/node/history/tip.ts";
import { below, type Random, randomBytes, seeded } from "../../blocks/random.ts";
import { createTestMaps, MemoryBlocks, testKey } from "../../blocks/test-maps.ts";
import { Checker } from "./checker.ts";
import { type Device, nothingSeen } from "./device.ts";
import { createLinks, dayMs, makeFolders } from "./edits.ts";
import { type Event, entryEvents, recordEvents, type Seen } from "./events.ts";
import type { Features } from "./features.ts";

/** How often what happened in a history. */
export interface Counts {
  revisions: number;
  merges: number;
  rebases: number;
  forks: number;
  copies: number;
  forksFound: number;
  purgedAgain: number;
  takenOut: number;
  refusedHeads: number;
  wentOn: number;
}

const noCounts: Counts = {
  revisions: 0,
  merges: 0,
  rebases: 0,
  forks: 0,
  copies: 0,
  forksFound: 0,
  purgedAgain: 0,
  takenOut: 0,
  refusedHeads: 0,
  wentOn: 0,
};

/** A history in the making. */
export class World {
  readonly random: Random;
  readonly features: Features;
  readonly devices: Device[] = [];
  readonly checker: Checker;
  readonly counts: Counts = { ...noCounts };
  readonly sealer: RevisionSealer;
  readonly blocks = new MemoryBlocks();
  readonly newLink = createLinks();
  /** Whose a writer is, by its id as a binary string. */
  readonly owners = new Map<string, string>();
  /** What writers of devices that were taken out had made, and others knew before they heard. */
  entered: Seen = 0n;
  readonly #trace: ((line: string) => void) | undefined;
  #now = 1_000_000 * dayMs;

  private constructor(seed: number, features: Features, trace?: (line: string) => void) {
    this.random = seeded(seed);
    this.features = features;
    this.#trace = trace;
    const { fanoutBits } = features;
    const maps = createTestMaps({ fanoutBits, cacheBytes: 2 ** 28, blocks: this.blocks });
    this.sealer = {
      ...maps,
      cache: createNodeCache(2 ** 28),
      epoch: testKey("an epoch"),
      random: (length) => randomBytes(this.random, length),
    };
    this.checker = new Checker(this.sealer);
  }

  /** Begins a space whose writers all know its first revision. */
  static async begin(
    seed: number,
    features: Features,
    trace?: (line: string) => void,
  ): Promise<World> {
    const world = new World(seed, features, trace);
    const writers = Array.from({ length: features.writers }, (_, i) =>
      world.newWriter(i.toString()),
    );
    const first = writers[0] as WriterId;
    const as = { writer: first, time: world.#now };
    const tip = await revise(world.sealer, world.blocks, undefined, as, async (_, edit) => {
      if (features.manyFolders) await makeFolders(edit);
    });
    const stamp = (tip.revision.change as { stamp: Stamp }).stamp;
    const seen = await world.record(tip, stamp, as.time, undefined, 0n);
    const known = new Map(writers.map((writer) => [toBinaryString(writer), nothingSeen]));
    for (const [i, writer] of writers.entries()) {
      const name = i.toString();
      world.devices.push({
        name,
        owner: name,
        writer,
        former: [],
        tip,
        seen,
        head: undefined,
        ended: new Map(),
        known: new Map(known),
        cuts: new Map(),
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

  /** What a device's clock shows. */
  clockOf({ skew }: Device): number {
    return this.#now + skew;
  }

  /** The time by a device's clock, which never falls for it. */
  timeOf(device: Device): number {
    device.lastTime = Math.max(device.lastTime, this.clockOf(device));
    return device.lastTime;
  }

  say(line: string): void {
    this.#trace?.(line);
  }

  newWriter(owner: string): WriterId {
    const writer = asWriterId(randomBytes(this.random, shortIdBytes));
    this.owners.set(toBinaryString(writer), owner);
    return writer;
  }

  /** Whose device made a change. */
  ownerOf({ stamp }: Event): string {
    return this.owners.get(toBinaryString(stamp.writer)) as string;
  }

  /** Two devices at random, the second another than the first. */
  pickTwo(): [Device, Device] {
    const first = below(this.random, this.devices.length);
    const second = (first + 1 + below(this.random, this.devices.length - 1)) % this.devices.length;
    return [this.devices[first] as Device, this.devices[second] as Device];
  }

  /** Remembers a change by what it made of the tip before. @returns what was seen with it. */
  async record(
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
    oracle.add({
      index,
      stamp,
      past,
      time,
      entries: entryEvents(before, after, stamp, (id) => oracle.on(id, past).length > 0),
      ...recordEvents(before, after, stamp, (by) => oracle.find(by, past)),
      isUnlogged: false,
    });
    this.counts.revisions++;
    return past | (1n << BigInt(index));
  }

  /** A device says a head of what it has. */
  tell(device: Device): void {
    const { tip, seen, writer, head: prev } = device;
    device.head = { writer, seq: 1 + (prev?.seq ?? 0), prev, tip, seen };
  }

  /** A device keeps a tip and tells it; now and then a backup is made. */
  keep(device: Device, tip: Tip): void {
    device.tip = tip;
    if (device.fork !== undefined) return;
    this.tell(device);
    const { seen, writer } = device;
    if (this.random() >= 0.3) return;
    const { lastTime, head, ended, known, cuts, former } = device;
    const copies = { known: new Map(known), cuts: new Map(cuts) };
    device.backups.push({ writer, former, ended, tip, seen, head, lastTime, ...copies });
  }
}
