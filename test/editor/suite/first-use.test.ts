import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { passphrase } from "../sample.ts";
import { access, becomes } from "./access.ts";
import { drive, hasDriver, screenshot } from "./driver.ts";
import { answeringModals, driveUri, eventually, show, store, textOf } from "./editor.ts";
import { ipcloud, nodeState } from "./ipcloud.ts";
import { answer, read, says, saysNoMore } from "./page.ts";

describe("the first use of a drive", () => {
  before(async function () {
    if (!hasDriver) this.skip();
    await access();
  });

  it("begins with a word on what an account is", async () => {
    await says("welcome", /An account is 24 words/);
    await screenshot("welcome-no-account");
  });

  it("shows the words of a new account once and has three of them confirmed", async () => {
    const done = vscode.commands.executeCommand("ipcloud.createAccount");
    await answer(/New account/, "New");
    await answer(/It opens the drive on this computer/, passphrase);
    await answer(/The same passphrase again/, passphrase);
    const words = await eventually(async () => {
      const found = (await drive("frameText", "ol li")).split("\n");
      assert.equal(found.length, 24);
      return found;
    });
    await screenshot("recovery-words");
    await drive("frameClick", "a.button");
    for (let asked = 0, before = 0; asked < 3; asked++) {
      before = await eventually(async () => {
        const number = Number(/Word (\d+) of 24/.exec(await read("box"))?.[1]);
        assert.ok(number > before);
        return number;
      });
      await drive("type", words[before - 1] ?? "");
      await drive("press", "Enter");
    }
    await done;
    assert.equal(await nodeState(), "unlocked");
    assert.equal(await drive("frameText", "ol li"), "", "the words are gone");
    assert.ok(vscode.window.tabGroups.all.every(({ tabs }) => tabs.length === 0));
  });

  it("goes on with an empty drive that says what to do", async () => {
    await says("welcome", /The drive is empty/);
    await screenshot("welcome-empty");
    await store("/first.md", "# First\n");
    await show("/first.md");
    await says("explorer", /first\.md/);
  });

  it("locks, and shows nothing of the drive until it is unlocked", async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await vscode.commands.executeCommand("ipcloud.lock");
    assert.equal(await nodeState(), "locked");
    await says("welcome", /The drive is locked/);
    await saysNoMore("page", /first\.md/);
    await screenshot("welcome-locked");
    await assert.rejects(async () => vscode.workspace.fs.readFile(driveUri("/first.md")), {
      code: "Unavailable",
    });
  });

  it("unlocks by the passphrase, and says when it is another", async () => {
    const done = vscode.commands.executeCommand("ipcloud.unlock");
    await answer(/The passphrase of your drive/, "something else");
    await answer(/not the passphrase/, passphrase);
    assert.equal(await done, undefined);
    assert.equal(await nodeState(), "unlocked");
    assert.equal(await textOf("/first.md"), "# First\n");
    await says("explorer", /first\.md/);
  });

  it("can be kept unlocked on this computer, and no longer", async () => {
    await answeringModals("Keep Unlocked", async () => {
      const kept = vscode.commands.executeCommand("ipcloud.keepUnlocked");
      await answer(/to show that it is you/, passphrase);
      await kept;
    });
    await ipcloud("lock");
    await becomes("locked");
    await vscode.commands.executeCommand("ipcloud.unlock");
    assert.equal(await nodeState(), "unlocked");
    await vscode.commands.executeCommand("ipcloud.askForPassphraseAgain");
    await ipcloud("lock");
    const done = vscode.commands.executeCommand("ipcloud.unlock");
    await answer(/The passphrase of your drive/, passphrase);
    await done;
    assert.equal(await nodeState(), "unlocked");
  });

  it("opens a menu from the status bar", async () => {
    await drive("click", '[id="ipcloud.ipcloud.ipcloud.status"] a');
    await says("box", /Show Journal/);
    await screenshot("menu");
    await drive("press", "Escape");
  });
});
