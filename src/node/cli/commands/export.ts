import { resolve } from "node:path";
import { showCount, showSize } from "../../core/show-size.ts";
import type { ExportReport, When } from "../../rpc/contract.ts";
import { askLine } from "../ask.ts";
import { atOption, type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { failuresHelp, mustBeWhole } from "../must-be-whole.ts";
import { pick } from "../pick.ts";
import { canAsk, type Terminal } from "../terminal.ts";

interface ExportOptions {
  readonly at?: When;
  readonly force?: boolean;
}

/** Asks whether newer files may be replaced; without a terminal they stay. */
async function mayReplace(terminal: Terminal, newer: number): Promise<boolean> {
  if (!canAsk(terminal)) return false;
  const are = newer === 1 ? "is" : "are";
  const question = `${showCount(newer, "file")} there ${are} newer than in the drive. Replace? [y/N]: `;
  return /^y(es)?$/iu.test((await askLine(terminal, question)).trim());
}

/** `ipcloud export`: the contents of a folder of the drive into a local folder. */
export const defineExport: DefineCommand = (session) =>
  newCommand("export", "Write the contents of a folder of the drive into a local folder", [
    ["ipcloud export / ~/restored", "the whole drive"],
    ["ipcloud export /site ./site --at release-1", "a folder as it was at a tag"],
    ["ipcloud export --force /site ./site", "over files that are newer on the disk, too"],
  ])
    .addHelpText("after", failuresHelp("written"))
    .argument("<path>", "a folder of the drive")
    .argument("<dest>", "a folder of this machine; made if it is not there")
    .option("-f, --force", "replace files that are newer on the disk without asking")
    .addOption(atOption())
    .action(async (path: string, typed: string, options: ExportOptions) => {
      const { terminal, output } = session;
      const dest = resolve(terminal.cwd, typed);
      const task = { path: drivePath(path), dest, ...pick(options, "at") };
      const write = (replaceNewer: boolean): Promise<ExportReport> =>
        session.requestLong("export", {
          ...task,
          ...(replaceNewer ? { replaceNewer } : {}),
        });
      let report = await write(options.force === true);
      if (report.newer > 0 && (await mayReplace(terminal, report.newer)))
        report = await write(true);
      await output.result(report, function* () {
        const { files, folders, links, bytes, notes } = report;
        yield `${showCount(files, "file")}, ${showCount(folders, "folder")}, ${showCount(links, "link")}, ${showSize(bytes)}`;
        for (const note of notes) yield output.paint("yellow", output.name(note));
      });
      mustBeWhole(report, "written");
    });
