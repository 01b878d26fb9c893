import { isCloudError } from "../../core/cloud-error.ts";
import { nameOf } from "../../core/path.ts";
import type { ListItem, When } from "../../rpc/contract.ts";
import { atOption, type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { pick } from "../pick.ts";
import type { Session } from "../session.ts";
import { alignColumns } from "../show/columns.ts";
import { entryCells, entryJson } from "../show/show-entry.ts";

interface LsOptions {
  readonly at?: When;
  readonly long?: boolean;
  readonly names?: boolean;
}

/** The entries of a folder, or the one entry that a file or link is. */
async function listOrStat(session: Session, path: string, at: { at?: When }): Promise<ListItem[]> {
  try {
    return await session.request("list", { path, ...at });
  } catch (error) {
    if (!isCloudError(error, "not-a-folder")) throw error;
  }
  return [{ name: nameOf(path), ...(await session.request("stat", { path, ...at })) }];
}

async function ls(session: Session, path: string, options: LsOptions): Promise<void> {
  const { output } = session;
  const { long = false, names = false } = options;
  const items = await listOrStat(session, drivePath(path), pick(options, "at"));
  await output.result(
    items.map((item) => entryJson({ name: item.name }, item)),
    () => {
      if (names) return items.map(({ name }) => output.name(name));
      const cells = items.map((item) => entryCells(output, item, long));
      return alignColumns(cells, long ? ["left", "right"] : ["right"]);
    },
  );
}

/** `ipcloud ls`: lists a folder, now or as of a moment. */
export const defineLs: DefineCommand = (session) =>
  newCommand("ls", "List a folder", [
    ["ipcloud ls", "the top of the drive"],
    ["ipcloud ls -l /notes", "with modes and versions"],
    ['ipcloud ls /notes --at "2 days ago"', "as it was then"],
    ["ipcloud ls -1 /notes", "names only, one a line"],
  ])
    .argument("[path]", "a folder or file of the drive", "/")
    .addOption(atOption())
    .option("-l, --long", "also the mode and the version")
    .option("-1, --names", "names only, one a line")
    .action((path: string, options: LsOptions) => ls(session, path, options));
