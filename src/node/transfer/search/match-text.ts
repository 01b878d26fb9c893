import { bytesBody, stringBody, type TextBody } from "./text-body.ts";
import type { CompiledQuery, TextQuery } from "./text-query.ts";

/** A line in which something was found, or one beside it. */
export interface FoundLine {
  /** From 1 on. */
  readonly line: number;
  /** The line, or where it is long a part of it. */
  readonly text: string;
  /** How many characters of the line stand before the text; absent: none. */
  readonly cut?: number;
  /** Where in the text it was found: from, to, from, to; none, for a line beside. UTF-16 units. */
  readonly ranges: readonly number[];
}

/** What was found in one text. */
export interface FoundText {
  /** Lines in which it was found. */
  readonly count: number;
  /** They and those beside them, in order, as far as they are wanted. */
  readonly lines: readonly FoundLine[];
}

/** What of a query a text is asked. */
export type AskedOfText = Pick<TextQuery, "wants" | "linesEach" | "previewLength" | "context">;

/** Places that are told of one line. */
const maxRanges = 100;

/** A line that was found, before it is cut. */
interface Hit {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly ranges: readonly number[];
}

/** Looks into bytes of UTF-8, whole lines. What is not UTF-8 in them is never found. */
export function matchText(query: CompiledQuery, asked: AskedOfText, bytes: Buffer): FoundText {
  const { literals } = query;
  if (literals !== undefined) {
    const next = nextLiteral(bytes, literals);
    return next(0) < 0 ? nothing : matchBody(query, asked, bytesBody(bytes), next);
  }
  const text = bytes.toString("utf8");
  const next = (from: number): number => {
    query.text.lastIndex = from;
    return query.text.exec(text)?.index ?? -1;
  };
  return matchBody(query, asked, stringBody(text), next);
}

const nothing: FoundText = { count: 0, lines: [] };

/** Finds the first of some literals from a place on; -1: there is none. */
function nextLiteral(bytes: Buffer, literals: readonly Buffer[]): (from: number) => number {
  const known = literals.map(() => -2);
  return (from) => {
    let first = -1;
    for (const [i, literal] of literals.entries()) {
      let at = known[i] as number;
      if (at !== -1 && at < from) at = known[i] = bytes.indexOf(literal, from);
      if (at !== -1 && (first < 0 || at < first)) first = at;
    }
    return first;
  };
}

/** @param next - where a line may have it, from a place on. */
function matchBody(
  query: CompiledQuery,
  asked: AskedOfText,
  body: TextBody,
  next: (from: number) => number,
): FoundText {
  const hits: Hit[] = [];
  const most = asked.wants === "file" ? 1 : asked.linesEach || Infinity;
  let count = 0;
  let line = 1;
  let counted = 0;
  for (let at = next(0); at >= 0 && at < body.length; ) {
    const [start, end] = [body.startOf(at), body.endOf(at)];
    for (; counted < start; counted = body.endOf(counted) + 1) line++;
    const ranges = rangesIn(query.line, withoutReturn(body.cut(start, end)));
    if (ranges !== undefined) {
      count++;
      if (asked.wants === "lines") hits.push({ start, end, line, ranges });
      if (count >= most) break;
    }
    at = end + 1 < body.length ? next(end + 1) : -1;
  }
  return { count, lines: linesOf(hits, asked, body) };
}

/** Where a line has it; `undefined`: nowhere. */
function rangesIn(expression: RegExp, line: string): number[] | undefined {
  const ranges: number[] = [];
  expression.lastIndex = 0;
  for (let found = expression.exec(line); found !== null; found = expression.exec(line)) {
    const [text] = found;
    ranges.push(found.index, found.index + text.length);
    if (text === "") expression.lastIndex++;
    if (ranges.length >= 2 * maxRanges) break;
  }
  return ranges.length === 0 ? undefined : ranges;
}

function linesOf(hits: readonly Hit[], asked: AskedOfText, body: TextBody): FoundLine[] {
  const [before, after] = asked.context;
  const lines: FoundLine[] = [];
  const tell = (hit: Hit): void => {
    const text = withoutReturn(body.cut(hit.start, hit.end));
    lines.push(preview(hit.line, text, hit.ranges, asked.previewLength));
  };
  let told = 0;
  for (const [i, hit] of hits.entries()) {
    const above: Hit[] = [];
    let { start } = hit;
    for (let line = hit.line - 1; line > told && line >= hit.line - before; line--) {
      const end = start - 1;
      start = body.startOf(end);
      above.push({ start, end, line, ranges: [] });
    }
    for (const each of above.reverse()) tell(each);
    tell(hit);
    told = hit.line;
    const next = hits[i + 1]?.line ?? Infinity;
    let { end } = hit;
    while (told < hit.line + after && told + 1 < next && end + 1 < body.length) {
      const from = end + 1;
      end = body.endOf(from);
      tell({ start: from, end, line: ++told, ranges: [] });
    }
  }
  return lines;
}

/** A line as it is told: of a long one, where it was found first. */
function preview(line: number, text: string, ranges: readonly number[], length: number): FoundLine {
  if (text.length <= length) return { line, text, ranges };
  const first = ranges[0] ?? 0;
  let cut = Math.max(0, Math.min(first - Math.floor(length / 4), text.length - length));
  // Not amidst a character.
  if (/^[\udc00-\udfff]/.test(text.slice(cut, cut + 1))) cut--;
  const within: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [(ranges[i] as number) - cut, (ranges[i + 1] as number) - cut];
    if (from <= length) within.push(from, Math.min(to, length));
  }
  return { line, text: text.slice(cut, cut + length), ...(cut > 0 ? { cut } : {}), ranges: within };
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
