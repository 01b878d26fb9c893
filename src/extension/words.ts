/** How times, sizes and numbers are written in the editor. Pure: time zone and now are arguments. */

const dayMs = 86_400_000;

/** Where and when the reader is. */
export interface Reader {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** BCP 47; absent: the system's. */
  readonly locale?: string | undefined;
  /** IANA name; absent: the system's. */
  readonly timeZone?: string | undefined;
}

/** The reader of this process. */
export function hereAndNow(): Reader {
  return { now: Date.now() };
}

function formatted(time: number, reader: Reader, options: Intl.DateTimeFormatOptions): string {
  const { locale, timeZone } = reader;
  const zoned = timeZone === undefined ? options : { ...options, timeZone };
  return new Intl.DateTimeFormat(locale, zoned).format(time);
}

/** `2026-11-21` where the reader is: sorts and names a day. */
function dayKey(time: number, reader: Reader): string {
  return formatted(time, { ...reader, locale: "sv-SE" }, { dateStyle: "short" });
}

/** A day in words: `Today`, `Yesterday`, `Monday` within the last week, else the date. */
export function showDay(time: number, reader: Reader): string {
  const { now } = reader;
  const key = dayKey(time, reader);
  if (key === dayKey(now, reader)) return "Today";
  // Noon, so that no change of the clock leads to another day.
  const noon = Date.parse(`${dayKey(now, reader)}T12:00:00Z`);
  for (let days = 1; days < 7; days++) {
    if (key !== new Date(noon - days * dayMs).toISOString().slice(0, 10)) continue;
    return days === 1 ? "Yesterday" : formatted(time, reader, { weekday: "long" });
  }
  const sameYear = key.slice(0, 4) === dayKey(now, reader).slice(0, 4);
  return formatted(time, reader, {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

/** `14:02`, or as the reader's country writes it. */
export function showClock(time: number, reader: Reader): string {
  return formatted(time, reader, { hour: "numeric", minute: "2-digit" });
}

/**
 * A clock for each of some times of one day, newest first: with seconds where two stand in one
 * minute.
 */
export function showClocks(times: readonly number[], reader: Reader): string[] {
  const clocks = times.map((time) => showClock(time, reader));
  return times.map((time, i) => {
    const clock = clocks[i] ?? "";
    if (clock !== clocks[i - 1] && clock !== clocks[i + 1]) return clock;
    return formatted(time, reader, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  });
}

/** `today 14:02`, `Monday 14:02`, within a sentence or beside a name. */
export function showMoment(time: number, reader: Reader): string {
  return `${innerDay(time, reader)} ${showClock(time, reader)}`;
}

function innerDay(time: number, reader: Reader): string {
  const day = showDay(time, reader);
  return day === "Today" || day === "Yesterday" ? day.toLowerCase() : day;
}

/** The same for each of some times, newest first: with seconds where two stand in one minute. */
export function showMoments(times: readonly number[], reader: Reader): string[] {
  const clocks = showClocks(times, reader);
  return times.map((time, i) => `${innerDay(time, reader)} ${clocks[i] ?? ""}`);
}

/** `2026-11-21 14.02.07`: fit for the name of a file on every system. */
export function fileMoment(time: number, reader: Reader): string {
  return formatted(
    time,
    { ...reader, locale: "sv-SE" },
    { dateStyle: "short", timeStyle: "medium" },
  ).replaceAll(":", ".");
}

/** `1 file`, `2 files`, `no files`, `4,000 files`. */
export function count(n: number, one: string, many = `${one}s`): string {
  const number = n === 0 ? "no" : new Intl.NumberFormat("en").format(n);
  return `${number} ${n === 1 ? one : many}`;
}
