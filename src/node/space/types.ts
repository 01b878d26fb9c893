/** What the drive tells those who use it; the contract of the node passes it on as it is. */

/** What stands at a path. */
export type EntryKind = "file" | "folder" | "link";

/**
 * A moment of the drive as a person names it: an ISO 8601 time, a tag, a revision (`12-a1b2c3d4`;
 * `0` is before the first) or `2 days ago`. A time means the end of what it names, so a date the end
 * of that day; without a zone it is in that of the node (commands send times of UTC). Absent: now.
 */
export type When = string;

/** Identifies one version of one file: the stamp that wrote it, `12-a1b2c3d4`. */
export type VersionId = string;

/**
 * What a move or a copy may replace at its target: nothing (`false`); anything, a folder with all
 * that is in it (`true`); or what stands there only if it is alike: a file or link for a file or
 * link, an empty folder for a folder.
 */
export type Overwrite = boolean | "alike";

export interface Stat {
  readonly kind: EntryKind;
  /** Bytes of plain content; length of the target in bytes for a link; 0 for a folder. */
  readonly size: number;
  /** Milliseconds since 1970, with microseconds as the fraction. */
  readonly mtime: number;
  /** The same as `mtime`: times of creation are not kept. */
  readonly ctime: number;
  /** POSIX permission bits, 0 to 0o7777. */
  readonly mode: number;
  /** The version shown; the empty string for a folder without one. */
  readonly version: VersionId;
  /** Present and true if the file has two contents at once. */
  readonly conflict?: boolean;
  /** Present and true in a list if what else stands here can't be read: size and times are 0. */
  readonly damaged?: boolean;
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
  /** When the earlier version was written that came back by this one; absent: none did. */
  readonly restoredFrom?: number;
  /** Present and true if it can't be read: its size is 0. */
  readonly damaged?: boolean;
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
  /** In a journal: when the earlier version of the file was written that came back; absent: none did. */
  readonly restoredFrom?: number;
}

/** What a moment shows where the state of the last change before it is not kept. */
export interface ShownState {
  readonly changed: { readonly revision: string; readonly time: number };
  /** Absent: nothing of that device. */
  readonly shown?: { readonly revision: string; readonly time: number };
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

export interface Settings {
  /** Saves by one writer within so many seconds of the first count as one version. */
  readonly versionWindowSeconds: number;
  /** Lock after so many minutes without use; 0: never. */
  readonly autoLockMinutes: number;
  /** Free what nothing needs after so many minutes without use; 0: never. */
  readonly housekeepingMinutes: number;
  /** Whether what is put is compressed: the lengths of blocks tell how well, and so what it may be. */
  readonly compression: boolean;
  readonly retention: {
    /** Every version is kept for so many days, and every revision whose state was not thinned. */
    readonly keepAllDays: number;
    /** Then the last of each day, for so many days; then weeks, then months; 0: none. */
    readonly dailyDays: number;
    readonly weeklyWeeks: number;
    readonly monthlyMonths: number;
  };
}

/** What is to change of the settings, each by itself; what is absent stays. */
export interface SettingsChange extends Partial<Omit<Settings, "retention">> {
  readonly retention?: Partial<Settings["retention"]>;
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
  /**
   * Milliseconds since 1970 from which retention counted back; absent: now. The clock has gone on by
   * more than a week at once, and is taken for right a week later.
   */
  readonly countedFrom?: number;
  /** Revisions close to others whose states went; that they were stays known, and all versions stay. */
  readonly thinnedStates: number;
}

/** What was freed last, and what there is to be freed. */
export interface Housekeeping {
  /** Absent: nothing was freed yet. */
  readonly last?: {
    /** Milliseconds since 1970. */
    readonly time: number;
    readonly freedBytes: number;
    readonly thinnedStates: number;
  };
  /** About: what the changes since then left behind. */
  readonly wouldFreeBytes: number;
}

/** Something that was found by its name. */
export interface FoundPath {
  /** As listed. */
  readonly path: string;
  readonly kind: EntryKind;
}

/** What was found by what was typed of names, the best first. */
export interface FoundPaths {
  readonly items: readonly FoundPath[];
  /** There are more than were asked for. */
  readonly more: boolean;
  /** False: not all names are known yet, and who asks again is told more. */
  readonly isComplete: boolean;
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

/** A change that some client made, exactly: what a file watcher is told. */
export interface ChangedEvent {
  /** In which space: its id, 64 hexadecimal digits. */
  readonly space: string;
  readonly revision: string;
  readonly changes: readonly PathChange[];
  /** More than 1,000 paths changed: everything below `/` may have. */
  readonly everything: boolean;
}
