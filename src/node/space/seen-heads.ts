import { toBinaryString } from "../core/bytes.ts";
import type { ReadonlyIdMap } from "../core/id-map.ts";
import type { PublicKey } from "../crypto/sign.ts";
import type { SpaceKeys } from "./space-keys.ts";

/** A head of a writer, by what tells who has seen it. */
export interface ChainedAt {
  readonly seq: number;
  /** The writer's counter in the head's revision. */
  readonly counter: number;
}

/** For each device, by its pseudonym, the largest counter of one writer that a head of it covers. */
export type SeenByDevices = ReadonlyIdMap<PublicKey, number>;

/**
 * How much of a writer's chain of heads stays in the store, so that a cut can be followed in it: from
 * the newest back to the last that is older than what all other devices have seen. FORMAT §10.12.
 * @param newest - its seq; alone it stays where there is no other device.
 * @param chain - heads before it whose counters are known, ascending.
 * @param seen - what each other device that may write has seen of the writer; 0: nothing.
 * @returns the lowest seq that stays.
 */
export function keepFrom(
  newest: number,
  chain: readonly ChainedAt[],
  seen: readonly number[],
): number {
  if (seen.length === 0) return newest;
  const seenByAll = Math.min(...seen);
  return chain.findLast(({ counter }) => counter < seenByAll)?.seq ?? 0;
}

/** What the other devices that may write have seen of a space's own writer. */
export function seenByOthers(
  { roster, certificate }: Pick<SpaceKeys, "roster" | "certificate">,
  seen: SeenByDevices,
): number[] {
  const own = toBinaryString(certificate.device);
  return [...roster.standing.present]
    .filter(([device]) => device !== own)
    .map(([, { key }]) => seen.get(key) ?? 0);
}
