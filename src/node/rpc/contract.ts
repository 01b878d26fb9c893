import type { CloudErrorCode } from "../core/cloud-error.ts";

export { CloudError, type CloudErrorCode, isCloudError } from "../core/cloud-error.ts";

/** Rises with every change of this file that an older side would not understand. */
export const protocolVersion = 1;

/** What stands at a path. */
export type EntryKind = "file" | "folder" | "link";

/**
 * A moment of the drive as a person names it: an ISO 8601 time, a tag, a revision (`12-a1b2c3d4`)
 * or `2 days ago`. Absent: now.
 */
export type When = string;

/** Identifies one version of one file: the stamp that wrote it, `12-a1b2c3d4`. */
export type VersionId = string;

export interface Stat {
  readonly kind: EntryKind;
  /** Bytes of plain content; length of the target in bytes for a link; 0 for a folder. */
  readonly size: number;
  /** Milliseconds since 1970, with microseconds as the fraction. */
  readonly mtime: number;
  /** Milliseconds since 1970 of the earliest version known. */
  readonly ctime: number;
  /** POSIX permission bits, 0 to 0o7777. */
  readonly mode: number;
  /** The version shown; the empty string for a folder without one. */
  readonly version: VersionId;
  /** Present and true if the file has two contents at once. */
  readonly conflict?: boolean;
}

export interface ListItem extends Stat {
  /** As listed: a clash carries a suffix. */
  readonly name: string;
}

export interface FileVersion {
  readonly version: VersionId;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Name of the device that wrote it. */
  readonly device: string;
  readonly size: number;
  /** Where the file stood then. */
  readonly path: string;
  /** Whether it is what the path shows now. */
  readonly current: boolean;
  /** How many saves within the window it stands for, 1 or more. */
  readonly saves: number;
}

export interface RevisionInfo {
  readonly revision: string;
  readonly time: number;
  readonly device: string;
  readonly tags: readonly string[];
}

export type ChangeType = "added" | "changed" | "removed" | "moved";

/** One line of the journal or of a difference. */
export interface PathChange {
  readonly type: ChangeType;
  readonly kind: EntryKind;
  readonly path: string;
  /** For `moved`: where it stood before. */
  readonly from?: string;
}

export interface JournalItem extends RevisionInfo {
  readonly changes: readonly PathChange[];
  /** True if `changes` was cut to the limit asked for. */
  readonly more: boolean;
}

export interface RemovedItem {
  /** Where it stood. */
  readonly path: string;
  readonly kind: EntryKind;
  readonly version: VersionId;
  readonly size: number;
  /** Milliseconds since 1970 of its removal. */
  readonly time: number;
  readonly device: string;
}

export interface Status {
  readonly pid: number;
  readonly home: string;
  readonly state: "no-account" | "locked" | "unlocked";
  /** The account's name, `ipc-…`; absent where there is none. */
  readonly account?: string;
  readonly device?: string;
  /** The current revision; absent while locked. */
  readonly revision?: string;
  readonly version: string;
  readonly usage?: { blocks: number; blockBytes: number; diskBytes: number; quarantined: number };
  /** Sentences about what the user should know: a new writer, a damaged store, a gap in history. */
  readonly notices: readonly string[];
}

export interface Settings {
  /** Saves by one writer within so many seconds of the first count as one version. */
  readonly versionWindowSeconds: number;
  /** Lock after so many minutes without use; 0: never. */
  readonly autoLockMinutes: number;
  readonly retention: {
    /** Every version and revision is kept for so many days. */
    readonly keepAllDays: number;
    /** Then the last of each day, for so many days; then weeks, then months; 0: none. */
    readonly dailyDays: number;
    readonly weeklyWeeks: number;
    readonly monthlyMonths: number;
  };
}

/** What an import did; paths that were left out and metadata that was not kept are told. */
export interface ImportReport {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly bytes: number;
  /** Files that were the same as before. */
  readonly unchanged: number;
  readonly ignored: number;
  /** Sentences: sockets and devices skipped, hard links taken as copies, attributes not kept. */
  readonly notes: readonly string[];
  readonly revision: string;
}

export interface ExportReport {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly bytes: number;
  /** Sentences: names that clash on this file system, what could not be set. */
  readonly notes: readonly string[];
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly blocks: number;
  readonly damaged: readonly {
    readonly cid: string;
    /** Paths (with versions as `path@12-a1b2c3d4` where not current) that need this block. */
    readonly paths: readonly string[];
  }[];
  /** What is wrong beyond blocks: signatures, digests, maps out of order. Empty if ok. */
  readonly problems: readonly string[];
}

export interface GcReport {
  readonly freedBytes: number;
  readonly freedBlocks: number;
  /** Versions and revisions that retention let go of first. */
  readonly droppedVersions: number;
  readonly droppedRevisions: number;
}

/** How an account is opened: a passphrase, or the 32-byte key that the editor holds. */
export type UnlockSecret = { readonly passphrase: string } | { readonly key: Uint8Array };

interface WriteParams {
  readonly path: string;
  /** Only if the path's current version is this one; `null`: only if nothing is there. */
  readonly base?: VersionId | null;
  /** Permission bits; absent: those of the version before, or 0o644. */
  readonly mode?: number;
  /** Milliseconds since 1970; absent: now, but later than the version before. */
  readonly mtime?: number;
  /** Create the folders above that are missing. */
  readonly parents?: boolean;
}

