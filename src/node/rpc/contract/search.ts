import type { FoundPaths } from "../../space/types.ts";
import type { SearchPage } from "../../transfer/search/search-items.ts";
import type { Nothing } from "./node.ts";
import { ofSpace, type Topic, typed } from "./request-spec.ts";

/** Finding files, by their names and by what is in them. */
export const searchRequests = {
  /**
   * The files that fit what was typed best, the best first. `partial`: soon, with what is known of
   * names so far; who asks again is told more.
   */
  findFiles: {
    params: (is) => ({
      ...ofSpace(is),
      query: is.text,
      /** Only below this folder; by default the whole drive. */
      path: is.optional(is.text),
      limit: is.optional(is.count),
      /** Folders too. */
      folders: is.optional(is.flag),
      partial: is.optional(is.flag),
    }),
    answers: typed<FoundPaths>,
    reads: true,
    interruptible: true,
  },
  /**
   * Begins to search below a folder, or a file: names, or with `text` what is in files. Then
   * `searchNext`, until it is done, or `searchEnd`. A search ends with its client.
   */
  searchBegin: {
    params: (is) => ({
      ...ofSpace(is),
      path: is.text,
      at: is.optional(is.text),
      /** Patterns: only what one is about, or lies below; absent: all. */
      include: is.optional(is.texts),
      exclude: is.optional(is.texts),
      /** Where no text is looked for: only things about which one of these patterns is. */
      names: is.optional(is.texts),
      foldNames: is.optional(is.flag),
      kind: is.optional(is.kind),
      text: is.optional(is.query),
      /** So many lines, or names; by default all. */
      limit: is.optional(is.count),
    }),
    answers: typed<{ search: number }>,
  },
  /** What was found since; waits for it a little. */
  searchNext: {
    params: (is) => ({ search: is.count }),
    answers: typed<SearchPage>,
    interruptible: true,
  },
  searchEnd: { params: (is) => ({ search: is.count }), answers: typed<Nothing> },
} satisfies Topic;
