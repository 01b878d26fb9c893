// Devices that are taken out, each with a cut: the last heads of its writers that count. Who hears of
// it takes nothing later from them; what others took before they heard stays. Several may take out the
// same device, who do not know of each other: then what all of them let stand counts.
import { toBinaryString } from "../../../src/node/core/bytes.ts";
import { pick } from "../../blocks/random.ts";
import type { Cut, Device, Head } from "./device.ts";
import { type Event, holds, type Seen } from "./events.ts";
import type { World } from "./world.ts";

/** The devices that are out by what anybody says. */
export function takenOut({ devices }: World): Set<string> {
  return new Set(devices.flatMap(({ cuts }) => [...cuts.keys()]));
}

/** One device takes out another, by the last heads that it knows; two at least stay. */
export function takeOut(world: World): void {
  const { devices, random } = world;
  const out = takenOut(world);
  const isIn = ({ owner }: Device): boolean => !out.has(owner);
  const revoker = pick(random, devices);
  const subject = pick(random, devices);
  const staying = new Set(devices.filter(isIn).map(({ owner }) => owner));
  staying.delete(subject.owner);
  // A copy that does not know what it is would first have to learn under which id it speaks.
  const mayNot = revoker.fork !== undefined || revoker.owner === subject.owner;
  if (mayNot || staying.size < 2 || revoker.cuts.has(subject.owner)) return;
  const cut = new Map<string, Head>();
  for (const [writer, known] of revoker.known) {
    if (world.owners.get(writer) !== subject.owner || known?.head === undefined) continue;
    cut.set(writer, known.head);
  }
  hearOf(world, revoker, subject.owner, cut);
  world.counts.takenOut++;
  const named = [...cut.values()].map(({ seq }) => seq.toString());
  world.say(`${revoker.name} takes out ${subject.owner}, at ${named.join(" and ") || "nothing"}`);
}

/** A device learns what another one knows of who is out. */
export function hearAll(world: World, device: Device, other: Device): void {
  for (const [owner, cuts] of other.cuts) {
    for (const cut of cuts) hearOf(world, device, owner, cut);
  }
}

function hearOf(world: World, device: Device, owner: string, cut: Cut): void {
  const known = device.cuts.get(owner) ?? [];
  if (known.includes(cut)) return;
  world.entered |= device.seen & eventsOf(world, owner);
  device.cuts.set(owner, [...known, cut]);
  for (const [writer, whose] of world.owners) {
    if (whose === owner) device.known.set(writer, undefined);
  }
}

/**
 * A device forgets what it had taken of those who are out, of whom it had not heard: others may have
 * that from it, and keep it.
 */
export function noteEntered(world: World, device: Device): void {
  for (const owner of takenOut(world)) {
    if (!device.cuts.has(owner)) world.entered |= device.seen & eventsOf(world, owner);
  }
}

function eventsOf(world: World, owner: string): Seen {
  return world.checker.oracle.events
    .filter((event) => world.ownerOf(event) === owner)
    .reduce((all, { index }) => all | (1n << BigInt(index)), 0n);
}

/** Whether a device takes what another one tells last. */
export function counts(device: Device, other: Device): boolean {
  const cuts = device.cuts.get(other.owner);
  if (cuts === undefined) return true;
  const { head } = other;
  return head !== undefined && letStand(cuts, toBinaryString(other.writer), head);
}

function letStand(cuts: readonly Cut[], writer: string, head: Head): boolean {
  return cuts.every((cut) => reaches(cut.get(writer), head));
}

function reaches(from: Head | undefined, head: Head): boolean {
  for (let at = from; at !== undefined; at = at.prev) if (at === head) return true;
  return false;
}

/** The last heads that count of devices that are out, which a device has not seen yet. */
export function missingHeads(device: Device): Head[] {
  return cutHeads(device).filter(({ seen }) => (seen & ~device.seen) !== 0n);
}

/** Those that a cut names and the others let stand. */
export function cutHeads({ cuts }: Device): Head[] {
  return [...cuts.values()].flatMap((of) =>
    of.flatMap((cut) =>
      [...cut].filter(([writer, head]) => letStand(of, writer, head)).map(([, head]) => head),
    ),
  );
}

/** The changes of devices that are out which have no right to be in what a device has seen. */
export function intruders(world: World, device: Device): Event[] {
  const allowed = cutHeads(device).reduce((all, { seen }) => all | seen, world.entered);
  return world.checker.oracle.events.filter(
    (event) =>
      device.cuts.has(world.ownerOf(event)) &&
      holds(device.seen, event) &&
      ((allowed >> BigInt(event.index)) & 1n) === 0n,
  );
}
