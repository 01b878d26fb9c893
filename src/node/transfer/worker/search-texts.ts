import { chunkBytes, decodeRecord, encodeLinks } from "../../blocks/record.ts";
import { concatBytes } from "../../core/bytes.ts";
import { beat } from "../../platform/thread-watch.ts";
import { type FoundText, matchText } from "../search/match-text.ts";
import { countBreaks } from "../search/text-body.ts";
import { type CompiledQuery, compileQuery, type TextQuery } from "../search/text-query.ts";
import { BlockFiles } from "./block-files.ts";
import { linkItems } from "./item-columns.ts";
import { runLimited } from "./limited.ts";
import { failedItem, recordOpener, unreadItem } from "./open-records.ts";
import type {
  SearchChunksJob,
  SearchChunksResult,
  SearchedChunks,
  SearchedItem,
  SearchedRecord,
  SearchRecordsJob,
  SearchRecordsResult,
} from "./search-jobs.ts";
import { openChunks } from "./write-chunks.ts";

/** A regular expression may take so long with one text. */
const limitMs = 2000;
/** In so many of its first bytes a text has no NUL, as git has it. */
const sniffedBytes = 8000;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

const nothing: SearchedItem = { outcome: "searched", found: { count: 0, lines: [] } };

/** A text that was opened. */
interface OpenedText {
  readonly bytes: Buffer;
  /** Of a stretch: how its line breaks are counted. */
  readonly isStretch: boolean;
}

/** Opens records, and looks into the files whose content stands in them. */
export function searchRecords({ query, blocks, items }: SearchRecordsJob): SearchRecordsResult {
  const files = new BlockFiles();
  const open = recordOpener(blocks, files);
  const opened = linkItems(items).map((item): OpenedText | SearchedRecord => {
    beat();
    try {
      const { size, content } = decodeRecord(open(item));
      if (!(content instanceof Uint8Array)) {
        return { outcome: "chunked", size, links: encodeLinks(content) };
      }
      return textOf(query, content, true, false);
    } catch (error) {
      return unreadItem(error) ?? failedItem(error);
    }
  });
  files.close();
  return { items: matchAll(query, opened) };
}

/** Opens chunks, and looks into them. */
export function searchChunks({ query, items }: SearchChunksJob): SearchChunksResult {
  const files = new BlockFiles();
  const opened = items.map((item): OpenedText | SearchedItem => {
    try {
      const parts = [...openChunks(item, files)];
      const [first] = parts;
      const bytes = parts.length === 1 && first !== undefined ? first : concatBytes(...parts);
      const isStretch = item.own !== item.size || item.offset > 0;
      return textOf(query, isStretch ? ownLines(bytes, item) : bytes, item.offset === 0, isStretch);
    } catch (error) {
      return unreadItem(error) ?? failedItem(error);
    }
  });
  files.close();
  beat();
  return { items: matchAll(query, opened) };
}

/** A text to be looked into. @param begins - whether the file begins with it. */
function textOf(
  { binary }: TextQuery,
  content: Uint8Array,
  begins: boolean,
  isStretch: boolean,
): OpenedText | SearchedItem {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  if (!begins) return { bytes, isStretch };
  if (!binary && bytes.subarray(0, sniffedBytes).includes(0)) return { outcome: "binary" };
  const isMarked = bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark);
  return { bytes: isMarked ? bytes.subarray(byteOrderMark.length) : bytes, isStretch };
}

/** The lines of a stretch: see {@link SearchedChunks.own}. */
function ownLines(content: Uint8Array, { own, offset }: SearchedChunks): Uint8Array {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const behind = (at: number): number => {
    const end = bytes.subarray(at, at + chunkBytes).indexOf(10);
    return end < 0 ? Math.min(bytes.length, at + chunkBytes) : at + end + 1;
  };
  return content.subarray(
    offset === 0 ? 0 : behind(0),
    own < bytes.length ? behind(own) : undefined,
  );
}

/** Looks into all that was opened; what takes too long is passed over. */
function matchAll<Other extends { readonly outcome: string }>(
  query: TextQuery,
  opened: readonly (OpenedText | Other)[],
): (Other | SearchedItem)[] {
  const compiled = compileQuery(query);
  const results: (Other | SearchedItem)[] = [];
  let began = 0;
  const work = (): void => {
    while (results.length < opened.length) {
      began = performance.now();
      const next = opened[results.length] as OpenedText | Other;
      results.push("outcome" in next ? next : matchOne(compiled, query, next));
    }
  };
  if (compiled.isLiteral) work();
  while (results.length < opened.length) {
    beat();
    if (runLimited(work, limitMs)) break;
    // One that has just begun has its time yet.
    if (performance.now() - began >= limitMs / 2) results.push({ outcome: "slow" });
  }
  return results;
}

function matchOne(
  compiled: CompiledQuery,
  query: TextQuery,
  { bytes, isStretch }: OpenedText,
): SearchedItem {
  const found: FoundText = matchText(compiled, query, bytes);
  if (isStretch) return { outcome: "searched", found, breaks: countBreaks(bytes) };
  return found.count === 0 ? nothing : { outcome: "searched", found };
}
