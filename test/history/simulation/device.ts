// One copy of a store, and what it knows of the others.

import { toBinaryString } from "../../../src/node/core/bytes.ts";
import { IdMap } from "../../../src/node/core/id-map.ts";
import type { WriterId } from "../../../src/node/core/ids.ts";
import type { Tip } from "../../../src/node/history/tip.ts";
import type { State } from "../../../src/node/tree/state.ts";
import type { VersionVector } from "../../../src/node/tree/version-vector.ts";
import type { Seen } from "./events.ts";

/** A revision with what was seen by it. */
export interface Told {
  readonly tip: Tip;
  readonly seen: Seen;
}

/** A writer's word on its latest revision, as others get it. */
export interface Head extends Told {
  readonly writer: WriterId;
  readonly seq: number;
  readonly prev: Head | undefined;
}

/** What is known of a writer; `undefined`: it is retired, or its device was taken out. */
export type Known = { readonly vv: VersionVector; readonly head: Head | undefined } | undefined;

/** By writer, as a binary string: the last head that counts of a device that was taken out. */
export type Cut = ReadonlyMap<string, Head>;

/** What a store would be restored to. */
export interface Backup extends Told {
  readonly writer: WriterId;
  readonly former: readonly WriterId[];
  readonly ended: ReadonlyMap<string, Head | undefined>;
  readonly head: Head | undefined;
  readonly known: Map<string, Known>;
  readonly cuts: Map<string, readonly Cut[]>;
  readonly lastTime: number;
}

/** What a copy that does not know that it is one had seen when it was made. */
export interface UnknownFork {
  readonly writer: WriterId;
  readonly seen: Seen;
  readonly after: number;
  /** Its stamps have a meaning of their own until it notices. */
  readonly lineage: string;
}

export interface Device {
  name: string;
  /** The device whose store this is, or is a copy of: by it a device is taken out. */
  readonly owner: string;
  writer: WriterId;
  /** As whom it wrote before its clock turned out to have been ahead. */
  former: readonly WriterId[];
  tip: Tip;
  seen: Seen;
  /** What it told last. */
  head: Head | undefined;
  /** What it told last as whom it wrote before, by writer as a binary string. */
  ended: ReadonlyMap<string, Head | undefined>;
  /** By writer, as a binary string. */
  known: Map<string, Known>;
  /** The devices that it knows to be taken out, with what each who did it lets stand. */
  cuts: Map<string, readonly Cut[]>;
  lastTime: number;
  /** By how much its clock is wrong, in milliseconds. */
  skew: number;
  /** What it was at earlier times, to be restored to. */
  readonly backups: Backup[];
  past: State[];
  /** Since when it goes on under a writer id that another copy used: what it had seen then. */
  fork: UnknownFork | undefined;
}

/** What a writer that nobody has heard of is known to have seen. */
export const nothingSeen: Known = { vv: new IdMap(), head: undefined };

/** What every writer that a device takes for active has seen, as far as it knows. */
export function seenByAll(device: Device): VersionVector {
  let all: VersionVector = device.tip.state.vv;
  for (const [writer, known] of device.known) {
    if (known === undefined || writer === toBinaryString(device.writer)) continue;
    const least = new IdMap<WriterId, number>();
    for (const [by, counter] of all) {
      const other = Math.min(counter, known.vv.get(by) ?? 0);
      if (other > 0) least.set(by, other);
    }
    all = least;
  }
  return all;
}
