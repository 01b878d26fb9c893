import { IdMap } from "../../core/id-map.ts";
import { toleratedMs, wasAhead } from "../../history/clock.ts";
import type { Tip } from "../../history/tip.ts";
import type { CommitRecords } from "../../store/store.ts";
import type { OpenSpace } from "../open-space.ts";
import type { SpaceKeys } from "../space-keys.ts";
import { HeadChain } from "./head-chain.ts";
import { type NextWriter, nextWriter } from "./next-writer.ts";

/** As whom and when the next change of a space is made. */
export interface NextTurn {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly keys: SpaceKeys;
  /** Signs it. */
  readonly heads: HeadChain;
  /** The writer that makes it, if it is another one than before. */
  readonly next: NextWriter | undefined;
  /** What is to be durable with it then. */
  readonly records: CommitRecords;
}

/**
 * Says as whom and when the next change is made. The times of a writer never fall: where the clock
 * was ahead when it wrote last, a new writer goes on with right times, and the one before says that
 * it wrote its last. Where the clock may as well be behind now, changes bear the time of the last one
 * until that has come. FORMAT §14.5.
 * @param lastTime - of the last change of the space's writer.
 * @param now - what the clock shows, milliseconds since 1970.
 */
export async function nextTurn(
  space: OpenSpace,
  heads: HeadChain,
  tip: Tip | undefined,
  lastTime: number,
  now: number,
): Promise<NextTurn> {
  const { keys, sealer, former } = space;
  const own = keys.writer.id;
  const isBehind = now < lastTime - toleratedMs;
  const isRight = isBehind && tip !== undefined && (await wasAhead(sealer, tip, own, now));
  const time = isRight ? now : Math.max(now, lastTime);
  if (!isRight && !heads.isOver) return { time, keys, heads, next: undefined, records: {} };
  const next = nextWriter(space, [...former, own]);
  const retired = tip && heads.retire(keys, tip);
  return {
    time,
    keys: next.keys,
    heads: new HeadChain(space, { seen: new IdMap() }),
    next,
    records: { settings: next.settings, ...(retired === undefined ? {} : { retired }) },
  };
}
