import { openGate } from "./gate.ts";
import type { Call } from "./handlers.ts";

/** What a large answer reserves of its connection: all that one connection may hold of them. */
const largeBytes = 64 * 1024 * 1024;
/** What has at most so many items is built beside others. */
const manyItems = 4096;

/** Builds an answer. `large` is awaited, once, before what may be much is gathered. */
export type Build<Result> = (large: () => Promise<void>) => Promise<Result>;

/** Keeps answers without a bound (a listing, a difference) from filling the node's memory together. */
export interface LargeAnswers {
  /** @throws cancelled; what `build` throws */
  build<Result>(call: Call, build: Build<Result>): Promise<Result>;
  /** The same for an answer of at most so many items, which is large or not from the beginning. */
  buildOf<Result>(call: Call, items: number, build: () => Promise<Result>): Promise<Result>;
}

/**
 * Has large answers built one after the other, across all connections: a folder of 400,000 names
 * takes some 200 MB while it is read and encoded. A connection that is slow to take one is given no
 * second, and holds up no other connection.
 */
export function oneLargeAnswerAtATime(): LargeAnswers {
  const turns = openGate((taken) => taken === 0);

  async function build<Result>(call: Call, work: Build<Result>): Promise<Result> {
    let done: (() => void) | undefined;
    try {
      return await work(async () => {
        await call.reserve(largeBytes);
        done = await turns.take(1, call.signal);
      });
    } finally {
      // The answer is encoded before the next turn of the event loop.
      if (done !== undefined) setImmediate(done);
    }
  }
  return {
    build,
    buildOf: (call, items, work) =>
      build(call, async (large) => {
        if (items > manyItems) await large();
        return work();
      }),
  };
}
