import type { TagInfo } from "../../space/past/tags.ts";
import type {
  FileVersion,
  JournalItem,
  PathChange,
  RemovedItem,
  RevisionInfo,
  ShownState,
} from "../../space/types.ts";
import { ofSpace, type Topic, typed } from "./request-spec.ts";

/** What was, and how it comes back. */
export const historyRequests = {
  /** The versions of a file, newest first. */
  log: {
    params: (is) => ({
      ...ofSpace(is),
      path: is.text,
      limit: is.optional(is.count),
      everySave: is.optional(is.flag),
    }),
    answers: typed<FileVersion[]>,
    reads: true,
    interruptible: true,
  },
  revisions: {
    params: (is) => ({
      ...ofSpace(is),
      limit: is.optional(is.count),
      before: is.optional(is.text),
    }),
    answers: typed<RevisionInfo[]>,
    reads: true,
    interruptible: true,
  },
  journal: {
    params: (is) => ({
      ...ofSpace(is),
      limit: is.optional(is.count),
      before: is.optional(is.text),
      path: is.optional(is.text),
      changesEach: is.optional(is.count),
    }),
    answers: typed<JournalItem[]>,
    reads: true,
    interruptible: true,
  },
  diff: {
    params: (is) => ({
      ...ofSpace(is),
      from: is.text,
      to: is.optional(is.text),
      path: is.optional(is.text),
    }),
    answers: typed<PathChange[]>,
    reads: true,
    interruptible: true,
  },
  /** What was removed below a folder, newest first. */
  removed: {
    params: (is) => ({ ...ofSpace(is), path: is.text, limit: is.optional(is.count) }),
    answers: typed<RemovedItem[]>,
    reads: true,
    interruptible: true,
  },
  /** A file to a version, or a file, a folder or the whole drive to a moment. */
  restore: {
    params: (is) => ({
      ...ofSpace(is),
      path: is.text,
      version: is.optional(is.text),
      at: is.optional(is.text),
    }),
    answers: typed<{ changes: number; revision: string }>,
  },
  /** Answers the revision that the tag names; when it is removed, the current one. */
  tag: {
    params: (is) => ({
      ...ofSpace(is),
      name: is.text,
      at: is.optional(is.text),
      remove: is.optional(is.flag),
    }),
    answers: typed<{ revision: string }>,
  },
  /**
   * Which changes a moment leaves out because a clock was ahead when they were made, or is behind now:
   * `latest` is the latest time that one of them bears; absent: none are.
   */
  passedOver: {
    params: (is) => ({ ...ofSpace(is), at: is.text }),
    answers: typed<{ latest?: number }>,
    reads: true,
  },
  /**
   * Where the states of the last changes before a moment are not kept: for each device those changes,
   * and what is shown in their place.
   */
  shownAt: {
    params: (is) => ({ ...ofSpace(is), at: is.text }),
    answers: typed<ShownState[]>,
    reads: true,
  },
  tags: { params: ofSpace, answers: typed<TagInfo[]>, reads: true },
} satisfies Topic;
