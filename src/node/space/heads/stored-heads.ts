import { admitHead } from "../../account/admit-head.ts";
import { decodeHead, type Head } from "../../account/heads.ts";
import { equalBytes } from "../../core/bytes.ts";
import type { WriterId } from "../../core/ids.ts";
import { isOwn, type OpenSpace } from "../open-space.ts";

/** A head that a store has of a space. */
export interface HeadAtHand {
  readonly writer: WriterId;
  readonly bytes: Uint8Array;
}

/**
 * The heads of a space that may count: the newest of each writer, and of a writer whose device was
 * taken out those that cuts name, as far as the store has them.
 */
export function headsAtHand(space: OpenSpace): HeadAtHand[] {
  const { id, store, keys } = space;
  const heads: HeadAtHand[] = store.heads(id);
  const takenOut = [...keys.roster.standing.revoked.values()];
  const cuts = takenOut.flatMap(({ said }) => said.flatMap((each) => each.cuts));
  for (const { writer, head } of cuts) {
    const bytes = store.headRecord(head);
    if (bytes === undefined || isOwn(space, writer)) continue;
    if (!heads.some((each) => equalBytes(each.bytes, bytes))) heads.push({ writer, bytes });
  }
  return heads;
}

/** Whether a head counts by the roster that is known now; one that does not yet, is held. */
export function counts({ store, primitives, keys }: OpenSpace, head: Head): boolean {
  const standing = admitHead(head, keys.roster, (hash) => {
    const bytes = store.headRecord(hash);
    return bytes === undefined ? undefined : decodeHead(primitives, bytes);
  });
  return standing.kind === "counts";
}
