import { decodeHead, type Head, openHead } from "../../account/heads.ts";
import { equalBytes } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import type { ReadonlyIdMap } from "../../core/id-map.ts";
import type { PublicKey } from "../../crypto/sign.ts";
import { readTip } from "../../history/tip.ts";
import { counterOf } from "../../tree/version-vector.ts";
import type { OpenSpace } from "../open-space.ts";
import type { SpaceKeys } from "../space-keys.ts";

/** A head of a writer, by what tells who has seen it. */
export interface ChainedAt {
  readonly seq: number;
  /** The writer's counter in the head's revision. */
  readonly counter: number;
}

/** For each device, by its pseudonym, the largest counter of one writer that a head of it covers. */
export type SeenByDevices = ReadonlyIdMap<PublicKey, number>;

/** Heads below the newest that are opened at most when a space is: more are looked at next time. */
const maxOpened = 1024;

/**
 * How much of a writer's chain of heads stays in the store, so that a cut can be followed in it: from
 * the newest back to the last that is older than what all other devices have seen. FORMAT §12.7.
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
  return [...roster.standing.present.keys()]
    .filter((device) => !equalBytes(device, certificate.device))
    .map((device) => seen.get(device) ?? 0);
}

/**
 * The chain of a space's own writer as far as {@link keepFrom} needs it: from a head back to the last
 * that is older than what all other devices have seen, or that can still be opened.
 * @returns ascending, the head itself among them.
 */
export async function chainUpTo(
  space: OpenSpace,
  newest: Head,
  seen: SeenByDevices,
): Promise<ChainedAt[]> {
  const { store, primitives, keys } = space;
  const others = seenByOthers(keys, seen);
  const seenByAll = others.length === 0 ? Infinity : Math.min(...others);
  const chain: ChainedAt[] = [];
  let head: Head | undefined = newest;
  while (head !== undefined && chain.length < maxOpened) {
    const counter = await counterAt(space, head);
    if (counter === undefined) break;
    chain.unshift({ seq: head.seq, counter });
    // Nothing is older than what has not been seen at all.
    if (counter < seenByAll || seenByAll === 0) break;
    const bytes = store.headRecord(head.prev);
    head = bytes === undefined ? undefined : decodeHead(primitives, bytes);
  }
  return chain;
}

/** The own writer's counter at a head; `undefined` if its revision can't be read any more. */
async function counterAt(space: OpenSpace, head: Head): Promise<number | undefined> {
  const link = openHead(head, space.keys.headKeys);
  if (link === undefined) return undefined;
  try {
    const { state } = await readTip(space.sealer, link);
    return counterOf(state.vv, head.certificate.writer);
  } catch (error) {
    if (isCloudError(error, "damaged", "not-found")) return undefined;
    throw error;
  }
}
