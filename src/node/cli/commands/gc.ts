import { showCount, showSize } from "../../core/show-size.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { isoTime } from "../show/show-time.ts";

interface GcOptions {
  readonly dryRun?: boolean;
}

/** `ipcloud gc`: lets go of what retention no longer keeps, and frees its blocks. */
export const defineGc: DefineCommand = (session) =>
  newCommand("gc", "Let go of what retention no longer keeps, and free the space", [
    ["ipcloud gc --dry-run", "what it would free"],
    ["ipcloud gc", "free it"],
  ])
    .option("-n, --dry-run", "only tell what would be freed")
    .action(async ({ dryRun = false }: GcOptions) => {
      const { output } = session;
      const report = await session.requestLong("gc", { dryRun });
      const { countedFrom, ...rest } = report;
      const { freedBytes, freedBlocks, droppedVersions, droppedRevisions, thinnedStates } = rest;
      const from = countedFrom === undefined ? {} : { countedFrom: isoTime(countedFrom) };
      await output.result({ ...rest, ...from }, function* () {
        const would = dryRun ? "would free" : "freed";
        yield `${would} ${showSize(freedBytes)} in ${showCount(freedBlocks, "block")}`;
        if (from.countedFrom !== undefined) {
          yield `retention counted back from ${from.countedFrom}: the clock has gone on by more than a week since, and is taken for right once it has done so for a week`;
        }
        const letGo = dryRun ? "would let go of" : "let go of";
        if (droppedVersions + droppedRevisions > 0) {
          yield `${letGo} ${showCount(droppedVersions, "version")} and ${showCount(droppedRevisions, "revision")}`;
        }
        if (thinnedStates > 0) {
          yield `${letGo} ${showCount(thinnedStates, "state")} of the drive close to others; all versions of files stay`;
        }
      });
    });
