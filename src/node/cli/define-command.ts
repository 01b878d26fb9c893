import { Command, Option } from "commander";
import { CloudError } from "../core/cloud-error.ts";
import type { Session } from "./session.ts";
import { typedWhen } from "./typed-when.ts";

/** How one command is defined: its file exports a function of this type. */
export type DefineCommand = (session: Session) => Command;

/** A line of help: what to type, and what that does. */
export type Example = readonly [typed: string, does: string];

/** A command of the given name with its summary, its examples and `--json`. */
export function newCommand(name: string, summary: string, examples: readonly Example[]): Command {
  const width = Math.max(...examples.map(([typed]) => typed.length));
  const lines = examples.map(([typed, does]) => `  ${typed.padEnd(width)}  ${does}`);
  return new Command(name)
    .description(summary)
    .option("--json", "print one JSON value, and errors as JSON to standard error")
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** `--at WHEN`, as every command that looks into the past has it. */
export function atOption(): Option {
  return new Option(
    "--at <when>",
    "as of an ISO time (a date: its end), a tag, a revision, or `2 days ago`",
  ).argParser(typedWhen);
}

/** `--version ID`, one version of a file. */
export function versionOption(): Option {
  return new Option("--version <id>", "one version, as `ipcloud log` lists it");
}

/** `--limit N`; without it `fallback`, or all. */
export function limitOption(what: string, fallback?: number): Option {
  const option = new Option("--limit <count>", `at most so many ${what}`).argParser(parseCount);
  if (fallback !== undefined) return option.default(fallback);
  return option.default(Number.MAX_SAFE_INTEGER, "all");
}

/** A whole number above 0 as typed. @throws usage */
export function parseCount(typed: string): number {
  const count = Number(typed);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new CloudError("usage", `expected a whole number above 0, got ${JSON.stringify(typed)}`);
}
