import { equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { Head } from "./heads.ts";
import type { Cut } from "./lists/cuts.ts";
import type { Roster } from "./lists/roster.ts";

/**
 * What a roster says of a head.
 *
 * - `counts`: its device may write, or was taken out and the head is one that its cuts let stand.
 * - `cut`: its device was taken out, and the head is not.
 * - `held`: that can't be told yet. The device is not known; or `lacks` names a head record of the
 *   writer that would tell whether this one comes before the cut.
 */
export type HeadStanding =
  | { readonly kind: "counts" | "cut" }
  | { readonly kind: "held"; readonly lacks?: Uint8Array };

/** As much of a head as decides whether it counts. */
export type ChainedHead = Pick<Head, "space" | "certificate" | "seq" | "hash" | "prev">;

/** A record of a head by its hash, if it is known. */
export type HeadRecords = (hash: Uint8Array) => ChainedHead | undefined;

/**
 * Judges a head by the roster that counts. FORMAT §12.7.
 *
 * Of a writer of a device that was taken out count the head that a cut names and what that one
 * reaches by `prev`, and nothing else: a head below the cut's seq can be forged afterwards. Where
 * several statements took the device out, a head counts that all of them let stand.
 * @param records - heads of that writer, as decoded.
 * @throws damaged, if the head is of another space.
 */
export function admitHead(head: ChainedHead, roster: Roster, records: HeadRecords): HeadStanding {
  if (!equalBytes(head.space, roster.space)) {
    throw new CloudError("damaged", "a head is of another space than the roster");
  }
  const { device, writer } = head.certificate;
  if (roster.standing.present.has(device)) return { kind: "counts" };
  const takenOut = roster.standing.revoked.get(device);
  if (takenOut === undefined) return { kind: "held" };
  let held: HeadStanding | undefined;
  for (const { cuts } of takenOut.said) {
    const cut = cuts.find((each) => equalBytes(each.writer, writer));
    const standing = cut === undefined ? ({ kind: "cut" } as const) : reach(cut, head, records);
    if (standing.kind === "cut") return standing;
    if (standing.kind === "held") held = standing;
  }
  return held ?? { kind: "counts" };
}

/** Whether the head of a cut is `head` or comes after it in the writer's chain. */
function reach(cut: Cut, head: ChainedHead, records: HeadRecords): HeadStanding {
  if (equalBytes(cut.head, head.hash)) return { kind: cut.seq === head.seq ? "counts" : "cut" };
  if (head.seq >= cut.seq) return { kind: "cut" };
  let hash = cut.head;
  for (let above = cut.seq + 1; ; ) {
    if (hash.every((byte) => byte === 0)) return { kind: "cut" }; // before the writer's first
    const at = records(hash);
    if (at === undefined) return { kind: "held", lacks: hash };
    const isOfWriter = equalBytes(at.certificate.writer, head.certificate.writer);
    if (!isOfWriter || !equalBytes(at.space, head.space) || at.seq >= above) return { kind: "cut" };
    if (at.seq <= head.seq) return { kind: "cut" };
    if (equalBytes(at.prev, head.hash)) return { kind: "counts" };
    above = at.seq;
    hash = at.prev;
  }
}
