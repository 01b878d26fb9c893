import type { CborValue } from "../../blocks/cbor.ts";
import { asBytes, asInteger, asList, asTuple } from "../../blocks/shape.ts";
import { compareBytes } from "../../core/bytes.ts";
import { IdMap } from "../../core/id-map.ts";
import { asWriterId, shortIdBytes, type WriterId } from "../../core/ids.ts";
import { checkAscending, hashBytes } from "../signed-record.ts";

/**
 * The last head of one writer that counts after its device was taken out. A writer of that device
 * that no cut names has no head that counts.
 */
export interface Cut {
  readonly writer: WriterId;
  /** Sequence number of that head, 1 or more. */
  readonly seq: number;
  /** SHA-256 of that head, 32 bytes. */
  readonly head: Uint8Array;
}

/** The most writers that one device may have had. */
export const maxCuts = 256;

/** `[[writer, seq, head], …]` in the order of the writers. */
export function encodeCuts(cuts: readonly Cut[]): CborValue {
  return cuts
    .toSorted((a, b) => compareBytes(a.writer, b.writer))
    .map(({ writer, seq, head }) => [writer, seq, head]);
}

/** Reads {@link encodeCuts} back. @throws damaged */
export function decodeCuts(value: CborValue | undefined, what: string): Cut[] {
  const cuts = asList(value, what).map((item) => {
    const [writer, seq, head] = asTuple(item, 3, what);
    return {
      writer: asWriterId(asBytes(writer, what, shortIdBytes)),
      seq: asInteger(seq, what, 1),
      head: asBytes(head, what, hashBytes),
    };
  });
  checkAscending(
    cuts.map(({ writer }) => writer),
    what,
    maxCuts,
  );
  return cuts;
}

/**
 * What two people's cuts of one device let stand, for a checkpoint that restates them: of the writers
 * that both name the earlier head. Else who was taken out could say it of himself with a later one.
 */
export function joinCuts(a: readonly Cut[], b: readonly Cut[]): Cut[] {
  const others = new IdMap(b.map((cut) => [cut.writer, cut]));
  return a.flatMap((cut) => {
    const other = others.get(cut.writer);
    if (other === undefined) return [];
    const order = cut.seq - other.seq || compareBytes(cut.head, other.head);
    return [order <= 0 ? cut : other];
  });
}
