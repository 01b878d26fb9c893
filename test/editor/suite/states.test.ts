import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { passphrase } from "../sample.ts";
import { access, becomes } from "./access.ts";
import { hasDriver, screenshot } from "./driver.ts";
import { closeEditors, driveUri, eventually, show, textOf, type } from "./editor.ts";
import { ipcloud } from "./ipcloud.ts";
import { answer, isTold, pressWelcome, read, says, saysNoMore } from "./page.ts";

const question = /The passphrase of your drive/;

async function isNotAsked(): Promise<void> {
  assert.doesNotMatch(await read("page"), question);
}

async function setAutoLock(minutes: number | undefined): Promise<void> {
  const { Global } = vscode.ConfigurationTarget;
  const settings = vscode.workspace.getConfiguration("ipcloud");
  await settings.update("autoLockMinutes", minutes, Global);
  await eventually(async () => {
    assert.equal(Number.parseInt(await ipcloud("settings", "autoLockMinutes"), 10), minutes ?? 0);
  });
}

async function keepTabsOpen(keep: boolean | undefined): Promise<void> {
  const { Global } = vscode.ConfigurationTarget;
  await vscode.workspace.getConfiguration("ipcloud").update("lock.keepTabsOpen", keep, Global);
}

async function setAutoSave(how: "afterDelay" | "off"): Promise<void> {
  const { Global } = vscode.ConfigurationTarget;
  await vscode.workspace.getConfiguration("files").update("autoSave", how, Global);
}

/** Ends when this window has looked twice for a node that others have started, and found none. */
async function hasLookedTwice(): Promise<void> {
  const { onDidLookForNode } = await access();
  await new Promise<void>((settle) => {
    let looks = 0;
    const listener = onDidLookForNode((runs) => {
      assert.equal(runs, false);
      if (++looks < 2) return;
      listener.dispose();
      settle();
    });
  });
}

/** Stops the node as a person would, and sees that this window leaves it so. */
async function staysStopped(): Promise<void> {
  const kinds: string[] = [];
  const listener = (await access()).session.onDidChangeState(({ kind }) => kinds.push(kind));
  await ipcloud("node", "stop");
  await becomes("idle");
  await hasLookedTwice();
  listener.dispose();
  assert.deepEqual(kinds, ["locked", "idle"]);
}

/** Starts the node by the button of our view, and unlocks the drive. */
async function start(): Promise<void> {
  await pressWelcome();
  await says("page", question);
  await answer(question, passphrase);
  await becomes("unlocked");
}

describe("a window on a drive that others lock, unlock and stop", () => {
  before(async function () {
    if (!hasDriver) this.skip();
    await keepTabsOpen(true);
  });

  after(async () => {
    await keepTabsOpen(undefined);
    await setAutoLock(undefined);
    await closeEditors();
  });

  it("takes its question back where the drive is unlocked elsewhere", async () => {
    await ipcloud("lock");
    await becomes("locked");
    const unlocked = vscode.commands.executeCommand("ipcloud.unlock");
    await says("page", question);
    await ipcloud("unlock");
    await unlocked;
    await becomes("unlocked");
    await saysNoMore("page", question);
  });

  it("leaves a node that was stopped on purpose stopped, and offers to start it", async () => {
    await show("/README.md");
    await show("/notes/monday.md");
    await vscode.commands.executeCommand("ipcloud.timeline.focus");
    // The editor looks for a newly opened file in the Explorer.
    await says("explorer", /README[^]*monday|monday[^]*README/);
    await staysStopped();
    await says("welcome", /has stopped[^]*Start It/);
    assert.doesNotMatch(await read("explorer"), /README/);
    await screenshot("welcome-stopped");
    // As the editor loads again what it shows.
    for (const path of ["/notes/monday.md", "/README.md"])
      await assert.rejects(textOf(path), /locked/);
    await becomes("idle");
    await start();
    assert.match(await textOf("/README.md"), /Field notes/);
  });

  it("asks at a save where the drive has locked itself, and not before", async function () {
    this.timeout(150_000);
    const editor = await show("/notes/monday.md");
    await setAutoLock(1);
    await becomes("locked");
    const made = vscode.workspace.fs.createDirectory(driveUri("/by-itself"));
    await assert.rejects(Promise.resolve(made), /locked/);
    await setAutoSave("afterDelay");
    await type(editor, "Written while it was locked.\n");
    await isTold(/your changes are not saved yet/);
    await isNotAsked();
    await setAutoSave("off");
    await vscode.commands.executeCommand("notifications.clearAll");
    const saved = editor.document.save();
    await says("page", question);
    await answer(question, passphrase);
    assert.ok(await saved);
    await becomes("unlocked");
    assert.equal(await ipcloud("cat", "/notes/monday.md"), "Written while it was locked.\n");
  });

  it("gives the node its default again for a setting that is no longer made", async () => {
    await setAutoLock(undefined);
  });
});
