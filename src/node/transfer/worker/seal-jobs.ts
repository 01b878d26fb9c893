import type { EncodedLinks } from "../../blocks/link.ts";
import type { BoundaryKey, ContentKey } from "../../crypto/derive.ts";
import type { Room } from "../../store/store.ts";
import type { BlockAt } from "./block-files.ts";
import type { DiskFolder } from "./disk-folder.ts";
import type { FailedItem, UnreadItem } from "./failed-item.ts";
import type { RecordColumns, SealedColumns, SourceColumns } from "./item-columns.ts";
import type { FileMeta } from "./new-file.ts";
import type {
  SearchChunksJob,
  SearchChunksResult,
  SearchRecordsJob,
  SearchRecordsResult,
} from "./search-jobs.ts";

export type { FailedItem, UnreadItem } from "./failed-item.ts";

/**
 * What the drive asks of its worker processes. All of it is copied on its way, and what arrives are
 * views of whole messages: who keeps a part for long copies it.
 */

/** The keys that a job seals with, and how; workers keep none of them. */
export interface SealKeys {
  readonly contentKey: ContentKey;
  readonly boundaryKey: BoundaryKey;
  /** Whether zstd is tried. */
  readonly compresses: boolean;
}

/** Small things in the order of their folders: read, sealed, their records packed. */
export interface FilesJob {
  readonly type: "files";
  readonly keys: SealKeys;
  readonly items: SourceColumns;
}

/** A larger file is read in stretches. */
export const maxWholeFileBytes = 2 * 1024 * 1024;

/** Sealed blocks that a process still holds. */
export interface HeldBlocks {
  /** Their ids, 32 bytes each, one after the other. */
  readonly ids: Uint8Array;
  readonly lengths: Uint32Array;
}

/** Sealed blocks on their way to the store. */
export interface SealedBlocks extends HeldBlocks {
  /** One after the other. */
  readonly bytes: Uint8Array;
}

/** Where held blocks are to be written: some of {@link HeldBlocks} by their numbers. */
export interface Rooms {
  readonly wanted: Uint32Array;
  /** Each takes the next of them, one after the other. */
  readonly rooms: readonly Room[];
}

export interface FilesResult {
  readonly items: SealedColumns;
}

/** One stretch of a large file: whole chunks, but at its end. */
export interface RangeJob {
  readonly type: "range";
  readonly keys: SealKeys;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export type RangeResult = SealedRange | { readonly failed: string };

export interface SealedRange {
  /** To the chunks, in order. */
  readonly links: EncodedLinks;
  /** Fewer than asked for: the file ends here. */
  readonly bytesRead: number;
  /** Tells one state of the file from another: inode, size and times. */
  readonly state: string;
}

/** One stretch of content that is at hand: whole chunks, but at its end. */
export interface StretchJob {
  readonly type: "stretch";
  readonly keys: SealKeys;
  readonly bytes: Uint8Array;
}

export interface StretchResult {
  /** To the chunks, in order. */
  readonly links: EncodedLinks;
}

/** Opens records and writes the files whose content stands in them. */
export interface RecordsJob {
  readonly type: "records";
  readonly blocks: readonly BlockAt[];
  readonly items: RecordColumns;
  /** Whether a file at a place that is newer stays. */
  readonly keepsNewer: boolean;
}

/** What an opened record asks for. */
export type OpenedItem =
  | { readonly outcome: "written"; readonly size: number }
  /** A file with chunks, not written yet. `links` is the encoded content of its record. */
  | {
      readonly outcome: "chunked";
      readonly size: number;
      readonly mtime: number;
      readonly mode: number;
      readonly links: EncodedLinks;
    }
  /** A folder or a symbolic link, which is made last; its content is where it leads. */
  | {
      readonly outcome: "opened";
      readonly mtime: number;
      readonly mode: number;
      readonly content: Uint8Array;
    }
  | UnreadItem
  | FailedItem;

export interface RecordsResult {
  readonly items: readonly OpenedItem[];
}

/** A file of some chunks to write, or one stretch of a large one. */
export interface ChunksItem {
  /** Absolute. */
  readonly path: string;
  /** The folder that it is in. */
  readonly folder: DiskFolder;
  /** Of a whole file; absent: a stretch of one that is there, whose time is set later. */
  readonly meta?: FileMeta;
  /** Bytes of this stretch. */
  readonly size: number;
  /** Where it begins in the file. */
  readonly offset: number;
  /** To its chunks, in order. */
  readonly links: EncodedLinks;
  /** The sealed chunks. */
  readonly blocks: readonly BlockAt[];
}

/** Opens chunks and writes them. */
export interface ChunksJob {
  readonly type: "chunks";
  readonly items: readonly ChunksItem[];
}

export interface ChunksResult {
  readonly items: readonly WrittenItem[];
}

export type WrittenItem =
  | { readonly outcome: "written"; readonly size: number }
  | UnreadItem
  | FailedItem;

/** A job and what comes of it. */
export interface SealJobs {
  readonly files: { readonly job: FilesJob; readonly result: FilesResult };
  readonly range: { readonly job: RangeJob; readonly result: RangeResult };
  readonly stretch: { readonly job: StretchJob; readonly result: StretchResult };
  readonly records: { readonly job: RecordsJob; readonly result: RecordsResult };
  readonly chunks: { readonly job: ChunksJob; readonly result: ChunksResult };
  readonly "search records": {
    readonly job: SearchRecordsJob;
    readonly result: SearchRecordsResult;
  };
  readonly "search chunks": { readonly job: SearchChunksJob; readonly result: SearchChunksResult };
}

export type JobType = keyof SealJobs;
export type SealJob = SealJobs[JobType]["job"];
/** Those that make blocks. */
export type SealingJob = FilesJob | RangeJob | StretchJob;
/** Those that only read them. */
export type OpeningJob = Exclude<SealJob, SealingJob>;
export type JobResult = SealJobs[JobType]["result"];

/** Answers a process that asked for room: where, or that it is to hand over all, or to forget it. */
export interface RoomAnswer {
  readonly type: "room";
  readonly number: number;
  readonly room: Rooms | "hand over" | "none";
}

/** What a worker process is told. */
export type ToWorker =
  | { readonly type: "job"; readonly number: number; readonly job: SealJob }
  | RoomAnswer;

/** What a worker process tells. */
export type FromWorker =
  /** It goes on. */
  | { readonly type: "beats" }
  | { readonly type: "asks"; readonly number: number; readonly held: HeldBlocks }
  | {
      readonly type: "done";
      readonly number: number;
      readonly result: JobResult;
      /** What it sealed and has not written. */
      readonly blocks?: SealedBlocks;
    }
  | {
      readonly type: "failed";
      readonly number: number;
      readonly why: string;
      /** Of the system, as `ENOSPC`. */
      readonly code?: string;
    };
