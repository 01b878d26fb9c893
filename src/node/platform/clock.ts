/** A source of time. @returns milliseconds since 1970. */
export type Clock = () => number;

/** The system's clock. It may go back. */
export const systemClock: Clock = () => Date.now();
