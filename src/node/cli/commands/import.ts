import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { CloudError } from "../../core/cloud-error.ts";
import { showCount, showSize } from "../../core/show-size.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { onDisk } from "../local-error.ts";
import { failuresHelp, mustBeWhole } from "../must-be-whole.ts";

/** `ipcloud import`: the contents of a local folder into a folder of the drive. */
export const defineImport: DefineCommand = (session) =>
  newCommand("import", "Take the contents of a local folder into the drive; nothing is deleted", [
    ["ipcloud import ~/notes", "into the top of the drive"],
    ["ipcloud import ~/notes /notes", "into a folder; what is unchanged costs nothing"],
    ["echo '*.tmp' >> ~/notes/.ipcloudignore", "leave something out, by rules like .gitignore's"],
  ])
    .addHelpText("after", failuresHelp("taken in"))
    .argument("<source>", "a folder of this machine")
    .argument("[path]", "the folder of the drive that its contents go into", "/")
    .action(async (typed: string, path: string) => {
      const { terminal, output } = session;
      const source = resolve(terminal.cwd, typed);
      const found = await onDisk("import", source, () => stat(source));
      if (!found.isDirectory()) {
        throw new CloudError(
          "not-a-folder",
          `${JSON.stringify(source)} is not a folder; one file comes in by: ipcloud put`,
        );
      }
      const report = await session.requestLong("import", { source, dest: drivePath(path) });
      await output.result(report, function* () {
        const { files, folders, links, bytes, unchanged, ignored } = report;
        yield `${showCount(files, "file")} (${unchanged.toLocaleString("en-US")} unchanged), ${showCount(folders, "folder")}, ${showCount(links, "link")}, ${showSize(bytes)}`;
        if (ignored > 0) yield `${showCount(ignored, "path")} left out by .ipcloudignore`;
        for (const note of report.notes) yield output.paint("yellow", output.name(note));
        yield `revision ${report.revision}`;
      });
      mustBeWhole(report, "taken in");
    });
