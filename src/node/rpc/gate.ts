import { CloudError } from "../core/cloud-error.ts";

/** Lets callers pass in their order, each when there is room for it. */
export interface Gate {
  /** @returns gives back what was taken. @throws cancelled */
  take(amount: number, signal: AbortSignal): Promise<() => void>;
  /** The same at once. @returns `undefined` where it would have to wait. */
  tryTake(amount: number): (() => void) | undefined;
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
  const giveBack = (amount: number) => (): void => {
    taken -= amount;
    admit();
  };
  const tryTake = (amount: number): (() => void) | undefined => {
    if (waiting.size > 0 || !hasRoom(taken, amount)) return undefined;
    taken += amount;
    return giveBack(amount);
  };
  return {
    take: async (amount, signal) => {
      if (signal.aborted) throw cancelled();
      const passed = tryTake(amount);
      if (passed !== undefined) return passed;
      await wait(amount, signal);
      return giveBack(amount);
    },
    tryTake,
    admit,
  };
}
