import type { Socket } from "node:net";
import { CloudError } from "../core/cloud-error.ts";

/** Bounds on what one connection may hold in the node's memory. */
export interface FlowLimits {
  /** Requests taken in and not yet answered, in bytes; above it nothing more is read. */
  readonly requestBytes: number;
  /** Answers that the client has not taken; above it no further request is begun. */
  readonly unsentBytes: number;
  /** Answers reserved for at one time; one alone may be larger. */
  readonly reservedBytes: number;
}

export const defaultFlowLimits: FlowLimits = {
  requestBytes: 64 * 1024 * 1024,
  unsentBytes: 4 * 1024 * 1024,
  reservedBytes: 64 * 1024 * 1024,
};

/** What a request costs beside its bytes, so that many small ones count too. */
const requestCostBytes = 1024;

interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
}

/** Keeps what one connection holds in memory within limits, both ways. */
export interface Flow {
  /** Counts a request that came. @returns to be called once, when it is answered. */
  requestCame(bytes: number): () => void;
  /** Whether the client is slow to take what it was sent. */
  isBackedUp(): boolean;
  /** Resolves when the client has taken what it was sent, or is gone. */
  drained(): Promise<void>;
  /**
   * Waits for room for an answer of `bytes`.
   * @returns to be called once, when the answer is sent.
   * @throws cancelled, when `signal` is aborted before.
   */
  reserve(bytes: number, signal: AbortSignal): Promise<() => void>;
}

/** Watches one socket. `reading` is paused while too much waits to be answered. */
export function watchFlow(
  socket: Socket,
  reading: { pause(): void; resume(): void },
  limits: FlowLimits,
): Flow {
  let requested = 0;
  let paused = false;
  let reserved = 0;
  let waiters: readonly Waiter[] = [];

  const admitWaiters = (): void => {
    for (let next = waiters[0]; next !== undefined; next = waiters[0]) {
      if (reserved > 0 && reserved + next.bytes > limits.reservedBytes) return;
      reserved += next.bytes;
      waiters = waiters.slice(1);
      next.admit();
    }
  };
  return {
    requestCame: (bytes) => {
      const cost = bytes + requestCostBytes;
      requested += cost;
      if (!paused && requested > limits.requestBytes) {
        paused = true;
        reading.pause();
      }
      return () => {
        requested -= cost;
        if (paused && requested <= limits.requestBytes / 2) {
          paused = false;
          reading.resume();
        }
      };
    },
    isBackedUp: () => socket.writableLength > limits.unsentBytes,
    drained: () =>
      new Promise((resolve) => {
        if (socket.destroyed || !socket.writableNeedDrain) {
          resolve();
          return;
        }
        const settle = (): void => {
          socket.off("drain", settle);
          socket.off("close", settle);
          resolve();
        };
        socket.on("drain", settle);
        socket.on("close", settle);
      }),
    reserve: async (bytes, signal) => {
      const cancelled = (): CloudError => new CloudError("cancelled", "the request was cancelled");
      if (signal.aborted) throw cancelled();
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          waiters = waiters.filter((other) => other !== waiter);
          reject(cancelled());
          admitWaiters();
        };
        const waiter: Waiter = {
          bytes,
          admit: () => {
            signal.removeEventListener("abort", onAbort);
            resolve();
          },
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiters = [...waiters, waiter];
        admitWaiters();
      });
      return () => {
        reserved -= bytes;
        admitWaiters();
      };
    },
  };
}
