import { commitment, saltedLeaves } from "../account/commitment.ts";
import { decodeHead, type Head, openHead, signHead } from "../account/heads.ts";
import { tipsHash } from "../account/roster.ts";
import { decodeRecordLink, type EncodedRecordLink } from "../blocks/link.ts";
import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { WriterId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import { logRecordNotAbove } from "../history/moment.ts";
import { readTip, type Tip } from "../history/tip.ts";
import { vectorAtMost } from "../tree/version-vector.ts";
import { isOwn, type OpenSpace } from "./open-space.ts";

const zeros = new Uint8Array(32);

/** A version that a head commits to. */
export interface CommittedPut {
  readonly stamp: Stamp;
  /** To its record. */
  readonly link: EncodedRecordLink;
}

/** This writer's signed heads, one after the other. */
export class HeadChain {
  readonly #space: OpenSpace;
  #last: Head | undefined;

  /** @param last - the writer's latest head, if it has written before. */
  constructor(space: OpenSpace, last: Head | undefined) {
    this.#space = space;
    this.#last = last;
  }

  /** Signs the head that follows the latest one taken. */
  sign(tip: Tip, puts: Iterable<CommittedPut>): Head {
    const { primitives, random, saltKey, writerId, roster, contents } = this.#space;
    const previous = this.#last?.commit ?? zeros;
    const committed = Array.from(puts, ({ stamp, link }) => {
      const { id, place } = decodeRecordLink(link);
      return { stamp, id, ...(place === undefined ? {} : { place }) };
    });
    const leaves = saltedLeaves(primitives, saltKey, writerId, previous, committed);
    return signHead(
      primitives,
      random,
      this.#space.writerKey,
      this.#space.headKey,
      {
        space: contents.space,
        certificate: this.#space.certificate,
        seq: 1 + (this.#last?.seq ?? 0),
        prev: this.#last?.hash ?? zeros,
        roster: tipsHash(primitives, roster),
        manifest: zeros,
        commit: commitment(primitives, previous, leaves),
      },
      tip.link,
    );
  }

  /** Goes on from a head once it is durable. */
  take(head: Head): void {
    this.#last = head;
  }
}

/** What a store's heads lead to. */
export interface FoundTip {
  /** This writer's latest revision; before its first head the one that has seen most. */
  readonly tip: Tip | undefined;
  /** The revisions of the other heads, which are to be received. */
  readonly others: readonly Tip[];
  /** This writer's latest head. */
  readonly own: Head | undefined;
  /** The time of the latest change of a head's writer, which this one's next must not fall behind. */
  readonly lastTime: number;
}

/** Opens the heads of a store. @throws damaged, naming what can't be read */
export async function findTip(space: OpenSpace): Promise<FoundTip> {
  const found: Tip[] = [];
  let own: Head | undefined;
  let tip: Tip | undefined;
  let lastTime = 0;
  for (const { bytes } of space.store.heads()) {
    const head = decodeHead(space.primitives, bytes);
    const link = openHead(head, space.headKeys);
    if (link === undefined) {
      throw new CloudError("damaged", "a head of this drive is sealed by a key that is not known");
    }
    const opened = await readTip(space.writer, link);
    const { writer } = head.certificate;
    lastTime = Math.max(lastTime, await timeOfLast(space, opened, writer));
    if (isOwn(space, writer)) [own, tip] = [head, opened];
    found.push(opened);
  }
  tip ??= found.reduce<Tip | undefined>(
    (most, each) => (most && vectorAtMost(each.state.vv, most.state.vv) ? most : each),
    undefined,
  );
  return { tip, others: found.filter((each) => each !== tip), own, lastTime };
}

/** The time of the last change of a writer that a revision tells of; 0: none. */
async function timeOfLast(space: OpenSpace, tip: Tip, writer: WriterId): Promise<number> {
  const { change } = tip.revision;
  if (change !== undefined && equalBytes(change.stamp.writer, writer)) return change.time;
  const counter = tip.state.vv.get(toBinaryString(writer)) ?? 0;
  if (counter === 0) return 0;
  return (await logRecordNotAbove(space.writer, tip.revision, { counter, writer }))?.time ?? 0;
}
