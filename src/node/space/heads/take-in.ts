import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContentReader } from "../../blocks/content/content-reader.ts";
import { diffMaps } from "../../blocks/map-diff.ts";
import { equalBytes } from "../../core/bytes.ts";
import { IdMap } from "../../core/id-map.ts";
import type { WriterId } from "../../core/ids.ts";
import { type Received, receive } from "../../history/receive.ts";
import { decodeVersion, parseVersionKey } from "../../history/revision.ts";
import type { Tip } from "../../history/tip.ts";
import type { StoreBatch } from "../../store/store.ts";
import type { OpenSpace } from "../open-space.ts";
import { committedPuts, type MadePut } from "./committed-puts.ts";
import { HeadChain, type SignedHead } from "./head-chain.ts";
import { type NextWriter, nextWriter } from "./next-writer.ts";

/** A received revision as it was taken in, not yet durable. */
export interface TakenIn {
  readonly tip: Tip;
  readonly head: SignedHead;
  /** Signs what follows. */
  readonly heads: HeadChain;
  /** As whom the space goes on, if its store turned out to be a copy. */
  readonly next: NextWriter | undefined;
}

/**
 * Takes a revision into one's own and signs what comes of it. Blocks go to `batch`.
 * @param own - the tip so far; `heads` signed it.
 * @param time - milliseconds since 1970 of what may have to be written.
 * @returns `taken`: what is to be stored; absent, if one's own tip stays.
 */
export async function takeIn(
  space: OpenSpace,
  content: ContentReader,
  heads: HeadChain,
  batch: StoreBatch,
  own: Tip | undefined,
  other: Tip,
  time: number,
): Promise<{ received: Received; taken?: TakenIn }> {
  let next: NextWriter | undefined;
  const received = await receive(space.sealer, batch, own, other, {
    writer: space.writerId,
    former: space.former,
    time,
    newWriter: (forked) => {
      const at = space.former.findIndex((id) => equalBytes(id, forked));
      next = nextWriter(space, at < 0 ? space.former : space.former.slice(0, at));
      return next.keys.writer.id;
    },
    step: async () => {
      await batch.makeReadable();
      await nextTurn();
    },
  });
  if (!("tip" in received)) return { received };
  const { tip } = received;
  // Nodes that were put are read again to tell what is new.
  await batch.makeReadable();
  if (heads.isOver) next ??= nextWriter(space, [...space.former, space.writerId]);
  const keys = next?.keys ?? space.keys;
  const made = await newPuts(space, keys.writer.id, own, tip);
  const puts = await committedPuts(space.primitives, content, batch, made);
  const chain = next === undefined ? heads : new HeadChain(space, { seen: new IdMap() });
  return { received, taken: { tip, head: chain.sign(keys, tip, puts), heads: chain, next } };
}

/** The versions under stamps of a writer that a revision has and the one before had not. */
async function newPuts(
  { sealer }: OpenSpace,
  writerId: WriterId,
  before: Tip | undefined,
  { revision }: Tip,
): Promise<MadePut[]> {
  const puts: MadePut[] = [];
  for await (const { key, a, b } of diffMaps(
    sealer,
    before?.revision.versions,
    revision.versions,
  )) {
    const { stamp } = parseVersionKey(key);
    if (a !== undefined || b === undefined || !equalBytes(stamp.writer, writerId)) continue;
    puts.push({ stamp, link: decodeVersion(b).link });
  }
  return puts;
}
