import { CloudError } from "../../core/cloud-error.ts";

/** A text that is looked for within lines. */
export interface TextQuery {
  /** Each as typed; a line that one of them is in is found. */
  readonly patterns: readonly string[];
  /** Regular expressions of JavaScript, in its Unicode mode where they are right in it. */
  readonly isRegExp: boolean;
  readonly ignoreCase: boolean;
  /** Only where no letter, digit or underscore stands beside it. */
  readonly word: boolean;
  /** What of a file is wanted: its lines, how many lines, or just whether there is one. */
  readonly wants: "lines" | "count" | "file";
  /** Lines of one file after which it is left; 0: none. */
  readonly linesEach: number;
  /** Characters of a line that are told, about. */
  readonly previewLength: number;
  /** Lines told before and after each. */
  readonly context: readonly [before: number, after: number];
  /** Whether files that are no text are looked into too. */
  readonly binary: boolean;
}

/** A query, ready to be run. */
export interface CompiledQuery {
  /** Finds what is looked for in one line, all of it. */
  readonly line: RegExp;
  /** Finds lines in a text: what it finds lies within one, but the line is to be asked too. */
  readonly text: RegExp;
  /** A line has one of these, in UTF-8; absent: that can't be told. */
  readonly literals?: readonly Buffer[];
  /** One of the literals is all that it takes. */
  readonly isLiteral: boolean;
}

const maxPatternLength = 10_000;

/**
 * Compiles what is looked for.
 * @throws usage, for what is no regular expression, is empty or spans lines
 */
export function compileQuery(query: TextQuery): CompiledQuery {
  const { patterns, isRegExp, ignoreCase, word } = query;
  if (patterns.length === 0) throw new CloudError("usage", "there is nothing to look for");
  const sources = patterns.map((pattern) => sourceOf(pattern, isRegExp));
  const joined = sources.map((source) => `(?:${source})`).join("|");
  const letter = isUnicode(joined) ? "[\\p{L}\\p{N}_]" : "\\w";
  const source = word ? `(?<!${letter})(?:${joined})(?!${letter})` : joined;
  const flags = `${isUnicode(source) ? "u" : ""}${ignoreCase ? "i" : ""}`;
  const literals = ignoreCase ? undefined : sources.map(longestLiteral);
  const known = literals?.every((literal) => literal !== "") === true ? literals : undefined;
  return {
    line: new RegExp(source, `g${flags}`),
    text: new RegExp(withinLines(source), `gm${flags}`),
    ...(known === undefined ? {} : { literals: known.map((literal) => Buffer.from(literal)) }),
    isLiteral: !isRegExp && !word && known !== undefined,
  };
}

function sourceOf(pattern: string, isRegExp: boolean): string {
  if (pattern === "") throw new CloudError("usage", "an empty text would be found everywhere");
  if (pattern.length > maxPatternLength) {
    throw new CloudError(
      "usage",
      `at most ${maxPatternLength.toString()} characters can be looked for`,
    );
  }
  if (/[\r\n]/.test(pattern)) {
    throw new CloudError(
      "usage",
      "what is looked for stands within a line: it can't hold line breaks",
    );
  }
  if (!isRegExp) return escapeRegExp(pattern);
  if (!isUnicode(pattern)) mustCompile(pattern);
  return pattern;
}

/** A text as a regular expression that finds just it. */
function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function isUnicode(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

function mustCompile(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /u, "") : "it can't be read";
    throw new CloudError("usage", `${JSON.stringify(pattern)} is no regular expression: ${why}`);
  }
}

/** One part of a regular expression: an escape, a class, or a character. */
const part =
  /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|k<[^>]*>|.)|\[(?:\\.|[^\]\\])*\]|[^]/gsu;

/**
 * The same expression, but that nothing in it takes the end of a line: `\s` and `[^a]` would, and so
 * what is found would begin in a line in which it isn't.
 */
function withinLines(source: string): string {
  return source.replace(part, (each) => {
    const isWide = /^(?:\\[sWDPnrxuc0]|\[.*[\^\\-])/s.test(each);
    return isWide ? `(?:(?!\\n)${each})` : each;
  });
}

/**
 * The longest text that whatever an expression finds must hold, as far as that is easily seen; empty:
 * it isn't.
 */
export function longestLiteral(source: string): string {
  let best = "";
  let run = "";
  let depth = 0;
  const end = (): void => {
    if (run.length > best.length) best = run;
    run = "";
  };
  const parts = source.match(part) ?? [];
  for (const [i, each] of parts.entries()) {
    if (each === "(") {
      end();
      depth++;
    } else if (each === ")") {
      depth--;
      end();
    } else if (each === "|") {
      if (depth === 0) return "";
      end();
    } else if (depth > 0 || !isPlain(each)) {
      end();
      if (each === "{" && depth === 0) return "";
    } else if (/^[*?{]$/.test(parts[i + 1] ?? "")) {
      end();
      if (parts[i + 1] === "{") return best;
    } else {
      run += each.startsWith("\\") ? each.slice(1) : each;
      if (parts[i + 1] === "+") end();
    }
  }
  end();
  return best;
}

/** Whether a part stands for itself: a letter, or a sign that was escaped. */
function isPlain(each: string): boolean {
  return /^(?:\\[^\p{L}\p{N}]|[^\\[\](){}^$.*+?|])$/u.test(each);
}
