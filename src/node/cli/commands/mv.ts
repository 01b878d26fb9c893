import { CloudError } from "../../core/cloud-error.ts";
import { nameOf } from "../../core/path.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { destination } from "../destination.ts";
import { drivePath } from "../drive-path.ts";
import { entryJson } from "../show/show-entry.ts";

interface MvOptions {
  readonly force?: boolean;
}

/** `ipcloud mv`: renames and moves; costs no content, and the history comes along. */
export const defineMv: DefineCommand = (session) =>
  newCommand("mv", "Move or rename a file or folder", [
    ["ipcloud mv /draft.md /final.md", "rename"],
    ["ipcloud mv /final.md /papers", "into a folder"],
    ["ipcloud mv -f /new.md /old.md", "over a file; its history goes on"],
  ])
    .argument("<from>", "what to move")
    .argument("<to>", "its new path, or the folder it goes into")
    .option("-f, --force", "over a file or an empty folder that stands there")
    .action(async (typedFrom: string, typedTo: string, { force = false }: MvOptions) => {
      const from = drivePath(typedFrom);
      if (from === "/") throw new CloudError("usage", "the root folder can't be moved");
      const to = await destination(session, typedTo, nameOf(from));
      const moved = await session.request("move", { from, to, overwrite: force && "alike" });
      await session.output.result(entryJson({ path: to, from }, moved), () => []);
    });
