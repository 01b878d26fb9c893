import type { Command } from "commander";

const examples = `To begin:
  ipcloud init                    make a drive; it shows 24 words to write down
  ipcloud import ~/notes /notes   take a folder into it
  ipcloud log /notes/today.md     the versions of a file
  ipcloud restore --help          how to bring one back

All commands with what they do: ipcloud help
One command, with examples:     ipcloud help COMMAND`;

/** What a bare `ipcloud` prints: the names of the commands, and where to go on. Fits 24 lines of 80. */
export function showOverview(program: Command): string {
  const byHeading = new Map<string, string[]>();
  for (const command of program.createHelp().visibleCommands(program)) {
    const heading = command.helpGroup();
    if (heading === "") continue;
    byHeading.set(heading, [...(byHeading.get(heading) ?? []), command.name()]);
  }
  const width = Math.max(...[...byHeading.keys()].map(({ length }) => length));
  const groups = [...byHeading].map(
    ([heading, names]) => `  ${heading.padEnd(width)}  ${names.join("  ")}`,
  );
  return `${program.description()}\n\nUsage: ipcloud COMMAND [OPTIONS]\n\n${groups.join("\n")}\n\n${examples}\n`;
}
