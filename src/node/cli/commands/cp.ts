import { CloudError } from "../../core/cloud-error.ts";
import { nameOf } from "../../core/path.ts";
import type { When } from "../../rpc/contract.ts";
import { atOption, type DefineCommand, newCommand } from "../define-command.ts";
import { destination } from "../destination.ts";
import { drivePath } from "../drive-path.ts";
import { pick } from "../pick.ts";
import { entryJson } from "../show/show-entry.ts";

interface CpOptions {
  readonly at?: When;
  readonly force?: boolean;
}

/** `ipcloud cp`: copies inside the drive, folders with all below; costs no content. */
export const defineCp: DefineCommand = (session) =>
  newCommand("cp", "Copy a file or a whole folder inside the drive", [
    ["ipcloud cp /plan.md /plan-b.md", "a file"],
    ["ipcloud cp /site /site-old --at release-1", "a folder as it was at a tag"],
  ])
    .argument("<from>", "what to copy")
    .argument("<to>", "the path of the copy, or the folder it goes into")
    .addOption(atOption())
    .option("-f, --force", "over a file or an empty folder that stands there")
    .action(async (typedFrom: string, typedTo: string, options: CpOptions) => {
      const from = drivePath(typedFrom);
      if (from === "/") throw new CloudError("usage", "the root folder can't be copied");
      const to = await destination(session, typedTo, nameOf(from));
      const { force = false } = options;
      const copied = await session.request("copy", {
        from,
        to,
        overwrite: force && "alike",
        ...pick(options, "at"),
      });
      await session.output.result(entryJson({ path: to, from }, copied), () => []);
    });
