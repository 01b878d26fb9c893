import * as vscode from "vscode";
import { type CloudErrorCode, isCloudError } from "../node/rpc/contract.ts";
import { sentenceOf } from "./sentence.ts";

type Make = (message: string) => vscode.FileSystemError;

/** Shown as it is, with Retry where the editor saves. */
const plain: Make = (message) => new vscode.FileSystemError(message);
const unavailable: Make = (message) => vscode.FileSystemError.Unavailable(message);

/** Every way in which the node says no, as the editor knows it. */
const errors: Readonly<Record<CloudErrorCode, Make>> = {
  unexpected: plain,
  cancelled: plain,
  unavailable,
  usage: plain,
  "invalid-name": plain,
  "not-found": (message) => vscode.FileSystemError.FileNotFound(message),
  "no-account": unavailable,
  locked: unavailable,
  "wrong-passphrase": unavailable,
  "may-not-write": (message) => vscode.FileSystemError.NoPermissions(message),
  conflict: plain,
  exists: (message) => vscode.FileSystemError.FileExists(message),
  "not-a-folder": (message) => vscode.FileSystemError.FileNotADirectory(message),
  "is-a-folder": (message) => vscode.FileSystemError.FileIsADirectory(message),
  "not-empty": plain,
  damaged: plain,
  newer: plain,
  "storage-full": plain,
  "storage-read-only": (message) => vscode.FileSystemError.NoPermissions(message),
  "storage-busy": unavailable,
  storage: plain,
};

/** Runs a call of the editor; what fails, fails as the editor expects it. */
export async function forEditor<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof vscode.FileSystemError) throw error;
    throw errors[isCloudError(error) ? error.code : "unexpected"](sentenceOf(error));
  }
}

/**
 * Runs a save of the editor. What it shows of a failure begins with the error's own name; without
 * one it is our sentence.
 */
export async function forSave<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await forEditor(call);
  } catch (error) {
    if (error instanceof vscode.FileSystemError && isForPerson(error)) error.name = "";
    throw error;
  }
}

/** Whether the editor does nothing with the kind of an error but to name it. */
function isForPerson({ code }: vscode.FileSystemError): boolean {
  return code === "Unknown" || code === "Unavailable";
}
