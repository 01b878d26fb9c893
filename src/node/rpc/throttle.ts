/** Passes on the newest of many values, at most one in a span of time. */
export interface Throttle<Value> {
  /** Sends `value` at once if the last one was long enough ago, else later, unless a newer one comes. */
  push(value: Value): void;
  /** Drops what waits; nothing is sent any more. */
  end(): void;
}

/** A throttle that sends at most once every `everyMs` milliseconds. */
export function throttle<Value>(everyMs: number, send: (value: Value) => void): Throttle<Value> {
  let waiting: { readonly value: Value } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const pass = (value: Value): void => {
    waiting = undefined;
    timer = setTimeout(() => {
      timer = undefined;
      if (waiting !== undefined) pass(waiting.value);
    }, everyMs);
    timer.unref();
    send(value);
  };
  return {
    push: (value) => {
      if (ended) return;
      if (timer === undefined) pass(value);
      else waiting = { value };
    },
    end: () => {
      ended = true;
      waiting = undefined;
      clearTimeout(timer);
    },
  };
}
