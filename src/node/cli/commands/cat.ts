import { atOption, type DefineCommand, newCommand, versionOption } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { type ContentOptions, openContent } from "../open-content.ts";
import { pick } from "../pick.ts";
import { readParts } from "../read-parts.ts";

/** `ipcloud cat`: files to standard output, streamed. */
export const defineCat: DefineCommand = (session) =>
  newCommand("cat", "Write files to standard output (--json shapes errors only)", [
    ["ipcloud cat /notes/todo.md", "as it is now"],
    ['ipcloud cat /notes/todo.md --at "2 days ago"', "as it was then"],
    ["ipcloud cat /notes/todo.md --version 12-a1b2c3d4", "one version, as `ipcloud log` lists it"],
    ["ipcloud cat -- -odd-name", "a name that begins with a dash"],
  ])
    .argument("<paths...>", "files of the drive")
    .addOption(atOption())
    .addOption(versionOption().conflicts("at"))
    .action(async (paths: string[], options: ContentOptions) => {
      for (const typed of paths) {
        const wanted = pick(options, "at", "version");
        const { stat, source } = await openContent(session, drivePath(typed), wanted);
        for await (const part of readParts(session, source, stat.size)) {
          await session.output.write(part);
        }
      }
    });
