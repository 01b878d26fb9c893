const microsecondsPerSecond = 1_000_000;
const nanosecondsPerSecond = 1_000_000_000;
const mantissaBits = 52;

/**
 * A time in seconds as Node sets it, so that it is read back as the microsecond that it was. A
 * number of seconds falls between microseconds, and what is beyond a nanosecond is cut off: so the
 * next one that is not below; after 2038 it may be read back as one more. As text, since numbers
 * below zero are taken for now.
 * @param mtime - microseconds since 1970.
 */
export function asFileTime(mtime: number): string {
  const seconds = mtime / microsecondsPerSecond;
  const whole = Math.trunc(seconds);
  const wanted = (mtime - whole * microsecondsPerSecond) * 1000;
  const isBelow = (seconds - whole) * nanosecondsPerSecond < wanted;
  const step = 2 ** (Math.floor(Math.log2(Math.abs(seconds))) - mantissaBits);
  return (isBelow ? seconds + step : seconds).toString();
}
