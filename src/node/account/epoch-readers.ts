import { IdMap, IdSet, type ReadonlyIdSet } from "../core/id-map.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { PublicKey } from "../crypto/sign.ts";
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
  const readers = new IdMap<PublicKey, EpochReader>();
  for (const claim of claims) {
    const device = list.standing.present.get(claim.device);
    if (device === undefined || !roster.standing.present.has(claim.pseudonym)) continue;
    if (!holdsClaim(primitives, claim, roster.founding.nonce)) continue;
    readers.set(claim.pseudonym, { to: claim.pseudonym, recipient: device.receive });
  }
  return [...readers.values()];
}

/** All who may read the epochs of a space: pseudonyms and the override key, for `currentEpoch`. */
export function mayRead(roster: Roster): ReadonlyIdSet<PublicKey> {
  return new IdSet([...roster.standing.present.keys(), roster.root]);
}
