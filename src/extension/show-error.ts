import * as vscode from "vscode";
import { sentenceOf } from "../provider/sentence.ts";

/** Tells the person what went wrong. */
export function showError(error: unknown): void {
  void vscode.window.showErrorMessage(sentenceOf(error));
}
