import { toBinaryString } from "../core/bytes.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { holdsClaim, type PseudonymClaim } from "./device-keys.ts";
import type { EpochReader } from "./epoch-keys.ts";
import type { DeviceList } from "./lists/device-list.ts";
import type { Roster } from "./lists/roster.ts";

/**
 * The devices to which a new epoch of the account's own drive is boxed: those in its roster, each by
 * the recipient that the device list has of the device that claims the pseudonym.
 * @param claims - of the epoch before and of who is new; those that do not hold are passed over.
 * @returns without the words' own reader.
 */
export function deviceReaders(
  primitives: Primitives,
  roster: Roster,
  list: DeviceList,
  claims: readonly PseudonymClaim[],
): EpochReader[] {
  const readers = new Map<string, EpochReader>();
  for (const claim of claims) {
    const pseudonym = toBinaryString(claim.pseudonym);
    const device = list.standing.present.get(toBinaryString(claim.device));
    if (device === undefined || !roster.standing.present.has(pseudonym)) continue;
    if (!holdsClaim(primitives, claim, roster.founding.nonce)) continue;
    readers.set(pseudonym, { to: claim.pseudonym, recipient: device.receive });
  }
  return [...readers.values()];
}

/** All who may read the epochs of a space: pseudonyms and the override key, for `currentEpoch`. */
export function mayRead(roster: Roster): ReadonlySet<string> {
  return new Set([...roster.standing.present.keys(), toBinaryString(roster.root)]);
}
