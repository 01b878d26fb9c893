import * as vscode from "vscode";
import type { TestAccess } from "../../../src/extension/test-access.ts";

/** Our extension, as the editor has loaded it or not yet. */
export function extension(): vscode.Extension<TestAccess> {
  const found = vscode.extensions.getExtension<TestAccess>("ipcloud.ipcloud");
  if (found === undefined) throw new Error("The editor does not know our extension.");
  return found;
}

/** What our extension lets its tests see. */
export async function access(): Promise<TestAccess> {
  return extension().activate();
}

/** Ends when this window sees the drive so: `unlocked`. */
export async function becomes(kind: string): Promise<void> {
  const { session } = await access();
  if (session.state.kind === kind) return;
  await new Promise<void>((settle) => {
    const listener = session.onDidChangeState((state) => {
      if (state.kind !== kind) return;
      listener.dispose();
      settle();
    });
  });
}
