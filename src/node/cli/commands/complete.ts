import type { Argument, Command } from "commander";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { childPath, drivePath } from "../drive-path.ts";
import type { Session } from "../session.ts";

/** Arguments of commands that are paths of the drive, by the names that the commands give them. */
const driveArguments: ReadonlySet<string> = new Set(["path", "paths", "from", "to"]);

/** The command that the words before the last one lead to, and how many arguments it has so far. */
function commandOf(
  program: Command,
  before: readonly string[],
): { command: Command; given: number } {
  let command = program;
  let given = 0;
  for (const word of before) {
    const next = command.commands.find((each) => each.name() === word);
    if (next !== undefined && given === 0) command = next;
    else if (!word.startsWith("-")) given++;
  }
  return { command, given };
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
      .map(
        ({ name, kind }) =>
          `${childPath(folder.slice(0, -1), name)}${kind === "folder" ? "/" : ""}`,
      )
      .map((found) => (folder === "" ? found.slice(1) : found));
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
  const { command, given } = commandOf(program, words.slice(0, -1));
  const visible = command.commands.filter((each) => each.name() !== "complete");
  const choices = [...visible.map((each) => each.name()), ...(command === program ? ["help"] : [])];
  const options = [...command.options.flatMap(({ long }) => long ?? []), "--help"];
  const argument = argumentAt(command, given);
  if (typed.startsWith("-")) return options.filter((option) => option.startsWith(typed));
  const fixed = visible.length > 0 ? choices : (argument?.argChoices ?? []);
  if (argument !== undefined && driveArguments.has(argument.name()))
    return pathsFrom(session, typed);
  return fixed.filter((choice) => choice.startsWith(typed));
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
