import { Option } from "commander";
import { CloudError } from "../../core/cloud-error.ts";
import { showCount } from "../../core/show-size.ts";
import type { EntryKind, FoundPath, When } from "../../rpc/contract.ts";
import { atOption, type DefineCommand, limitOption, newCommand } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { JsonList } from "../json-list.ts";
import { pick } from "../pick.ts";
import { PassedOver, searchPages } from "../search-pages.ts";
import type { Session } from "../session.ts";

interface FindOptions {
  readonly at?: When;
  readonly ignoreCase?: boolean;
  readonly limit: number;
  readonly print0?: boolean;
  readonly type?: keyof typeof kinds;
}

const kinds = { f: "file", d: "folder", l: "link" } as const;
/** Of what was typed loosely the best are wanted. */
const bestFew = 50;
const wildcards = /[*?[{]/;

function showPath(session: Session, { path, kind }: FoundPath, print0: boolean): string {
  const { output } = session;
  if (print0) return `${path}\0`;
  const shown = output.name(path);
  return `${kind === "folder" ? `${output.paint("blue", shown)}/` : shown}\n`;
}

/** The paths that fit what was typed loosely, the best first. */
async function findBest(
  session: Session,
  query: string,
  path: string,
  { at, limit, type, print0 = false }: FindOptions,
): Promise<void> {
  if (at !== undefined) {
    throw new CloudError("usage", "--at goes with a pattern that has wildcards, as '*.md'");
  }
  const most = limit === Number.MAX_SAFE_INTEGER ? bestFew : limit;
  const folders = type === "d";
  const { items, more } = await session.request("findFiles", { query, path, limit: most, folders });
  const wanted = items.filter(({ kind }) => type === undefined || kinds[type] === kind);
  const { output } = session;
  if (output.json) await output.result(wanted, () => []);
  else for (const item of wanted) await output.write(showPath(session, item, print0));
  if (more) output.note(`ipcloud: these are the best ${most.toString()}; --limit shows more`);
}

/** All that a pattern is about, as it is found. */
async function findAll(
  session: Session,
  pattern: string | undefined,
  path: string,
  options: FindOptions,
): Promise<void> {
  const { ignoreCase = false, type, print0 = false } = options;
  const { output } = session;
  const list = new JsonList(output);
  const passedOver = new PassedOver(session);
  const kind: EntryKind | undefined = type === undefined ? undefined : kinds[type];
  const pages = searchPages(session, {
    path,
    ...pick(options, "at", "limit"),
    ...(pattern === undefined ? {} : { names: [pattern] }),
    ...(kind === undefined ? {} : { kind }),
    foldNames: ignoreCase,
  });
  for await (const { items, more } of pages) {
    const found = items.filter((item) => item.type === "path");
    for (const item of items) passedOver.note(item);
    if (output.json) await list.add(found.map((item) => ({ path: item.path, kind: item.kind })));
    else await output.write(found.map((item) => showPath(session, item, print0)).join(""));
    if (more) output.note("ipcloud: there is more; --limit shows it");
  }
  if (output.json) await list.end();
  if (passedOver.failed === 0) return;
  const what = showCount(passedOver.failed, "folder");
  throw new CloudError("damaged", `${what} could not be read: there may be more in them`);
}

/** `ipcloud find`: files by their names. */
export const defineFind: DefineCommand = (session) =>
  newCommand("find", "Find files by their names", [
    ["ipcloud find drvprov", "letters in order, as one types in an editor; the best first"],
    ["ipcloud find '*.md'", "by wildcards: every path, as it is found"],
    ["ipcloud find 'src/**/*.{ts,js}' /projects", "below one folder"],
    ["ipcloud find '*.jpg' --at 2025", "as it was at the end of 2025"],
    ["ipcloud find '*' / --type l -0", "all links, each ended by NUL"],
  ])
    .addHelpText(
      "after",
      `
A pattern with * ? [ or { is matched exactly: * and ? within a name, ** for any folders, {a,b}, [a-z].
It is looked for at any depth; one that begins with / from the top of the drive.`,
    )
    .argument("[pattern]", "some letters of the name, or a pattern; all, if it is left out")
    .argument("[path]", "a folder of the drive", "/")
    .addOption(new Option("-t, --type <type>", "files, folders or links").choices(["f", "d", "l"]))
    .option("-i, --ignore-case", "a pattern fits names however they are cased")
    .option("-0, --print0", "end each path by NUL")
    .addOption(limitOption("paths"))
    .addOption(atOption())
    .action(async (pattern: string | undefined, typed: string, options: FindOptions) => {
      const path = drivePath(typed);
      const isLoose = pattern !== undefined && !wildcards.test(pattern);
      if (isLoose) await findBest(session, pattern, path, options);
      else await findAll(session, pattern, path, options);
    });
