import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import type { Session } from "../session.ts";

interface RmOptions {
  readonly recursive?: boolean;
  readonly force?: boolean;
}

async function removeOne(session: Session, path: string, options: RmOptions): Promise<boolean> {
  const { recursive = false, force = false } = options;
  if (path === "/") throw new CloudError("usage", "the top of the drive can't be removed");
  try {
    await session.request("remove", { path, recursive });
    return true;
  } catch (error) {
    if (!force || !isCloudError(error, "not-found")) throw error;
    return false;
  }
}

/** `ipcloud rm`: removes; the history keeps what was there. */
export const defineRm: DefineCommand = (session) =>
  newCommand("rm", "Remove files and folders; history keeps them (see: removed, restore, purge)", [
    ["ipcloud rm /notes/old.md", "a file"],
    ["ipcloud rm -r /notes", "a folder and all below it"],
  ])
    .argument("<paths...>", "what to remove")
    .option("-r, --recursive", "folders that are not empty, too")
    .option("-f, --force", "no fault if it is not there")
    .action(async (typed: string[], options: RmOptions) => {
      const removed: string[] = [];
      for (const path of typed.map(drivePath)) {
        if (await removeOne(session, path, options)) removed.push(path);
      }
      await session.output.result({ paths: removed }, () => []);
    });
