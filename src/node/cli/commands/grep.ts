import { InvalidArgumentError, Option } from "commander";
import { CloudError } from "../../core/cloud-error.ts";
import { showCount } from "../../core/show-size.ts";
import type { FoundLine, SearchItem, TextQuery, When } from "../../rpc/contract.ts";
import { atOption, type DefineCommand, newCommand, parseCount } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { JsonList } from "../json-list.ts";
import type { Output } from "../output.ts";
import { pick } from "../pick.ts";
import { PassedOver, searchPages } from "../search-pages.ts";
import type { Session } from "../session.ts";
import { showLine } from "../show/show-line.ts";

interface GrepOptions {
  readonly at?: When;
  readonly regexp: readonly string[];
  readonly fixedStrings?: boolean;
  readonly ignoreCase?: boolean;
  readonly wordRegexp?: boolean;
  readonly filesWithMatches?: boolean;
  readonly count?: boolean;
  readonly lineNumber?: boolean;
  readonly quiet?: boolean;
  readonly text?: boolean;
  readonly maxCount?: number;
  readonly afterContext?: number;
  readonly beforeContext?: number;
  readonly context?: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Longer lines are cut. */
const longestLine = 256 * 1024;

const add = (value: string, before: readonly string[]): string[] => [...before, value];

function parseLines(typed: string): number {
  const lines = Number(typed);
  if (Number.isSafeInteger(lines) && lines >= 0 && lines <= 10_000) return lines;
  throw new InvalidArgumentError("expected a number of lines");
}

function queryOf(patterns: readonly string[], options: GrepOptions): TextQuery {
  const { context = 0, beforeContext = context, afterContext = context } = options;
  const wantsFile = options.filesWithMatches === true || options.quiet === true;
  return {
    patterns,
    isRegExp: options.fixedStrings !== true,
    ignoreCase: options.ignoreCase === true,
    word: options.wordRegexp === true,
    wants: wantsFile ? "file" : options.count === true ? "count" : "lines",
    linesEach: options.maxCount ?? 0,
    previewLength: longestLine,
    context: [beforeContext, afterContext],
    binary: options.text === true,
  };
}

/** Writes what is found as grep does. */
class Writer {
  readonly #output: Output;
  readonly #options: GrepOptions;
  readonly #hasContext: boolean;
  #last: { readonly path: string; readonly line: number } | undefined;

  constructor(output: Output, options: GrepOptions) {
    this.#output = output;
    this.#options = options;
    const { context = 0, beforeContext = context, afterContext = context } = options;
    this.#hasContext = beforeContext + afterContext > 0;
  }

  text({ path, count, lines }: SearchItem & { readonly type: "file" }): string {
    const { filesWithMatches, count: counts } = this.#options;
    const name = this.#output.paint("magenta", this.#output.name(path));
    if (filesWithMatches === true) return `${name}\n`;
    if (counts === true) return `${name}:${count.toString()}\n`;
    return lines.map((line) => this.#line(path, name, line)).join("");
  }

  #line(path: string, name: string, { line, text, ranges }: FoundLine): string {
    const sign = ranges.length > 0 ? ":" : "-";
    const number = this.#output.paint("green", line.toString());
    const where = this.#options.lineNumber === true ? `${number}${sign}` : "";
    const follows = this.#last?.path === path && this.#last.line + 1 === line;
    const gap = this.#hasContext && this.#last !== undefined && !follows ? "--\n" : "";
    this.#last = { path, line };
    return `${gap}${name}${sign}${where}${this.#marked(text, ranges)}\n`;
  }

