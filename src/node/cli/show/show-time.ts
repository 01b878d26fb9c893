const two = (value: number): string => value.toString().padStart(2, "0");

/** A time for people, in their own time zone: `2026-11-21 09:05:07`. */
export function showTime(ms: number): string {
  const time = new Date(ms);
  const day = [time.getFullYear().toString(), two(time.getMonth() + 1), two(time.getDate())];
  const clock = [two(time.getHours()), two(time.getMinutes()), two(time.getSeconds())];
  return `${day.join("-")} ${clock.join(":")}`;
}

/**
 * A time for scripts, ISO 8601 in UTC with milliseconds. The drive's times carry microseconds as
 * a fraction; those are cut off, as `Date` does for the files of a disk.
 */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
