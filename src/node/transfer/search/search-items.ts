import type { EntryKind } from "../../space/types.ts";
import type { FoundLine } from "./match-text.ts";

export type { FoundLine } from "./match-text.ts";

/** What a search comes to, one thing at a time. */
export type SearchItem =
  /** Something whose name fits, where no text is looked for. */
  | { readonly type: "path"; readonly path: string; readonly kind: EntryKind }
  /** A file in which the text was found. A large one comes in several items, one after the other. */
  | {
      readonly type: "file";
      readonly path: string;
      /** Lines in which it was found. */
      readonly count: number;
      readonly lines: readonly FoundLine[];
    }
  /** A file that is no text and was not looked into. */
  | { readonly type: "binary"; readonly path: string }
  /** A file or folder that could not be looked into: it is not known whether it has the text. */
  | { readonly type: "failed"; readonly path: string; readonly why: string };

/** What a search has come to since it was last asked. */
export interface SearchPage {
  readonly items: readonly SearchItem[];
  /** Files looked into so far, or names looked at. */
  readonly searched: number;
  readonly isDone: boolean;
  /** Once it is done: it was left at its limit, and there may be more. */
  readonly more: boolean;
}
