import type { CloudErrorCode } from "../core/cloud-error.ts";

/** What an import did; paths that were left out and metadata that was not kept are told. */
export interface ImportReport {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly bytes: number;
  /** Files that were the same as before. */
  readonly unchanged: number;
  readonly ignored: number;
  /** Things that were to be taken in and were not, each with a sentence; a folder counts as one. */
  readonly failed: number;
  /** Why, of the first of them; absent if none failed. */
  readonly fault?: CloudErrorCode;
  /** Sentences: sockets and devices skipped, hard links taken as copies, attributes not kept. */
  readonly notes: readonly string[];
  readonly revision: string;
}

/** What an export did. */
export interface ExportReport {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly bytes: number;
  /** Files of those that failed at whose places newer ones stand, which stay. */
  readonly newer: number;
  /** Things that were to be written and were not, each with a sentence; a folder counts as one. */
  readonly failed: number;
  /** Why, of the first of them; absent if none failed. */
  readonly fault?: CloudErrorCode;
  /** Sentences: names that clash on this file system, what could not be set. */
  readonly notes: readonly string[];
}
