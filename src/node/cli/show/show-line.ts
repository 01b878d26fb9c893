import type { Output } from "../output.ts";

/** A line of a file: on a terminal with its control characters shown, but for tabs. */
export function showLine(output: Output, text: string): string {
  return text
    .split("\t")
    .map((part) => output.name(part))
    .join("\t");
}
