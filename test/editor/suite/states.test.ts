import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { DriveSession } from "../../../src/extension/session/drive-session.ts";
import { drive, hasDriver, screenshot } from "./driver.ts";
import { closeEditors, driveUri, eventually, extension, ipcloud, show, type } from "./ipcloud.ts";

const passphrase = "correct horse battery staple";
const question = /The passphrase of your drive/;
const welcome = ".pane-body .welcome-view-content";
const explorer = ".explorer-folders-view";
/** As long as the window looks for a node that others have started, twice. */
const watchMs = 7000;

const pause = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));

async function session(): Promise<DriveSession> {
  return (await extension()).exports.session;
}

/** Of a box that is not shown the page has the last words still, but the text of the page has not. */
async function isAsked(): Promise<void> {
  await eventually(async () => {
    assert.match(await drive("text", "body"), question);
  });
}

async function isNotAsked(): Promise<void> {
  assert.doesNotMatch(await drive("text", "body"), question);
}

async function answer(): Promise<void> {
  await drive("type", passphrase);
  await drive("press", "Enter");
}

async function isState(kind: string): Promise<void> {
  const { state } = await session();
  assert.equal(state.kind, kind);
}

describe("a window on a drive that others lock, unlock and stop", () => {
  before(function () {
    if (!hasDriver) this.skip();
  });

  after(async () => {
    await vscode.workspace
      .getConfiguration("ipcloud")
      .update("autoLockMinutes", undefined, vscode.ConfigurationTarget.Global);
    await closeEditors();
  });

  it("takes its question back where the drive is unlocked elsewhere", async () => {
    await ipcloud("lock");
    await eventually(() => isState("locked"));
    const unlocked = vscode.commands.executeCommand("ipcloud.unlock");
    await isAsked();
    await ipcloud("unlock");
    await unlocked;
    await isState("unlocked");
    await eventually(isNotAsked);
  });

  it("leaves a node that was stopped on purpose stopped, and offers to start it", async () => {
    await show("/notes/monday.md");
    await vscode.commands.executeCommand("ipcloud.timeline.focus");
    // The editor looks for a newly opened file in the Explorer.
    await pause(2000);
    assert.match(await drive("text", explorer), /README/);
    const kinds: string[] = [];
    const listener = (await session()).onDidChangeState(({ kind }) => kinds.push(kind));
    await ipcloud("node", "stop");
    await eventually(() => isState("idle"));
    await pause(watchMs);
    listener.dispose();
    assert.deepEqual(kinds, ["locked", "idle"]);
    assert.match(await drive("text", welcome), /has stopped[^]*Start It/);
    assert.doesNotMatch(await drive("text", explorer), /README/);
    await screenshot("welcome-stopped");
    await drive("click", `${welcome} .monaco-button`);
    await isAsked();
    await answer();
    await eventually(() => isState("unlocked"));
    const bytes = await vscode.workspace.fs.readFile(driveUri("/README.md"));
    assert.match(new TextDecoder().decode(bytes), /Field notes/);
  });

  it("asks at a save where the drive has locked itself, and not before", async function () {
    this.timeout(150_000);
    const editor = await show("/notes/monday.md");
    await vscode.workspace
      .getConfiguration("ipcloud")
      .update("autoLockMinutes", 1, vscode.ConfigurationTarget.Global);
    await eventually(async () => {
      assert.match(await ipcloud("settings", "autoLockMinutes"), /^1\b/);
    });
    await pause(55_000);
    await eventually(() => isState("locked"));
    await assert.rejects(
      Promise.resolve(vscode.workspace.fs.createDirectory(driveUri("/by-itself"))),
      /locked/,
    );
    const files = vscode.workspace.getConfiguration("files");
    await files.update("autoSave", "afterDelay", vscode.ConfigurationTarget.Global);
    await type(editor, "Written while it was locked.\n");
    await eventually(async () => {
      await vscode.commands.executeCommand("notifications.showList");
      assert.match(await drive("text", "body"), /your changes are not saved yet/);
    });
    await isNotAsked();
    await files.update("autoSave", "off", vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand("notifications.clearAll");
    const saved = editor.document.save();
    await isAsked();
    await answer();
    assert.ok(await saved);
    await isState("unlocked");
    assert.equal(await ipcloud("cat", "/notes/monday.md"), "Written while it was locked.\n");
  });

  it("gives the node its default again for a setting that is no longer made", async () => {
    await vscode.workspace
      .getConfiguration("ipcloud")
      .update("autoLockMinutes", undefined, vscode.ConfigurationTarget.Global);
    await eventually(async () => {
      assert.match(await ipcloud("settings", "autoLockMinutes"), /^0\b/);
    });
  });
});
