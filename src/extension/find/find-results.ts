import type { FoundLine, SearchPage } from "../../node/rpc/contract.ts";

/** A file in which something was found. */
export interface FileResult {
  readonly type: "file";
  readonly path: string;
  readonly lines: LineResult[];
}

/** A line in which something was found. */
export interface LineResult {
  readonly type: "line";
  readonly file: FileResult;
  readonly found: FoundLine;
}

/** What could not be looked into. */
export interface FailedResult {
  readonly type: "failed";
  readonly path: string;
  readonly why: string;
}

/** What a search in the drive has come to so far. */
export class FindResults {
  readonly files: FileResult[] = [];
  readonly failed: FailedResult[] = [];
  lines = 0;
  binary = 0;
  searched = 0;
  /** There is more than was asked for. */
  more = false;

  take({ items, searched, more }: SearchPage): void {
    this.searched = searched;
    this.more = more;
    for (const item of items) {
      if (item.type === "binary") this.binary++;
      else if (item.type === "failed") this.failed.push({ ...item, type: "failed" });
      else if (item.type === "file") this.#takeFile(item.path, item.lines);
    }
  }

  #takeFile(path: string, lines: readonly FoundLine[]): void {
    // A large file comes in several items.
    const last = this.files.at(-1);
    const file: FileResult = last?.path === path ? last : { type: "file", path, lines: [] };
    if (file !== last) this.files.push(file);
    for (const found of lines) file.lines.push({ type: "line", file, found });
    this.lines += lines.length;
  }

  /** The line after one, or before it; at the end the first again. */
  beside(line: LineResult | undefined, step: 1 | -1): LineResult | undefined {
    const all = this.files.flatMap((file) => file.lines);
    if (all.length === 0) return undefined;
    const at = line === undefined ? -1 : all.indexOf(line);
    if (at < 0) return step === 1 ? all[0] : all.at(-1);
    return all[(at + step + all.length) % all.length];
  }
}

/** Where a line is found first in its file: from and to, in UTF-16 units. */
export function placeOf({ cut = 0, ranges }: FoundLine): [from: number, to: number] {
  return [cut + (ranges[0] ?? 0), cut + (ranges[1] ?? 0)];
}

/** A line as a list shows it: without the space at its beginning, and where it was found in that. */
export function shownLine({ text, ranges, cut = 0 }: FoundLine): {
  readonly label: string;
  readonly highlights: [number, number][];
} {
  const blank = cut > 0 ? 0 : text.length - text.trimStart().length;
  const before = cut > 0 ? "…" : "";
  const highlights: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [ranges[i] as number, ranges[i + 1] as number];
    if (to <= blank) continue;
    highlights.push([Math.max(from - blank, 0) + before.length, to - blank + before.length]);
  }
  // A tab would be as wide as eight letters.
  return { label: before + text.slice(blank).replaceAll("\t", " "), highlights };
}
