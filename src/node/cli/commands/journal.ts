import { type DefineCommand, limitOption, newCommand, parseCount } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { pick } from "../pick.ts";
import { revisionJson, revisionLines } from "../show/show-change.ts";

interface JournalOptions {
  readonly limit: number;
  readonly before?: string;
  readonly changes: number;
}

/** `ipcloud journal`: what happened to which path, when, on which device. */
export const defineJournal: DefineCommand = (session) =>
  newCommand("journal", "Tell what happened: which paths, when, on which device", [
    ["ipcloud journal", "the latest revisions, newest first"],
    ["ipcloud journal /notes --limit 5", "only what happened below a folder"],
    ["ipcloud journal --before 812-a1b2c3d4", "further back"],
  ])
    .argument("[path]", "a file or folder of the drive", "/")
    .addOption(limitOption("revisions", 20))
    .option("--before <revision>", "only what came before this revision")
    .option("--changes <count>", "at most so many paths for each revision", parseCount, 20)
    .action(async (typed: string, options: JournalOptions) => {
      const { output } = session;
      const path = drivePath(typed);
      const items = await session.request("journal", {
        ...(path === "/" ? {} : { path }),
        ...pick(options, "limit", "before"),
        changesEach: options.changes,
      });
      await output.result(items.map(revisionJson), function* () {
        for (const item of items) yield* revisionLines(output, item);
      });
    });
