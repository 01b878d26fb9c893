import { CloudError } from "../../core/cloud-error.ts";
import type { When } from "../../rpc/contract.ts";
import { atOption, type DefineCommand, newCommand } from "../define-command.ts";
import { pick } from "../pick.ts";
import type { Session } from "../session.ts";
import { alignColumns } from "../show/columns.ts";
import { isoTime, showTime } from "../show/show-time.ts";

interface TagOptions {
  readonly at?: When;
  readonly delete?: boolean;
}

async function listTags(session: Session): Promise<void> {
  const { output } = session;
  const tags = await session.request("tags", {});
  await output.result(
    tags.map((tag) => ({ ...tag, time: isoTime(tag.time) })),
    () =>
      alignColumns(
        tags.map(({ name, revision, time }) => [showTime(time), revision, output.name(name)]),
        [],
      ),
  );
}

/** `ipcloud tag`: names a moment, which is then kept; without a name, lists the tags. */
export const defineTag: DefineCommand = (session) =>
  newCommand("tag", "Name a moment of the drive, so that it is kept; or list the names", [
    ["ipcloud tag release-1", "the present"],
    ['ipcloud tag before-move --at "1 hour ago"', "a moment of the past"],
    ["ipcloud tag --delete release-1", "let retention have it again"],
    ["ipcloud tag", "list them"],
  ])
    .argument("[name]", "the tag")
    .addOption(atOption())
    .option("--delete", "remove the tag")
    .action(async (name: string | undefined, options: TagOptions) => {
      if (name === undefined) {
        if (options.at !== undefined || options.delete === true) {
          throw new CloudError("usage", "expected the name of a tag beside --at or --delete");
        }
        await listTags(session);
        return;
      }
      const remove = options.delete ?? false;
      const { revision } = await session.request("tag", { name, remove, ...pick(options, "at") });
      await session.output.result({ name, revision, removed: remove }, function* () {
        yield `${remove ? "removed" : "tagged"} ${session.output.name(name)}`;
      });
    });
