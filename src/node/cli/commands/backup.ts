import { resolve } from "node:path";
import { CloudError } from "../../core/cloud-error.ts";
import { showCount, showSize } from "../../core/show-size.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { pick } from "../pick.ts";

interface BackupOptions {
  readonly check?: boolean;
}

const help = `
Work goes on meanwhile, and nothing is asked: what is copied is sealed as it lies. A second backup
into the same folder copies only what is new. The one before stays whole until the next one is.
To restore: copy the folder back, or let IPCLOUD_HOME name a copy of it. It goes on as a writer of
its own, so nothing is lost that the old folder still has.`;

/** `ipcloud backup`: the whole data folder into another folder. */
export const defineBackup: DefineCommand = (session) =>
  newCommand("backup", "Copy the whole data folder, sealed as it is, into another folder", [
    ["ipcloud backup /mnt/disk/ipcloud", "all of it, and the next time what is new"],
    ["ipcloud backup --check /mnt/disk/ipcloud", "and read all that is there, and mend it"],
  ])
    .addHelpText("after", help)
    .argument("<dest>", "a folder of this machine: not there, empty, or an earlier backup")
    .option("--check", "read all that an earlier backup left, and copy anew what has gone bad")
    .action(async (typed: string, options: BackupOptions) => {
      const { terminal, output } = session;
      const dest = resolve(terminal.cwd, typed);
      const report = await session.requestLong("backup", { dest, ...pick(options, "check") });
      await output.result({ dest, ...report }, function* () {
        const { blocks, copiedBlocks, copiedBytes, freedBytes, mended } = report;
        yield `${showCount(blocks, "block")} in ${output.name(dest)}, of them ${copiedBlocks.toLocaleString("en-US")} new (${showSize(copiedBytes)})`;
        if (freedBytes > 0) yield `${showSize(freedBytes)} removed that the drive let go of`;
        if (mended !== undefined) yield `${showCount(mended, "block")} there had gone bad`;
      });
      if (report.damaged === 0) return;
      throw new CloudError(
        "damaged",
        `${showCount(report.damaged, "block")} of this data folder are damaged and in no backup here; all else is; see: ipcloud verify`,
      );
    });
