import type { FileVersion, JournalItem } from "../../node/rpc/contract.ts";

/** A day with what happened on it. */
export interface DayNode {
  readonly type: "day";
  readonly day: string;
  readonly items: readonly TimelineNode[];
}

/** One version of the file that is shown. */
export interface VersionNode {
  readonly type: "version";
  /** The file as the editor names it. */
  readonly path: string;
  /** Where it stands once links are followed: there its versions are. */
  readonly place: string;
  /** Whether anything stands there now. */
  readonly stands: boolean;
  /** When, within its day. */
  readonly clock: string;
  readonly version: FileVersion;
  /** The version before; absent for the first. */
  readonly previous?: FileVersion;
}

/** One change of the folder that is shown. */
export interface RevisionNode {
  readonly type: "revision";
  /** The folder, links followed. */
  readonly path: string;
  /** When, within its day. */
  readonly clock: string;
  readonly revision: JournalItem;
  /** The change before; absent for the first. */
  readonly previous?: JournalItem;
}

/** Leads to what is older than the items shown. */
interface MoreNode {
  readonly type: "more";
}

export type TimelineNode = DayNode | VersionNode | RevisionNode | MoreNode;
