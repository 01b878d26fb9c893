import type { CloudErrorCode } from "../../core/cloud-error.ts";
import type { StoreRows } from "../named-rows.ts";
import type { CheckReport } from "../store.ts";

/** A block on its way into a backup. */
export interface CopiedBlock {
  /** 32 bytes. */
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

/** What the process that writes a backup is asked, one after the other. */
export interface BackupCalls {
  /** Opens the folder; first of all. */
  readonly open: { readonly takes: OpenBackup; readonly gives: undefined };
  /** Reads all that is there; what is bad counts as missing from then on. */
  readonly check: {
    readonly takes: undefined;
    readonly gives: Pick<CheckReport, "problems"> & { readonly damaged: number };
  };
  /** Which of some blocks are not there, or not sound; the others stay. Ids of 32 bytes in one array. */
  readonly missing: { readonly takes: Uint8Array; readonly gives: readonly number[] };
  /** Makes blocks durable and reads them back. */
  readonly put: { readonly takes: readonly CopiedBlock[]; readonly gives: undefined };
  /** Makes the backup what the source was: from now on it is the last good one. */
  readonly finish: { readonly takes: FinishedBackup; readonly gives: undefined };
  /** Removes what the source doesn't have any more; last. */
  readonly sweep: { readonly takes: undefined; readonly gives: { readonly freedBytes: number } };
}

export interface OpenBackup {
  /** Absolute. */
  readonly folder: string;
  /** The data folder that is backed up. */
  readonly home: string;
  /** Of the source: ids of its spaces, hexadecimal. */
  readonly spaces: readonly string[];
}

export interface FinishedBackup {
  readonly rows: StoreRows;
  /** The file as it lies there, sealed. */
  readonly keystore: Uint8Array;
}

export type BackupCallName = keyof BackupCalls;

/** A call on its way to the process. */
export interface BackupCallMessage {
  readonly name: BackupCallName;
  readonly argument: unknown;
}

/** What the process says: that it goes on, or its answer. */
export type BackupAnswer =
  | "going on"
  | { readonly result: unknown }
  | { readonly error: { readonly code: CloudErrorCode; readonly message: string } };
