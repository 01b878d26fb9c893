import { type CommittedPut, commitment, saltedLeaves } from "../../account/commitment.ts";
import { type Head, lastSeq, signHead } from "../../account/heads.ts";
import { tipsHash } from "../../account/lists/roster.ts";
import type { Tip } from "../../history/tip.ts";
import type { HeadCommit } from "../../store/store.ts";
import { counterOf } from "../../tree/version-vector.ts";
import type { OpenSpace } from "../open-space.ts";
import type { SpaceKeys } from "../space-keys.ts";
import { type ChainedAt, keepFrom, type SeenByDevices, seenByOthers } from "./seen-heads.ts";

const zeros = new Uint8Array(32);

/** A head that was signed and is to be stored. */
export interface SignedHead {
  readonly head: Head;
  readonly counter: number;
  readonly record: HeadCommit;
}

/** What is known of a writer's heads so far. */
export interface ChainStart {
  /** The latest, if it has written before. */
  readonly own?: Head;
  /** Those whose counters are known, ascending, the latest among them. */
  readonly chain?: readonly ChainedAt[];
  readonly seen: SeenByDevices;
}

/** This writer's signed heads, one after the other. */
export class HeadChain {
  readonly #space: OpenSpace;
  readonly #seen: SeenByDevices;
  readonly #chain: ChainedAt[];
  #last: Head | undefined;

  constructor(space: OpenSpace, { own, chain = [], seen }: ChainStart) {
    this.#space = space;
    this.#seen = seen;
    this.#last = own;
    this.#chain = [...chain];
  }

  /** Whether the writer has said that it writes no more: another one has to go on. */
  get isOver(): boolean {
    return this.#last?.seq === lastSeq;
  }

  /** Signs the head that follows the latest one taken. @param keys - those of the revision. */
  sign(keys: SpaceKeys, tip: Tip, puts: readonly CommittedPut[]): SignedHead {
    return this.#sign(1 + (this.#last?.seq ?? 0), keys, tip, puts);
  }

  /**
   * Signs the writer's last head, by which nobody waits for it any more: it repeats the one before.
   * @returns `undefined`, if it wrote nothing or has signed it already.
   */
  retire(keys: SpaceKeys, tip: Tip): HeadCommit | undefined {
    if (this.#last === undefined || this.isOver) return undefined;
    return this.#sign(lastSeq, keys, tip, []).record;
  }

  #sign(seq: number, keys: SpaceKeys, tip: Tip, puts: readonly CommittedPut[]): SignedHead {
    const { primitives, random, id: space } = this.#space;
    const previous = this.#last?.commit ?? zeros;
    const writer = keys.writer.id;
    const leaves = saltedLeaves(primitives, keys.saltKey, writer, previous, puts);
    const head = signHead(
      primitives,
      random,
      keys.writerKey,
      keys.headKey,
      {
        space,
        certificate: keys.certificate,
        seq,
        prev: this.#last?.hash ?? zeros,
        roster: tipsHash(primitives, keys.roster),
        manifest: zeros,
        commit: commitment(primitives, previous, leaves),
      },
      tip.link,
    );
    const kept = keepFrom(seq, this.#chain, seenByOthers(keys, this.#seen));
    return {
      head,
      counter: counterOf(tip.state.vv, writer),
      record: { space, writer, seq, bytes: head.bytes, keepFrom: kept },
    };
  }

  /** Goes on from a head once it is durable. */
  take({ head, counter, record }: SignedHead): void {
    this.#last = head;
    while ((this.#chain[0]?.seq ?? Infinity) < record.keepFrom) this.#chain.shift();
    this.#chain.push({ seq: head.seq, counter });
  }
}
