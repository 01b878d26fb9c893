const microsecondsPerSecond = 1_000_000;
const microsecondsPerMs = 1000;

/**
 * A time as Node's `utimes` sets it: numbers below zero it takes for now, dates it doesn't.
 * @param mtime - microseconds since 1970.
 * @returns seconds, or before 1970 a date.
 */
export function asFileTime(mtime: number): number | Date {
  return mtime >= 0 ? mtime / microsecondsPerSecond : new Date(mtime / microsecondsPerMs);
}
