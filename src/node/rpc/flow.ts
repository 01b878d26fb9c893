import type { Socket } from "node:net";
import { CloudError } from "../core/cloud-error.ts";

/** Bounds on what one connection may hold in the node's memory. */
export interface FlowLimits {
  /** Requests taken in and not yet answered, in bytes; above it nothing more is read. */
  readonly requestBytes: number;
  /** Answers that the client has not taken; above it no further request is begun. */
  readonly unsentBytes: number;
  /** Requests begun and not yet answered, whose answers have all to find room. */
  readonly requests: number;
  /** Answers reserved for at one time; one alone may be larger. */
  readonly reservedBytes: number;
}

/** What a node allows if nothing else is asked for. */
export const defaultFlowLimits: FlowLimits = {
  requestBytes: 64 * 1024 * 1024,
  unsentBytes: 4 * 1024 * 1024,
  requests: 64,
  reservedBytes: 64 * 1024 * 1024,
};

/** What a request costs beside its bytes, so that many small ones count too. */
const requestCostBytes = 1024;

/** Keeps what one connection holds in memory within limits, both ways. */
export interface Flow {
  /** Counts a request that came. @returns to be called once, when it is answered. */
  requestCame(bytes: number): () => void;
  /** Whether the client is slow to take what it was sent. */
  isBackedUp(): boolean;
  /**
   * Waits until one more request may begin.
   * @returns to be called once, when its answer is sent.
   * @throws cancelled, when `signal` is aborted before.
   */
  enter(signal: AbortSignal): Promise<() => void>;
  /** The same for an answer of `bytes`. */
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
  const isBackedUp = (): boolean => socket.writableLength > limits.unsentBytes;
  const begun = openGate((taken) => taken < limits.requests && !isBackedUp());
  const reserved = openGate((taken, more) => taken === 0 || taken + more <= limits.reservedBytes);
  socket.on("drain", () => {
    begun.admit();
  });

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
    isBackedUp,
    enter: (signal) => begun.take(1, signal),
    reserve: (bytes, signal) => reserved.take(bytes, signal),
  };
}

/** Lets callers pass in their order, each when there is room for it. */
export interface Gate {
  /** @returns gives back what was taken. @throws cancelled */
  take(amount: number, signal: AbortSignal): Promise<() => void>;
  /** Looks again whether there is room for those that wait. */
  admit(): void;
}

/** @param hasRoom - whether `more` may be taken beside what is `taken`. */
export function openGate(hasRoom: (taken: number, more: number) => boolean): Gate {
  let taken = 0;
  const waiting = new Set<{ readonly amount: number; readonly pass: () => void }>();
  const cancelled = (): CloudError => new CloudError("cancelled", "the request was cancelled");

  const admit = (): void => {
    for (const next of waiting) {
      if (!hasRoom(taken, next.amount)) return;
      waiting.delete(next);
      taken += next.amount;
      next.pass();
    }
  };
  const wait = (amount: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting.delete(waiter);
        reject(cancelled());
        admit();
      };
      const pass = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const waiter = { amount, pass };
      signal.addEventListener("abort", onAbort, { once: true });
      waiting.add(waiter);
    });
  return {
    take: async (amount, signal) => {
      if (signal.aborted) throw cancelled();
      if (waiting.size === 0 && hasRoom(taken, amount)) taken += amount;
      else await wait(amount, signal);
      return () => {
        taken -= amount;
        admit();
      };
    },
    admit,
  };
}
