import type { EncodedLinks } from "../../blocks/link.ts";
import type { FoundText } from "../search/match-text.ts";
import type { TextQuery } from "../search/text-query.ts";
import type { BlockAt } from "./block-files.ts";
import type { FailedItem, UnreadItem } from "./failed-item.ts";
import type { LinkColumns } from "./item-columns.ts";

/** Opens records of files and looks into the content that stands in them. */
export interface SearchRecordsJob {
  readonly type: "search records";
  readonly query: TextQuery;
  readonly blocks: readonly BlockAt[];
  readonly items: LinkColumns;
}

export interface SearchRecordsResult {
  readonly items: readonly SearchedRecord[];
}

/** Chunks that follow one another: of a whole file, or of a stretch of one. */
export interface SearchedChunks {
  /** Bytes of all of them. */
  readonly size: number;
  readonly links: EncodedLinks;
  readonly blocks: readonly BlockAt[];
  /** Where in the file they begin. */
  readonly offset: number;
  /**
   * Bytes of the stretch; what comes behind is there for its last line. It has the lines that begin
   * behind its first byte, up to the one that begins right behind its last; one that is longer than a
   * chunk from there on goes on as a line of its own. Of a whole file: `size`.
   */
  readonly own: number;
}

/** Opens chunks and looks into them. */
export interface SearchChunksJob {
  readonly type: "search chunks";
  readonly query: TextQuery;
  readonly items: readonly SearchedChunks[];
}

export interface SearchChunksResult {
  readonly items: readonly SearchedItem[];
}

/** What became of one text. */
export type SearchedItem =
  | {
      readonly outcome: "searched";
      /** Its lines are counted from its first on. */
      readonly found: FoundText;
      /** Line breaks in it; only of a stretch. */
      readonly breaks?: number;
    }
  /** No text, by its first bytes. */
  | { readonly outcome: "binary" }
  /** The regular expression took too long with it. */
  | { readonly outcome: "slow" }
  | UnreadItem
  | FailedItem;

export type SearchedRecord =
  | SearchedItem
  /** A file with chunks. `links` is the encoded content of its record. */
  | { readonly outcome: "chunked"; readonly size: number; readonly links: EncodedLinks };
