import { commitment, saltedLeaves } from "../account/commitment.ts";
import { decodeHead, type Head, openHead, signHead } from "../account/heads.ts";
import { decodeRecordLink } from "../blocks/link.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { Stamp } from "../core/stamp.ts";
import { joinTips } from "../history/join.ts";
import { readTip, type Tip } from "../history/tip.ts";
import type { Put } from "../tree/edit.ts";
import { isOwn, type OpenSpace } from "./open-space.ts";

const zeros = new Uint8Array(32);

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
  sign(tip: Tip, stamp: Stamp, puts: Iterable<Put>): Head {
    const { primitives, random, saltKey, writerId, roster, contents } = this.#space;
    const previous = this.#last?.commit ?? zeros;
    const committed = Array.from(puts, ({ link }) => {
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
        roster: roster.hash,
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
  readonly tip: Tip | undefined;
  /** This writer's latest head. */
  readonly own: Head | undefined;
  /** The time of this writer's latest change, which its next must not fall behind. */
  readonly lastTime: number;
}

/**
 * Opens the heads of a store: the revision that has seen what all of them have, joined where no
 * one revision has.
 * @throws damaged, naming what can't be read
 */
export async function findTip(space: OpenSpace): Promise<FoundTip> {
  let tip: Tip | undefined;
  let own: Head | undefined;
  let lastTime = 0;
  for (const { bytes } of space.store.heads()) {
    const head = decodeHead(space.primitives, bytes);
    const link = openHead(head, space.headKeys);
    if (link === undefined) {
      throw new CloudError("damaged", "a head of this drive is sealed by a key that is not known");
    }
    const found = await readTip(space.writer, link);
    lastTime = Math.max(lastTime, found.revision.change?.time ?? 0);
    if (isOwn(space, head.certificate.writer)) own = head;
    tip = tip === undefined ? found : await joinFound(space, tip, found);
  }
  return { tip, own, lastTime };
}

async function joinFound(space: OpenSpace, a: Tip, b: Tip): Promise<Tip> {
  const batch = space.store.begin();
  const joined = await joinTips(space.writer, batch, a, b);
  switch (joined.outcome) {
    case "ahead":
      batch.abandon();
      return a;
    case "behind":
      batch.abandon();
      return joined.tip;
    case "merged":
      await batch.commit();
      return joined.tip;
    case "must-rebase":
      batch.abandon();
      throw new CloudError("damaged", "two writers of this store purged what the other still has");
  }
}
