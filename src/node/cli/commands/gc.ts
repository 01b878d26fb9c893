import { type DefineCommand, newCommand } from "../define-command.ts";
import { showCount, showSize } from "../show/show-size.ts";

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
      const { freedBytes, freedBlocks, droppedVersions, droppedRevisions } = report;
      await output.result(report, function* () {
        const would = dryRun ? "would free" : "freed";
        yield `${would} ${showSize(freedBytes)} in ${showCount(freedBlocks, "block")}`;
        if (droppedVersions + droppedRevisions === 0) return;
        yield `${dryRun ? "would let" : "let"} go of ${showCount(droppedVersions, "version")} and ${showCount(droppedRevisions, "revision")}`;
      });
    });
