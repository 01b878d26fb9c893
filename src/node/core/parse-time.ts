const unitsMs: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
};

/** Year, month, day, then hour, minute, second, fraction, then the zone. */
const isoShape =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/iu;
const zoneGroup = 8;
/** Of years before, `Date` takes the first for others of our time, and a drive has nothing of them. */
const firstYear = 100;
/** How far from 1970 a `Date` goes, in milliseconds. */
const maxTimeMs = 8.64e15;

/**
 * The time that `now`, `2 days ago`, `yesterday` or an ISO 8601 text means. A time means the end of
 * what it names, so that a copied `2026-01-31 12:00:05` shows what was saved in that second, and a
 * date shows all that was done on that day. Without a zone it is local time.
 * @returns milliseconds since 1970, or `undefined` if it is none of these.
 */
export function parseTime(text: string, now: number): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "now") return now;
  if (trimmed === "yesterday") return new Date(now).setHours(0, 0, 0, 0) - 1;
  const ago = /^([0-9]+|an?) (second|minute|hour|day|week|month|year)s? ago$/u.exec(trimmed);
  if (ago !== null) {
    const count = /^an?$/u.test(ago[1] as string) ? 1 : Number(ago[1]);
    const time = now - count * (unitsMs[ago[2] as string] as number);
    return Math.abs(time) <= maxTimeMs ? time : undefined;
  }
  const iso = isoShape.exec(text.trim());
  return iso === null ? undefined : endOf(iso);
}

/** Whether what a text means depends on the time zone that it is read in. */
export function isLocalTime(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === "yesterday") return true;
  const iso = isoShape.exec(trimmed);
  return iso !== null && iso[zoneGroup] === undefined;
}

/** The last millisecond of what a match of {@link isoShape} names; `undefined`: no such time. */
function endOf(iso: RegExpExecArray): number | undefined {
  const [, year, month, day, hour = "23", minute = "59", second = "59", fraction, zone] = iso;
  const ms = fraction === undefined ? "999" : fraction.slice(0, 3).padEnd(3, "0");
  const [days, clock] = [[year, month, day].map(Number), [hour, minute, second, ms].map(Number)];
  const [y, m, d] = days as [number, number, number];
  const [h, min, s, milli] = clock as [number, number, number, number];
  const isTime = y >= firstYear && h < 24 && min < 60 && s < 60 && m >= 1 && m <= 12;
  // Day 0 of the next month is the last of this one.
  if (!isTime || d < 1 || d > new Date(Date.UTC(y, m, 0)).getUTCDate()) return undefined;
  if (zone === undefined) return new Date(y, m - 1, d, h, min, s, milli).getTime();
  return Date.UTC(y, m - 1, d, h, min, s, milli) - offsetMinutes(zone) * 60_000;
}

function offsetMinutes(zone: string): number {
  if (zone.toLowerCase() === "z") return 0;
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  const minutes = 60 * Number(digits.slice(0, 2)) + Number(digits.slice(2));
  return zone.startsWith("-") ? -minutes : minutes;
}
