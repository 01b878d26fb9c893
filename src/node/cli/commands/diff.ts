import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import type { When } from "../../rpc/contract.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import type { Output, Paint } from "../output.ts";
import type { Session } from "../session.ts";
import { showChange } from "../show/show-change.ts";
import { showLine } from "../show/show-line.ts";
import { readSides, unifiedDiff } from "../text-diff.ts";
import { typedWhen } from "../typed-when.ts";

interface DiffOptions {
  readonly path?: string;
}

/** Which paths differ between two moments. */
async function diffPaths(
  session: Session,
  older: string,
  newer: string | undefined,
  path: string | undefined,
): Promise<void> {
  const { output } = session;
  const moments = {
    from: typedWhen(older),
    ...(newer === undefined ? {} : { to: typedWhen(newer) }),
  };
  for (const at of Object.values(moments)) await session.warnOfMoment(at);
  const below = path === undefined ? {} : { path: drivePath(path) };
  const changes = await session.request("diff", { ...moments, ...below });
  await output.result(changes, () => changes.map((change) => showChange(output, change)));
}

/** What differs in the text of one file, or which paths differ below a folder. */
async function diffAt(
  session: Session,
  path: string,
  older: string | undefined,
  newer: string | undefined,
): Promise<void> {
  if ((await kindAt(session, path)) === "folder") {
    if (older === undefined) {
      throw new CloudError("usage", `${path} is a folder: say since when, as "2 days ago"`);
    }
    await diffPaths(session, older, newer, path);
    return;
  }
  const { output } = session;
  const moments: (When | undefined)[] = [older, newer].map((each) =>
    each === undefined ? undefined : typedWhen(each),
  );
  const [before, after] = await readSides(session, path, moments[0], moments[1]);
  const patch = unifiedDiff(path, before, after);
  const versions = { from: before.version ?? null, to: after.version ?? null };
  await output.result({ path, ...versions, patch: patch ?? null }, () =>
    patch === undefined
      ? [`${output.name(path)} is no text, and differs`]
      : patch
          .split("\n")
          .slice(0, -1)
          .map((line) => showPatchLine(output, line)),
  );
}

async function kindAt(session: Session, path: string): Promise<string | undefined> {
  try {
    return (await session.request("stat", { path })).kind;
  } catch (error) {
    if (!isCloudError(error, "not-found", "not-a-folder")) throw error;
    return undefined; // it may have been there
  }
}

const paints: readonly (readonly [begins: RegExp, paint: Paint])[] = [
  [/^(?:---|\+\+\+) /, "bold"],
  [/^@@/, "cyan"],
  [/^\+/, "green"],
  [/^-/, "red"],
];

function showPatchLine(output: Output, line: string): string {
  const shown = showLine(output, line);
  const [, paint] = paints.find(([begins]) => begins.test(line)) ?? [];
  return paint === undefined ? shown : output.paint(paint, shown);
}

/** `ipcloud diff`: the text of one file, or which paths differ, between two moments. */
export const defineDiff: DefineCommand = (session) =>
  newCommand("diff", "Show what differs in a file, or which paths do, between two moments", [
    ["ipcloud diff /notes/todo.md", "its text: what the last version changed"],
    ['ipcloud diff /notes/todo.md "2 days ago"', "from then until now"],
    ["ipcloud diff /notes/todo.md 12-a1b2c3d4 release-2", "between two versions, tags or times"],
    ['ipcloud diff "2 days ago"', "which paths differ, from then until now"],
    ["ipcloud diff release-1 release-2 --path /site", "between two tags, below one folder"],
  ])
    .addHelpText(
      "after",
      `
What begins with a slash is a path. Anything else is a moment, or where there is no such moment a path.`,
    )
    .argument("<path-or-older>", "a path, or an ISO time, a tag, a revision, or `2 days ago`")
    .argument("[older]", "of a path: the moment to compare with; else the newer moment")
    .argument("[newer]", "of a path: the newer moment; now, if it is left out")
    .option("--path <path>", "only below this path of the drive")
    .action(
      async (
        first: string,
        second: string | undefined,
        third: string | undefined,
        { path }: DiffOptions,
      ) => {
        if (first.startsWith("/")) {
          await diffAt(session, drivePath(first), second, third);
          return;
        }
        try {
          if (third === undefined) {
            await diffPaths(session, first, second, path);
            return;
          }
        } catch (error) {
          if (!isCloudError(error, "not-found")) throw error;
          if ((await kindOf(session, first)) === undefined) throw error;
        }
        await diffAt(session, drivePath(first), second, third);
      },
    );

/** What stands at something that may be a path. */
async function kindOf(session: Session, typed: string): Promise<string | undefined> {
  try {
    return await kindAt(session, drivePath(typed));
  } catch (error) {
    if (!isCloudError(error, "usage", "invalid-name")) throw error;
    return undefined;
  }
}
