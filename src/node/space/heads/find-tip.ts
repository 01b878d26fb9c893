import { decodeHead, type Head, lastSeq, openHead } from "../../account/heads.ts";
import { equalBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap } from "../../core/id-map.ts";
import type { WriterId } from "../../core/ids.ts";
import type { PublicKey } from "../../crypto/sign.ts";
import { logRecordNotAbove } from "../../history/moment.ts";
import { readTip, type Tip } from "../../history/tip.ts";
import { counterOf, vectorAtMost } from "../../tree/version-vector.ts";
import { isOwn, type OpenSpace } from "../open-space.ts";
import type { ChainStart } from "./head-chain.ts";
import { chainUpTo } from "./seen-heads.ts";
import { counts, headsAtHand } from "./stored-heads.ts";

/** What a store's heads of a space lead to. */
export interface FoundTip extends ChainStart {
  /** This writer's latest revision; before its first head the one that has seen most. */
  readonly tip: Tip | undefined;
  /** The revisions of the other heads that count, which are to be received. */
  readonly others: readonly Tip[];
  /**
   * The time of this writer's last change, which its next must not fall behind; before its first, that
   * of the writers of this device, save those that write no more.
   */
  readonly lastTime: number;
}

/**
 * Opens the heads of a space that its store has. This writer's own is always gone on from; those of
 * others by the roster alone.
 * @throws damaged, naming what can't be read
 */
export async function findTip(space: OpenSpace): Promise<FoundTip> {
  const found: Tip[] = [];
  const seen = new IdMap<PublicKey, number>();
  let own: Head | undefined;
  let tip: Tip | undefined;
  let [ownTime, deviceTime] = [0, 0];
  const { primitives, keys } = space;
  for (const { bytes } of headsAtHand(space)) {
    const head = decodeHead(primitives, bytes);
    const { writer, device } = head.certificate;
    const isOurs = isOwn(space, writer);
    if (!isOurs && !counts(space, head)) continue;
    const link = openHead(head, keys.headKeys);
    if (link === undefined) {
      throw new CloudError("damaged", "a head of this drive is sealed by a key that is not known");
    }
    const opened = await readTip(space.sealer, link);
    const time = await timeOfLast(space, opened, writer);
    if (isOurs) ownTime = time;
    else if (equalBytes(device, keys.certificate.device) && head.seq < lastSeq) {
      deviceTime = Math.max(deviceTime, time);
    }
    const counter = counterOf(opened.state.vv, space.writerId);
    if (isOurs) [own, tip] = [head, opened];
    seen.set(device, Math.max(counter, seen.get(device) ?? 0));
    found.push(opened);
  }
  tip ??= found.reduce<Tip | undefined>(
    (most, each) => (most && vectorAtMost(each.state.vv, most.state.vv) ? most : each),
    undefined,
  );
  const others = found.filter((each) => each !== tip);
  if (own === undefined) return { tip, others, lastTime: deviceTime, seen };
  return { tip, others, lastTime: ownTime, seen, own, chain: await chainUpTo(space, own, seen) };
}

/** The time of the last change of a writer that a revision tells of; 0: none. */
async function timeOfLast(space: OpenSpace, tip: Tip, writer: WriterId): Promise<number> {
  const { change } = tip.revision;
  if (change !== undefined && equalBytes(change.stamp.writer, writer)) return change.time;
  const counter = counterOf(tip.state.vv, writer);
  if (counter === 0) return 0;
  return (await logRecordNotAbove(space.sealer, tip.revision, { counter, writer }))?.time ?? 0;
}