  #marked(text: string, ranges: readonly number[]): string {
    let shown = "";
    let at = 0;
    for (let i = 0; i < ranges.length; i += 2) {
      const [from, to] = [ranges[i] as number, ranges[i + 1] as number];
      const found = showLine(this.#output, text.slice(from, to));
      shown += showLine(this.#output, text.slice(at, from)) + this.#output.paint("red", found);
      at = to;
    }
    return shown + showLine(this.#output, text.slice(at));
  }
}

async function grep(
  session: Session,
  patterns: readonly string[],
  typed: string,
  options: GrepOptions,
): Promise<void> {
  const { output } = session;
  const writer = new Writer(output, options);
  const list = new JsonList(output);
  const passedOver = new PassedOver(session);
  let isFound = false;
  const params = {
    path: drivePath(typed),
    ...pick(options, "at"),
    include: options.include,
    exclude: options.exclude,
    text: queryOf(patterns, options),
    ...(options.quiet === true ? { limit: 1 } : {}),
  };
  for await (const { items } of searchPages(session, params)) {
    const found = items.filter((item) => item.type === "file");
    for (const item of items) passedOver.note(item);
    isFound ||= found.length > 0;
    if (options.quiet === true) continue;
    if (output.json) await list.add(items.map(asJson));
    else await output.write(found.map((item) => writer.text(item)).join(""));
  }
  if (output.json && options.quiet !== true) await list.end();
  session.exitStatus = isFound ? 0 : 1;
  if (passedOver.binary > 0 && options.quiet !== true) {
    const what = showCount(passedOver.binary, "file");
    const are = passedOver.binary === 1 ? "is" : "are";
    output.note(`ipcloud: ${what} that ${are} no text ${are} passed over; -a searches all`);
  }
  if (passedOver.failed === 0) return;
  const what = showCount(passedOver.failed, "thing");
  throw new CloudError("damaged", `${what} could not be searched, as was told; all else was`);
}

function asJson(item: SearchItem): unknown {
  if (item.type === "binary") return { path: item.path, binary: true };
  if (item.type === "failed") return { path: item.path, failed: item.why };
  if (item.type === "path") return { path: item.path };
  const { path, count, lines } = item;
  return { path, count, lines };
}

/** `ipcloud grep`: lines of files. */
export const defineGrep: DefineCommand = (session) =>
  newCommand("grep", "Find lines in files", [
    ["ipcloud grep 'TODO|FIXME' /projects", "a regular expression, below one folder"],
    ["ipcloud grep -F -i -n 'a*b' --include '*.md'", "the text itself, in some files"],
    ["ipcloud grep -l password / --exclude node_modules", "only which files have it"],
    ["ipcloud grep -C 2 budget /notes --at monday", "with lines around, as it was at a tag"],
  ])
    .addHelpText(
      "after",
      `
Regular expressions are those of JavaScript and look within a line. One that takes more than 2 s with
a file passes over it. Patterns of files as of \`ipcloud find\`; a folder's holds for all below it.
The exit code is 0 if a line was found, 1 if none was, 6 if something could not be searched; another
one is an error, 2 where no other code says which.`,
    )
    .argument("[pattern]", "a regular expression; the path, where -e gives it")
    .argument("[path]", "a folder or file of the drive; by default, all")
    .option("-E, --extended-regexp", "patterns are regular expressions: so they are anyway")
    .option("-F, --fixed-strings", "patterns are what is looked for as it stands")
    .option("-e, --regexp <pattern>", "a pattern; may be given several times", add, [])
    .option("-i, --ignore-case", "capitals count as small letters")
    .option("-w, --word-regexp", "only whole words")
    .option("-l, --files-with-matches", "only the paths of files")
    .option("-c, --count", "only how many lines of each file")
    .option("-n, --line-number", "the number of each line")
    .option("-q, --quiet", "nothing but the exit code")
    .option("-a, --text", "search what is no text too")
    .addOption(
      new Option("-m, --max-count <count>", "so many lines of each file").argParser(parseCount),
    )
    .addOption(new Option("-A, --after-context <lines>", "lines after").argParser(parseLines))
    .addOption(new Option("-B, --before-context <lines>", "lines before").argParser(parseLines))
    .addOption(new Option("-C, --context <lines>", "lines around").argParser(parseLines))
    .option("--include <glob>", "only files like this; may be given several times", add, [])
    .option("--exclude <glob>", "no files like this; may be given several times", add, [])
    .addOption(atOption())
    .action(async (first: string | undefined, second: string | undefined, options: GrepOptions) => {
      session.faultStatus = 2;
      const { regexp } = options;
      if (regexp.length === 0 && first === undefined) {
        throw new CloudError("usage", "expected a pattern; see: ipcloud help grep");
      }
      if (regexp.length > 0 && second !== undefined) {
        throw new CloudError("usage", "with -e only a path is expected beside the options");
      }
      if (regexp.length > 0) await grep(session, regexp, first ?? "/", options);
      else await grep(session, [first as string], second ?? "/", options);
    });
