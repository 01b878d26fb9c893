import type { Argument, Command } from "commander";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import type { Session } from "../session.ts";

/** Arguments of commands that are paths of the drive, by the names that the commands give them. */
const driveArguments: ReadonlySet<string> = new Set(["path", "paths", "from", "to"]);

/** What the words before the last one say about it. */
interface Place {
  readonly command: Command;
  /** How many arguments the command has so far. */
  readonly given: number;
  /** The last word is the value of an option. */
  readonly isValue: boolean;
}

function takesValue(command: Command, word: string): boolean {
  const option = command.options.find(({ long, short }) => word === long || word === short);
  return option !== undefined && (option.required || option.optional);
}

function placeOf(program: Command, before: readonly string[]): Place {
  let command = program;
  let given = 0;
  let isValue = false;
  for (const word of before) {
    if (isValue) isValue = false;
    else if (word.startsWith("-") && word !== "-") isValue = takesValue(command, word);
    else {
      const next = command.commands.find((each) => each.name() === word);
      if (next !== undefined && given === 0) command = next;
      else given++;
    }
  }
  return { command, given, isValue };
}

function argumentAt(command: Command, place: number): Argument | undefined {
  const all = command.registeredArguments;
  const last = all.at(-1);
  return all[place] ?? (last?.variadic === true ? last : undefined);
}

/** Paths of the drive that begin as typed, a slash after folders; only if that asks nobody. */
async function pathsFrom(session: Session, typed: string): Promise<string[]> {
  const client = await session.runningClient();
  if (client === undefined) return [];
  const cut = typed.lastIndexOf("/") + 1;
  const [folder, begin] = [typed.slice(0, cut), typed.slice(cut)];
  try {
    const path = drivePath(folder === "" ? "/" : folder);
    const items = await client.request("list", { path }, { signal: session.signal });
    return items
      .filter(({ name }) => name.startsWith(begin) && !/\p{Cc}/u.test(name))
      .map(({ name, kind }) => `${folder}${name}${kind === "folder" ? "/" : ""}`);
  } catch {
    return [];
  }
}

/** What may stand in place of the last word. */
async function candidates(
  session: Session,
  program: Command,
  words: readonly string[],
): Promise<string[]> {
  const typed = words.at(-1) ?? "";
  const { command, given, isValue } = placeOf(program, words.slice(0, -1));
  if (isValue) return [];
  const begins = (choice: string): boolean => choice.startsWith(typed);
  if (typed.startsWith("-")) {
    return [...command.options.flatMap(({ long }) => long ?? []), "--help"].filter(begins);
  }
  const argument = argumentAt(command, given);
  if (argument !== undefined) {
    if (driveArguments.has(argument.name())) return pathsFrom(session, typed);
    return (argument.argChoices ?? []).filter(begins);
  }
  if (given > 0) return [];
  const names = command.commands.map((each) => each.name()).filter((name) => name !== "complete");
  return (command === program ? [...names, "help"] : names).filter(begins);
}

/**
 * `ipcloud complete`: what the scripts of `ipcloud completion` ask. It never asks a question, never
 * starts a node and never fails: a key press must not.
 */
export const defineComplete: DefineCommand = (session) => {
  const command = newCommand("complete", "List what may complete the last word", [
    ["ipcloud complete -- ls /no", "paths of the drive that begin so"],
  ]).argument("[words...]", "the words after `ipcloud`, the last to be completed");
  return command.action(async (words: string[]) => {
    const program = command.parent ?? command;
    const found = await candidates(session, program, words);
    await session.output.result(found, () => found);
  });
};
