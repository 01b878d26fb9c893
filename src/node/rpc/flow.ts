import type { Socket } from "node:net";
import type { FrameSize, GiveBack } from "./frame-reader.ts";
import { type Gate, openGate } from "./gate.ts";

/** Bounds on what one connection may hold in the node's memory. */
export interface FlowLimits {
  /** Messages taken in and not yet dealt with, as {@link weigh} has it; then nothing is read. */
  readonly requestBytes: number;
  /** Of them, what finds room whatever all other connections hold. */
  readonly ownBytes: number;
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
  ownBytes: 512 * 1024,
  unsentBytes: 4 * 1024 * 1024,
  requests: 64,
  reservedBytes: 64 * 1024 * 1024,
};

/** What a message costs beside its bytes, so that many small ones count too. */
const messageCostBytes = 8 * 1024;
/** What a byte of text can take in memory once it is parsed; empty objects take the most. */
const textWeight = 32;

/** What a message holds in memory at most, in bytes, until it is dealt with. */
export function weigh({ bytes, textBytes }: FrameSize): number {
  return messageCostBytes + bytes + textWeight * textBytes;
}

/** Keeps what one connection holds in memory within limits, both ways. */
export interface Flow {
  /**
   * Takes room for a message of any kind.
   * @returns to be called once, when the message is dealt with: a request, when its answer is taken.
   * A promise, if there is no room yet.
   * @throws cancelled, when `signal` is aborted before.
   */
  takeRoom(size: FrameSize, signal: AbortSignal): GiveBack | Promise<GiveBack>;
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

/** Watches one socket. @param shared - the room of all connections. */
export function watchFlow(socket: Socket, limits: FlowLimits, shared: Gate): Flow {
  const isBackedUp = (): boolean => socket.writableLength > limits.unsentBytes;
  const begun = openGate((taken) => taken < limits.requests && !isBackedUp());
  const reserved = openGate((taken, more) => taken === 0 || taken + more <= limits.reservedBytes);
  const own = openGate((taken, more) => taken + more <= limits.ownBytes);
  const all = openGate((taken, more) => taken === 0 || taken + more <= limits.requestBytes);
  socket.on("drain", () => {
    begun.admit();
  });

  function tryRoom(weight: number): GiveBack | undefined {
    const giveBackOwn = own.tryTake(weight);
    if (giveBackOwn !== undefined) return giveBackOwn;
    const giveBackAll = all.tryTake(weight);
    const giveBackShared = giveBackAll === undefined ? undefined : shared.tryTake(weight);
    if (giveBackShared === undefined) giveBackAll?.();
    return giveBackAll && giveBackShared && both(giveBackAll, giveBackShared);
  }

  async function waitForRoom(weight: number, signal: AbortSignal): Promise<GiveBack> {
    const giveBackAll = await all.take(weight, signal);
    try {
      return both(giveBackAll, await shared.take(weight, signal));
    } catch (error) {
      giveBackAll();
      throw error;
    }
  }
  return {
    takeRoom: (size, signal) => {
      const weight = weigh(size);
      return tryRoom(weight) ?? waitForRoom(weight, signal);
    },
    isBackedUp,
    enter: (signal) => begun.take(1, signal),
    reserve: (bytes, signal) => reserved.take(bytes, signal),
  };
}

function both(first: GiveBack, second: GiveBack): GiveBack {
  return () => {
    second();
    first();
  };
}
