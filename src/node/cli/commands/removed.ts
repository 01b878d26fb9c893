import { showSize } from "../../core/show-size.ts";
import { type DefineCommand, limitOption, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { pick } from "../pick.ts";
import { alignColumns } from "../show/columns.ts";
import { isoTime, showTime } from "../show/show-time.ts";

interface RemovedOptions {
  readonly limit: number;
}

/** `ipcloud removed`: what was removed below a folder and can be brought back. */
export const defineRemoved: DefineCommand = (session) =>
  newCommand("removed", "List what was removed below a folder and can be restored", [
    ["ipcloud removed", "everywhere, newest first"],
    ["ipcloud removed /notes", "below one folder"],
  ])
    .argument("[path]", "a folder of the drive", "/")
    .addOption(limitOption("entries"))
    .action(async (path: string, options: RemovedOptions) => {
      const { output } = session;
      const items = await session.request("removed", {
        path: drivePath(path),
        ...pick(options, "limit"),
      });
      await output.result(
        items.map((item) => ({ ...item, time: isoTime(item.time) })),
        () =>
          alignColumns(
            items.map((item) => [
              showTime(item.time),
              item.version || "-",
              item.kind === "file" ? showSize(item.size) : item.kind,
              output.name(item.device),
              output.name(item.path),
            ]),
            ["left", "left", "right"],
          ),
      );
    });
