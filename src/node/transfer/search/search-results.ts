import { CloudError } from "../../core/cloud-error.ts";
import { formatPath, namesOf, parsePath } from "../../core/path.ts";
import { showKind } from "../../space/describe.ts";
import { type Glob, parseGlob } from "../../space/find/glob.ts";
import { type PathFilter, type Walked, walkFiles } from "../../space/find/walk-files.ts";
import type { EntryKind } from "../../space/types.ts";
import { type Found, resolve, shownContent } from "../../tree/lookup.ts";
import type { StateView } from "../../tree/state-view.ts";
import type { TransferParts } from "../parts.ts";
import type { SearchItem } from "./search-items.ts";
import { compileQuery, type TextQuery } from "./text-query.ts";
import { type SearchedFile, TextSearch } from "./text-search.ts";

/** What a search looks for, and where. */
export interface SearchOptions {
  /** A folder or a file of the drive. */
  readonly path: string;
  /** Patterns, as `parseGlob` reads them: only what one is about, or lies below; none: all. */
  readonly include: readonly string[];
  /** Nothing of what one is about, or lies below. */
  readonly exclude: readonly string[];
  /** Where no text is looked for: only things about which one of these is; none: all. */
  readonly names: readonly string[];
  /** Whether it is all the same to patterns how names are cased. */
  readonly foldNames: boolean;
  /** Where no text is looked for: only things of this kind. */
  readonly kind?: EntryKind | undefined;
  /** In files; absent: names alone are looked for. */
  readonly text?: TextQuery | undefined;
}

/** What a search comes to. */
export interface SearchResults {
  readonly items: AsyncGenerator<readonly SearchItem[]>;
  /** Files looked into so far, or names looked at. */
  readonly searched: () => number;
}

/** Names that are told together. */
const namesTogether = 256;

/**
 * Looks what there is to search; searching begins when the first result is asked for.
 * @throws usage, for a pattern, a text or a path that can't be taken; not-found; not-a-folder
 */
export async function openResults(
  parts: TransferParts,
  view: StateView,
  options: SearchOptions,
  signal: AbortSignal,
): Promise<SearchResults> {
  const { text, foldNames } = options;
  if (text !== undefined) compileQuery(text);
  const globs = (patterns: readonly string[]): Glob[] =>
    patterns.map((pattern) => parseGlob(pattern, foldNames));
  const filter = { include: globs(options.include), exclude: globs(options.exclude) };
  const names = globs(options.names);
  const path = formatPath(parsePath(options.path));
  const found = await resolve(view, path);
  const walked = walk(view, path, found, filter, signal);
  return text === undefined
    ? findNames(walked, names, options.kind)
    : findText(new TextSearch(parts, text, signal), walked);
}

/** What stands at a path, if it is a file, or below it. @throws usage, for a link */
function walk(
  view: StateView,
  path: string,
  { id, entry }: Found,
  filter: PathFilter,
  signal: AbortSignal,
): AsyncGenerator<Walked> {
  if (entry?.kind === "link") {
    throw new CloudError("usage", `${path} is a symbolic link; look where it leads`);
  }
  if (entry?.kind !== "file") return walkFiles(view, { id, path }, filter, signal);
  return only({ path, entry });
}

async function* only(walked: Walked): AsyncGenerator<Walked> {
  yield await Promise.resolve(walked);
}

function findNames(
  walked: AsyncIterable<Walked>,
  names: readonly Glob[],
  kind: EntryKind | undefined,
): SearchResults {
  let searched = 0;
  async function* items(): AsyncGenerator<readonly SearchItem[]> {
    let together: SearchItem[] = [];
    for await (const each of walked) {
      searched++;
      const item = nameItem(each, names, kind);
      if (item === undefined) continue;
      if (together.push(item) < namesTogether) continue;
      yield together;
      together = [];
    }
    yield together;
  }
  return { items: items(), searched: () => searched };
}

function nameItem(
  walked: Walked,
  names: readonly Glob[],
  wanted: EntryKind | undefined,
): SearchItem | undefined {
  const { path } = walked;
  if ("unread" in walked) return { type: "failed", path, why: walked.unread };
  const kind = showKind(walked.entry);
  if (wanted !== undefined && wanted !== kind) return undefined;
  const fits = names.length === 0 || names.some((name) => name.matches(namesOf(path)));
  return fits ? { type: "path", path, kind } : undefined;
}

function findText(search: TextSearch, walked: AsyncIterable<Walked>): SearchResults {
  const unread: SearchItem[] = [];
  async function* files(): AsyncGenerator<SearchedFile> {
    for await (const each of walked) {
      if ("unread" in each) {
        unread.push({ type: "failed", path: each.path, why: each.unread });
      } else if (each.entry.kind === "file") {
        const shown = shownContent(each.entry);
        if (shown !== undefined) yield { path: each.path, link: shown.link };
      }
    }
  }
  async function* items(): AsyncGenerator<readonly SearchItem[]> {
    for await (const found of search.items(files())) {
      yield unread.splice(0);
      yield found;
    }
    yield unread.splice(0);
  }
  return { items: items(), searched: () => search.searched };
}
