import { type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";

interface MkdirOptions {
  readonly parents?: boolean;
}

/** `ipcloud mkdir`: makes folders. */
export const defineMkdir: DefineCommand = (session) =>
  newCommand("mkdir", "Make folders", [
    ["ipcloud mkdir /notes", "one folder"],
    ["ipcloud mkdir -p /notes/2026/march", "with those above it; no fault if it is there"],
  ])
    .argument("<paths...>", "folders to make")
    .option("-p, --parents", "also the folders above; no fault if the folder is there")
    .action(async (typed: string[], { parents = false }: MkdirOptions) => {
      const paths = typed.map(drivePath);
      for (const path of paths) await session.request("mkdir", { path, parents });
      await session.output.result({ paths }, () => []);
    });
