import { resolve } from "node:path";
import { showCount, showSize } from "../../core/show-size.ts";
import type { When } from "../../rpc/contract.ts";
import { atOption, type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { failuresHelp, mustBeWhole } from "../must-be-whole.ts";
import { pick } from "../pick.ts";

interface ExportOptions {
  readonly at?: When;
}

/** `ipcloud export`: the contents of a folder of the drive into a local folder. */
export const defineExport: DefineCommand = (session) =>
  newCommand("export", "Write the contents of a folder of the drive into a local folder", [
    ["ipcloud export / ~/restored", "the whole drive"],
    ["ipcloud export /site ./site --at release-1", "a folder as it was at a tag"],
  ])
    .addHelpText("after", failuresHelp("written"))
    .argument("<path>", "a folder of the drive")
    .argument("<dest>", "a folder of this machine; made if it is not there")
    .addOption(atOption())
    .action(async (path: string, typed: string, options: ExportOptions) => {
      const { terminal, output } = session;
      const dest = resolve(terminal.cwd, typed);
      const from = { path: drivePath(path), ...pick(options, "at") };
      const report = await session.requestLong("export", { ...from, dest });
      await output.result(report, function* () {
        const { files, folders, links, bytes, notes } = report;
        yield `${showCount(files, "file")}, ${showCount(folders, "folder")}, ${showCount(links, "link")}, ${showSize(bytes)}`;
        for (const note of notes) yield output.paint("yellow", output.name(note));
      });
      mustBeWhole(report, "written");
    });
