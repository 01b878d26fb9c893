import assert from "node:assert/strict";
import * as vscode from "vscode";
import { drive } from "./driver.ts";
import { eventually } from "./editor.ts";

const parts = {
  page: "body",
  /** A question, or a list to pick from. */
  box: ".quick-input-widget",
  explorer: ".explorer-folders-view",
  /** What our view says while it has nothing to show. */
  welcome: ".pane-body .welcome-view-content",
  notifications: ".notifications-center",
  /** The view that lists files with two contents. */
  conflicts: '.pane:has(> .pane-header[aria-label^="Conflicts"])',
  /** The editor that is active. */
  editor: ".editor-instance",
} as const;

/** A part of the editor's window that a person reads. */
export type Part = keyof typeof parts;

/** What stands there now. */
export function read(part: Part): Promise<string> {
  return drive("text", parts[part]);
}

/** Waits until these words stand there. */
export async function says(part: Part, words: RegExp): Promise<void> {
  await eventually(async () => {
    assert.match(await read(part), words);
  });
}

/** Waits until they stand there no longer. */
export async function saysNoMore(part: Part, words: RegExp): Promise<void> {
  await eventually(async () => {
    assert.doesNotMatch(await read(part), words);
  });
}

/**
 * Types an answer into the box once it asks for it. Of a box that is not shown the page has the last
 * words still.
 */
export async function answer(question: RegExp, text: string): Promise<void> {
  await eventually(async () => {
    // Told without what was typed.
    assert.ok(question.test(await read("box")), `the box does not say ${String(question)}`);
  });
  await drive("type", text);
  await drive("press", "Enter");
}

/** Waits until a notification says so. Under test the editor shows none by itself. */
export async function isTold(words: RegExp): Promise<void> {
  await eventually(async () => {
    await vscode.commands.executeCommand("notifications.showList");
    assert.match(await read("notifications"), words);
  });
}

/** Chooses in the newest notification that offers it. */
export async function choose(button: string): Promise<void> {
  await vscode.commands.executeCommand("notifications.showList");
  await drive("click", `${parts.notifications} .monaco-button:text-is("${button}") >> nth=0`);
}

/** Presses the button of what our view says. */
export async function pressWelcome(): Promise<void> {
  await drive("click", `${parts.welcome} .monaco-button`);
}
