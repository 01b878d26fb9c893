import { showCount } from "../../core/show-size.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { exitStatusOf } from "../exit-codes.ts";

interface VerifyOptions {
  readonly acceptLoss?: boolean;
}

/** `ipcloud verify`: checks everything that is kept; the exit status tells whether all is sound. */
export const defineVerify: DefineCommand = (session) =>
  newCommand(
    "verify",
    "Check every block, key and record that is kept (exit 6 if any is damaged)",
    [
      ["ipcloud verify", "tells which files and versions a damage concerns"],
      ["ipcloud verify --json", "the same for scripts"],
      [
        "ipcloud verify --accept-loss",
        "where status says that saved changes are missing and can't be put back: go on without them",
      ],
    ],
  )
    .option("--accept-loss", "go on without the changes that a lost log took, then check")
    .action(async ({ acceptLoss = false }: VerifyOptions) => {
      const { output } = session;
      if (acceptLoss) {
        await session.requestPlain("acceptLoss", {});
        // The next node opens the store for writing.
        await session.stopNode();
      }
      const report = await session.requestLong("verify", {});
      if (!report.ok) session.exitStatus = exitStatusOf.damaged;
      await output.result(report, function* () {
        for (const { cid, paths } of report.damaged) {
          yield output.paint("red", `damaged ${cid}`);
          for (const path of paths) yield `  ${output.name(path)}`;
        }
        for (const problem of report.problems) yield output.paint("red", output.name(problem));
        const blocks = showCount(report.blocks, "block");
        yield report.ok
          ? output.paint("green", `${blocks}, all sound`)
          : `${blocks}, not all sound`;
      });
    });
