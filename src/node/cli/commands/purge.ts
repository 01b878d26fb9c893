import { CloudError } from "../../core/cloud-error.ts";
import { showCount, showSize } from "../../core/show-size.ts";
import { askLine } from "../ask.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import type { Session } from "../session.ts";
import { escapeControl } from "../show/show-text.ts";
import { canAsk } from "../terminal.ts";

interface PurgeOptions {
  readonly yes?: boolean;
}

async function confirm({ terminal }: Session, path: string): Promise<void> {
  if (!canAsk(terminal)) {
    throw new CloudError("usage", "purge can't be undone; without a terminal to ask on, say --yes");
  }
  const question = `Remove ${escapeControl(path)} with all its versions, for ever? Type yes: `;
  if ((await askLine(terminal, question)).trim().toLowerCase() !== "yes") {
    throw new CloudError("cancelled", "nothing was purged");
  }
}

/** `ipcloud purge`: a file out of all history. The one command that can't be undone. */
export const definePurge: DefineCommand = (session) =>
  newCommand("purge", "Remove a file from all history (a leaked secret); can't be undone", [
    ["ipcloud purge /config/token.txt", "asks first"],
    ["ipcloud purge --yes /config/token.txt", "doesn't"],
  ])
    .argument("<path>", "a file of the drive, also one that was removed")
    .option("--yes", "don't ask")
    .action(async (typed: string, { yes = false }: PurgeOptions) => {
      const { output } = session;
      const path = drivePath(typed);
      if (!yes) await confirm(session, path);
      const purged = await session.requestLong("purge", { path });
      await output.result({ path, ...purged }, function* () {
        const { versions, freedBytes, elsewhere, elsewhereMore, warning } = purged;
        yield `${showCount(versions, "version")} purged, ${showSize(freedBytes)} freed`;
        for (const other of elsewhere) {
          yield output.paint("yellow", `some of it is still held by ${output.name(other)}`);
        }
        if (elsewhereMore > 0) {
          yield output.paint("yellow", `and by ${showCount(elsewhereMore, "other path")}`);
        }
        yield output.paint("yellow", output.name(warning));
      });
    });
