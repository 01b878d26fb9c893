import type { Progress } from "../rpc/contract.ts";
import { showSize } from "./show/show-size.ts";
import { columnsOf, type Terminal } from "./terminal.ts";

/** One line on the terminal that is drawn again and again, and wiped at the end. */
export interface ProgressBar {
  update(progress: Progress): void;
  /** Wipes the line. */
  clear(): void;
}

const silent: ProgressBar = { update: () => undefined, clear: () => undefined };

/** The text of a bar: `sealing  [#######-------]  51%  1,204 of 2,345 files`. */
export function showProgress({ phase, done, total, unit }: Progress, columns: number): string {
  const amount = (value: number): string =>
    unit === "bytes" ? showSize(value) : value.toLocaleString("en-US");
  const word = unit === "bytes" ? "" : ` ${unit}`;
  if (total <= 0) return `${phase}  ${amount(done)}${word}`.slice(0, columns);
  const share = Math.min(1, done / total);
  const percent = `${Math.floor(100 * share).toString()}%`.padStart(4);
  const amounts = `${amount(done)} of ${amount(total)}${word}`;
  const room = Math.min(30, columns - phase.length - percent.length - amounts.length - 8);
  if (room < 5) return `${phase} ${percent}  ${amounts}`.slice(0, columns);
  const full = Math.round(room * share);
  return `${phase}  [${"#".repeat(full)}${"-".repeat(room - full)}] ${percent}  ${amounts}`;
}

/** A bar on standard error; a silent one where that is no terminal, or with `--json`. */
export function makeProgressBar({ stderr }: Terminal, json: boolean): ProgressBar {
  if (json || stderr.isTTY !== true) return silent;
  let shown = "";
  return {
    update(progress) {
      const text = showProgress(progress, columnsOf(stderr, 80) - 1);
      if (text !== shown) stderr.write(`\r\u001b[K${text}`);
      shown = text;
    },
    clear() {
      if (shown !== "") stderr.write("\r\u001b[K");
      shown = "";
    },
  };
}
