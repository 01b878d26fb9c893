import { showSize } from "../../core/show-size.ts";
import type { FileVersion } from "../../rpc/contract.ts";
import { type DefineCommand, limitOption, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { pick } from "../pick.ts";
import { alignColumns } from "../show/columns.ts";
import { isoTime, showTime } from "../show/show-time.ts";

interface LogOptions {
  readonly limit: number;
  readonly everySave?: boolean;
}

/** `ipcloud log`: the versions of a file, newest first, across renames and removals. */
export const defineLog: DefineCommand = (session) =>
  newCommand("log", "List the versions of a file, newest first", [
    ["ipcloud log /notes/todo.md", "every version that is kept"],
    ["ipcloud log /notes/todo.md --every-save", "also the saves that count as one version"],
    ["ipcloud log /notes/todo.md --json --limit 1", "the newest, for scripts"],
  ])
    .argument("<path>", "a file of the drive, also one that was removed")
    .addOption(limitOption("versions"))
    .option("--every-save", "every save, not one version for those close together")
    .action(async (path: string, options: LogOptions) => {
      const { output } = session;
      const versions = await session.request("log", {
        path: drivePath(path),
        ...pick(options, "limit", "everySave"),
      });
      const cells = (each: FileVersion) => [
        each.current ? "*" : " ",
        each.version,
        showTime(each.time),
        each.damaged === true ? "damaged" : showSize(each.size),
        each.saves > 1 ? `${each.saves.toString()} saves` : "",
        output.name(each.device),
        output.name(each.path),
        each.restoredFrom === undefined ? "" : `restored from ${showTime(each.restoredFrom)}`,
      ];
      await output.result(
        versions.map(({ restoredFrom, ...version }) => ({
          ...version,
          time: isoTime(version.time),
          ...(restoredFrom === undefined ? {} : { restoredFrom: isoTime(restoredFrom) }),
        })),
        () => alignColumns(versions.map(cells), ["left", "left", "left", "right"]),
      );
    });
