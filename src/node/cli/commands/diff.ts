import type { When } from "../../rpc/contract.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { showChange } from "../show/show-change.ts";
import { typedWhen } from "../typed-when.ts";

interface DiffOptions {
  readonly path?: string;
}

/** `ipcloud diff`: which paths differ between two moments. */
export const defineDiff: DefineCommand = (session) =>
  newCommand("diff", "Tell which paths differ between two moments", [
    ['ipcloud diff "2 days ago"', "from then until now"],
    ["ipcloud diff release-1 release-2 --path /site", "between two tags, below one folder"],
    ["diff <(ipcloud cat /a --at monday) <(ipcloud cat /a)", "the lines of one file, in bash"],
  ])
    .argument("<older>", "an ISO time, a tag, a revision, or `2 days ago`", typedWhen)
    .argument("[newer]", "the same; now, if it is left out", typedWhen)
    .option("--path <path>", "only below this path of the drive")
    .action(async (from: When, to: When | undefined, { path }: DiffOptions) => {
      const { output } = session;
      for (const at of to === undefined ? [from] : [from, to]) await session.warnOfMoment(at);
      const changes = await session.request("diff", {
        from,
        ...(to === undefined ? {} : { to }),
        ...(path === undefined ? {} : { path: drivePath(path) }),
      });
      await output.result(changes, () => changes.map((change) => showChange(output, change)));
    });