/**
 * Every request, by name: parameters and result. Bytes are `Uint8Array` on both sides. A request
 * fails with a `CloudError`; long ones report {@link Progress} and can be cancelled.
 */
export interface Requests {
  // --- node and account
  initialize: [{ protocol: number; build: string; token: Uint8Array }, { build: string }];
  status: [Record<string, never>, Status];
  stop: [Record<string, never>, Record<string, never>];
  /** Makes an account. Without `words` fresh ones are drawn and returned, once. */
  createAccount: [
    { secret: UnlockSecret; words?: string; device?: string },
    { words?: string; account: string },
  ];
  unlock: [{ secret: UnlockSecret }, Status];
  lock: [Record<string, never>, Record<string, never>];
  /** Sets or replaces the passphrase, or adds the editor's key; the drive must be unlocked. */
  setSecret: [{ current: UnlockSecret; next: UnlockSecret }, Record<string, never>];
  /** Only for the editor's own slot. */
  removeEditorKey: [Record<string, never>, Record<string, never>];
  getSettings: [Record<string, never>, Settings];
  setSettings: [{ settings: Partial<Settings> }, Settings];
  // --- files
  stat: [{ path: string; at?: When; version?: VersionId }, Stat];
  list: [{ path: string; at?: When }, ListItem[]];
  /** At most `length` bytes (default: all, up to 64 MiB) from `offset`. */
  read: [
    { path: string; at?: When; version?: VersionId; offset?: number; length?: number },
    Uint8Array,
  ];
  readLink: [{ path: string; at?: When }, { target: string }];
  write: [WriteParams & { content: Uint8Array }, Stat];
  symlink: [{ path: string; target: string }, Stat];
  /** Starts an upload of unknown length, for streams: then `uploadPart`, then `uploadEnd`. */
  uploadBegin: [Record<string, never>, { upload: number }];
  uploadPart: [{ upload: number; content: Uint8Array }, Record<string, never>];
  uploadEnd: [WriteParams & { upload: number }, Stat];
  uploadAbort: [{ upload: number }, Record<string, never>];
  mkdir: [{ path: string; parents?: boolean }, Stat];
  remove: [{ path: string; recursive?: boolean }, Record<string, never>];
  move: [{ from: string; to: string; overwrite?: boolean }, Stat];
  copy: [{ from: string; to: string; overwrite?: boolean; at?: When }, Stat];
  setMeta: [{ path: string; mode?: number; mtime?: number }, Stat];
  // --- folders of the local disk; absolute paths
  import: [{ source: string; dest: string }, ImportReport];
  export: [{ path: string; dest: string; at?: When }, ExportReport];
  // --- history
  log: [{ path: string; limit?: number; everySave?: boolean }, FileVersion[]];
  revisions: [{ limit?: number; before?: string }, RevisionInfo[]];
  journal: [
    { limit?: number; before?: string; path?: string; changesEach?: number },
    JournalItem[],
  ];
  diff: [{ from: When; to?: When; path?: string }, PathChange[]];
  /** What was removed below a folder, newest first. */
  removed: [{ path: string; limit?: number }, RemovedItem[]];
  /** A file to a version, or a file, a folder or the whole drive to a moment. */
  restore: [
    { path: string; version?: VersionId; at?: When },
    { changes: number; revision: string },
  ];
  tag: [{ name: string; at?: When; remove?: boolean }, { revision: string }];
  tags: [Record<string, never>, { name: string; revision: string; time: number }[]];
  purge: [{ path: string }, { versions: number; freedBytes: number; warning: string }];
  verify: [Record<string, never>, VerifyReport];
  gc: [{ dryRun?: boolean }, GcReport];
}

export type RequestName = keyof Requests;
export type Params<Name extends RequestName> = Requests[Name][0];
export type Result<Name extends RequestName> = Requests[Name][1];

/** A change that some client made, exactly: what a file watcher is told. */
export interface ChangedEvent {
  readonly revision: string;
  readonly changes: readonly PathChange[];
  /** More than 1,000 paths changed: everything below `/` may have. */
  readonly everything: boolean;
}

/** Every notification from the node. */
export interface Events {
  changed: ChangedEvent;
  state: Status;
}

/** How far a long request is. Sent at most some ten times a second. */
export interface Progress {
  /** What is being done, as a word: `reading`, `sealing`, `checking`. */
  readonly phase: string;
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  readonly unit: "files" | "bytes" | "blocks" | "versions";
}

/** What travels as the `data` of an error response. */
export interface ErrorData {
  readonly code: CloudErrorCode;
  readonly message: string;
  /** The node is stopping and has not begun the request: ask again, of the next node. */
  readonly again?: true;
}

/**
 * The `data` of the error that answers `initialize` with another protocol. This much of the
 * contract never changes: frames, JSON-RPC, `initialize`, its refusal, and `stop`, which a refused
 * program with the right token may still send, so that a newer one can replace an older node.
 */
export interface ProtocolRefusal extends ErrorData {
  readonly code: "newer";
  /** Of the node. */
  readonly protocol: number;
  /** Of the node. */
  readonly build: string;
}
