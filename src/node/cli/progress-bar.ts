import { Pace, type Speed, showSeconds } from "../core/pace.ts";
import { showSize } from "../core/show-size.ts";
import type { Progress } from "../rpc/contract.ts";
import { columnsOf, type Terminal } from "./terminal.ts";

/** One line on the terminal that is drawn again and again, and wiped at the end. */
export interface ProgressBar {
  update(progress: Progress): void;
  /** Wipes the line. */
  clear(): void;
}

const silent: ProgressBar = { update: () => undefined, clear: () => undefined };

/** The text of a bar: `sealing  [###----]  51%  1,204 of 2,345 files  310/s  4 s left`. */
export function showProgress(
  { phase, done, total, unit }: Progress,
  columns: number,
  speed?: Speed,
): string {
  const amount = (value: number): string =>
    unit === "bytes" ? showSize(value) : value.toLocaleString("en-US");
  const word = unit === "bytes" ? "" : ` ${unit}`;
  const pace = speed === undefined ? "" : showPace(speed, (value) => amount(Math.round(value)));
  if (total <= 0) return `${phase}  ${amount(done)}${word}${pace}`.slice(0, columns);
  const share = Math.min(1, done / total);
  const percent = `${Math.floor(100 * share).toString()}%`.padStart(4);
  const amounts = `${amount(done)} of ${amount(total)}${word}${pace}`;
  const room = Math.min(30, columns - phase.length - percent.length - amounts.length - 8);
  if (room < 5) return `${phase} ${percent}  ${amounts}`.slice(0, columns);
  const full = Math.round(room * share);
  return `${phase}  [${"#".repeat(full)}${"-".repeat(room - full)}] ${percent}  ${amounts}`;
}

function showPace({ each, left }: Speed, amount: (value: number) => string): string {
  const speed = `  ${amount(each)}/s`;
  return left === undefined ? speed : `${speed}  ${showSeconds(left)} left`;
}

/**
 * A bar on standard error; a silent one where that is no terminal, or with `--json`.
 * @param now - in ms, by a clock that never falls.
 */
export function makeProgressBar(
  { stderr }: Terminal,
  json: boolean,
  now: () => number = () => performance.now(),
): ProgressBar {
  if (json || stderr.isTTY !== true) return silent;
  const pace = new Pace();
  let shown = "";
  return {
    update(progress) {
      const text = showProgress(progress, columnsOf(stderr, 80) - 1, pace.next(progress, now()));
      if (text !== shown) stderr.write(`\r\u001b[K${text}`);
      shown = text;
    },
    clear() {
      if (shown !== "") stderr.write("\r\u001b[K");
      shown = "";
    },
  };
}
