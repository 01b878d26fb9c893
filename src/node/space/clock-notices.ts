import { toleratedMs } from "../history/clock.ts";

const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

function duration(ms: number): string {
  const [name, unitMs] = units.find(([, each]) => ms >= 2 * each) ?? units[2];
  return `${Math.round(ms / unitMs).toString()} ${name}s`;
}

/** What the commit loop knows of the clock. */
export interface ClockSeen {
  /** Of this writer's last change: milliseconds since 1970. */
  readonly lastTime: number;
  /** The time of the last change of the writer before, if another one went on because of the clock. */
  readonly aheadUntil: number | undefined;
}

/** Sentences about a clock that is behind the last change, or was ahead. @param now - what it shows */
export function clockNotices({ lastTime, aheadUntil }: ClockSeen, now: number): string[] {
  const notices: string[] = [];
  if (now < lastTime - toleratedMs) {
    notices.push(
      `the clock of this computer shows ${iso(now)}, ${duration(lastTime - now)} before the last change, which was made at ${iso(lastTime)} by it: look whether it is right; until a change was made under the right time, a moment that is named by a time leaves the last changes out`,
    );
  }
  if (aheadUntil !== undefined) {
    notices.push(
      `the clock of this computer was ahead: the last changes under it bear times up to ${iso(aheadUntil)}; the drive goes on with right times, as a new writer`,
    );
  }
  return notices;
}
