import type { CloudErrorCode } from "../core/cloud-error.ts";
import type {
  ChangedEvent,
  FileVersion,
  GcReport,
  JournalItem,
  ListItem,
  Overwrite,
  PathChange,
  RemovedItem,
  RevisionInfo,
  Settings,
  SettingsChange,
  Stat,
  VerifyReport,
  VersionId,
  When,
} from "../space/types.ts";
import type { ExportReport, ImportReport } from "../transfer/reports.ts";

export { CloudError, type CloudErrorCode, isCloudError } from "../core/cloud-error.ts";
export type {
  ChangedEvent,
  ChangeType,
  EntryKind,
  FileVersion,
  GcReport,
  JournalItem,
  ListItem,
  Overwrite,
  PathChange,
  Progress,
  RemovedItem,
  RevisionInfo,
  Settings,
  SettingsChange,
  Stat,
  VerifyReport,
  VersionId,
  When,
} from "../space/types.ts";
export type { ExportReport, ImportReport } from "../transfer/reports.ts";

/** Rises with every change of this file that an older side would not understand. */
export const protocolVersion = 1;

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
  setSettings: [{ settings: SettingsChange }, Settings];
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
  move: [{ from: string; to: string; overwrite?: Overwrite }, Stat];
  copy: [{ from: string; to: string; overwrite?: Overwrite; at?: When }, Stat];
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
  /** Answers the revision that the tag names; when it is removed, the current one. */
  tag: [{ name: string; at?: When; remove?: boolean }, { revision: string }];
  tags: [Record<string, never>, { name: string; revision: string; time: number }[]];
  /** `elsewhere`: paths that still hold some of it, copied or moved there; `elsewhereMore`: and others. */
  purge: [
    { path: string },
    {
      versions: number;
      freedBytes: number;
      elsewhere: readonly string[];
      elsewhereMore: number;
      warning: string;
    },
  ];
  verify: [Record<string, never>, VerifyReport];
  gc: [{ dryRun?: boolean }, GcReport];
}

export type RequestName = keyof Requests;
export type Params<Name extends RequestName> = Requests[Name][0];
export type Result<Name extends RequestName> = Requests[Name][1];

/** Every notification from the node. */
export interface Events {
  changed: ChangedEvent;
  state: Status;
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
