import type { Params } from "../../node/rpc/contract.ts";

/** What a person looks for in files. */
export interface FindQuery {
  readonly text: string;
  readonly isRegExp: boolean;
  readonly matchCase: boolean;
  readonly word: boolean;
  /** Patterns of files, with commas between; empty: all. */
  readonly include: string;
  readonly exclude: string;
}

/** Nothing typed yet. */
export const emptyQuery: FindQuery = {
  text: "",
  isRegExp: false,
  matchCase: false,
  word: false,
  include: "",
  exclude: "",
};

/** So many lines are shown. */
export const maxLines = 10_000;
/** Characters of a line that a result shows, about. */
const previewLength = 250;

/** The same as the node takes it. */
export function asSearch(query: FindQuery): Params<"searchBegin"> {
  const { text, isRegExp, matchCase, word } = query;
  return {
    path: "/",
    include: splitPatterns(query.include),
    exclude: splitPatterns(query.exclude),
    text: {
      patterns: [text],
      isRegExp,
      ignoreCase: !matchCase,
      word,
      wants: "lines",
      linesEach: 0,
      previewLength,
      context: [0, 0],
      binary: false,
    },
    limit: maxLines,
  };
}

/** Patterns as typed: a comma within braces is one of the pattern. */
export function splitPatterns(typed: string): string[] {
  const patterns: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= typed.length; at++) {
    const character = typed[at];
    if (character === "{") depth++;
    if (character === "}") depth--;
    if (character !== undefined && (character !== "," || depth > 0)) continue;
    patterns.push(typed.slice(start, at).trim());
    start = at + 1;
  }
  return patterns.filter((pattern) => pattern !== "");
}

/** What is looked for beside the text, in words: `match case, in *.ts`. */
export function describeQuery({ isRegExp, matchCase, word, include, exclude }: FindQuery): string {
  return [
    ...(matchCase ? ["match case"] : []),
    ...(word ? ["whole word"] : []),
    ...(isRegExp ? ["regular expression"] : []),
    ...(include === "" ? [] : [`in ${include}`]),
    ...(exclude === "" ? [] : [`not in ${exclude}`]),
  ].join(", ");
}
