import { type Gate, openGate } from "./gate.ts";

/** What all connections together may hold beside each one's own, in bytes. */
const sharedBytes = 160 * 1024 * 1024;

/**
 * The room that all connections of a node share for what they are sent. What is larger than it
 * passes alone.
 * @param patienceMs - how long somebody waits before `onStarving` is called, again and again until
 * there is room: it ends who holds some and makes nothing of it.
 */
export function openSharedRoom(
  patienceMs: number,
  onStarving: () => void,
  bytes = sharedBytes,
): Gate {
  const gate = openGate((taken, more) => taken === 0 || taken + more <= bytes);
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    ...gate,
    take: async (amount, signal) => {
      if (waiting++ === 0) timer = setInterval(onStarving, patienceMs).unref();
      try {
        return await gate.take(amount, signal);
      } finally {
        if (--waiting === 0) clearInterval(timer);
      }
    },
  };
}
