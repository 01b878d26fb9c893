import { showCount } from "../../core/show-size.ts";
import { atOption, type DefineCommand, newCommand, versionOption } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import type { ContentOptions } from "../open-content.ts";
import { pick } from "../pick.ts";

/**
 * `ipcloud restore`: back to a version or a moment, as a new revision: nothing is lost by it.
 * Without either, what was removed at the path comes back.
 */
export const defineRestore: DefineCommand = (session) =>
  newCommand("restore", "Bring back a version of a file, or a folder or the drive as of a moment", [
    [
      "ipcloud restore /notes/todo.md --version 12-a1b2c3d4",
      "one version, as `ipcloud log` lists it",
    ],
    ["ipcloud restore /notes/gone.md", "what was removed there last"],
    ["ipcloud restore /notes --at 2026-03-01T12:00:00Z", "a folder as it was"],
    ['ipcloud restore / --at "1 hour ago"', "the whole drive"],
  ])
    .argument("<path>", "a file or folder of the drive, also one that was removed")
    .addOption(versionOption().conflicts("at"))
    .addOption(atOption())
    .action(async (path: string, options: ContentOptions) => {
      const wanted = { path: drivePath(path), ...pick(options, "at", "version") };
      const restored = await session.requestLong("restore", wanted);
      await session.output.result(restored, function* () {
        const { changes, revision } = restored;
        yield changes === 0
          ? "nothing to change"
          : `${showCount(changes, "change")}, revision ${revision}`;
      });
    });
