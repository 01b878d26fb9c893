import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { passphrase } from "../sample.ts";
import { becomes } from "./access.ts";
import { hasDriver, screenshot } from "./driver.ts";
import { answeringModals, closeEditors, driveUri, eventually, show, type } from "./editor.ts";
import { ipcloud, putByCommandLine } from "./ipcloud.ts";
import { answer, choose, isTold, read, says } from "./page.ts";

const { executeCommand } = vscode.commands;
const { Global } = vscode.ConfigurationTarget;
const question = /The passphrase of your drive/;

/** What is open, group by group. */
function labels(): string[][] {
  return vscode.window.tabGroups.all.map(({ tabs }) => tabs.map(({ label }) => label));
}

async function lockByHand(): Promise<void> {
  await executeCommand("ipcloud.lock");
  await becomes("locked");
}

async function keepTabsOpen(keep: boolean | undefined): Promise<void> {
  const settings = vscode.workspace.getConfiguration("ipcloud");
  await settings.update("lock.keepTabsOpen", keep, Global);
}

describe("a lock", () => {
  before(function () {
    if (!hasDriver) this.skip();
  });

  beforeEach(async () => {
    await ipcloud("unlock");
    await becomes("unlocked");
  });

  afterEach(async () => {
    await executeCommand("notifications.clearAll");
    await closeEditors();
  });

  after(async () => {
    await keepTabsOpen(undefined);
  });

  it("closes whatever shows the drive, and an unlock opens it again", async () => {
    await putByCommandLine("/herons.md", "# Three herons\n");
    await putByCommandLine("/herons.md", "# Four herons\n");
    await eventually(() => show("/herons.md"));
    await executeCommand("ipcloud.compareActiveWithPrevious");
    await executeCommand("markdown.showPreviewToSide", driveUri("/herons.md"));
    await eventually(() => {
      assert.ok(labels().flat().includes("Preview herons.md"));
    });
    await vscode.window.showTextDocument(driveUri("/README.md"), {
      preview: false,
      viewColumn: vscode.ViewColumn.Two,
    });
    await executeCommand("ipcloud.showJournal");
    const local = await vscode.workspace.openTextDocument({ content: "of this computer" });
    await vscode.window.showTextDocument(local, vscode.ViewColumn.One);
    await lockByHand();
    await eventually(() => {
      assert.deepEqual(labels().flat(), ["of this computer"]);
    });
    await eventually(async () => {
      assert.doesNotMatch(await read("page"), /herons|Field notes/);
    });
    await screenshot("locked");
    await ipcloud("unlock");
    await becomes("unlocked");
    await eventually(() => {
      const [first, second] = labels();
      assert.deepEqual(first?.map((label) => label.replace(/\(.*/, "")).sort(), [
        "herons.md",
        "herons.md ",
        "of this computer",
      ]);
      assert.deepEqual(second, ["README.md"]);
    });
  });

  it("by hand asks about unsaved text: save it, throw it away, or stay", async () => {
    await putByCommandLine("/asked.md", "one\n");
    const editor = await eventually(() => show("/asked.md"));
    await type(editor, "two\n");
    await answeringModals("", async () => {
      await executeCommand("ipcloud.lock");
    });
    await becomes("unlocked");
    assert.equal(editor.document.getText(), "two\n");
    await answeringModals("Save and Lock", lockByHand);
    await eventually(() => {
      assert.deepEqual(labels().flat(), []);
    });
    await ipcloud("unlock");
    await eventually(() => {
      assert.deepEqual(labels(), [["asked.md"]]);
    });
    assert.equal(await ipcloud("cat", "/asked.md"), "two\n");
    await type(await show("/asked.md"), "three\n");
    await answeringModals("Discard and Lock", lockByHand);
    await eventually(() => {
      assert.deepEqual(labels().flat(), []);
    });
    await ipcloud("unlock");
    await eventually(() => {
      assert.deepEqual(labels(), [["asked.md"]]);
    });
    assert.equal(await ipcloud("cat", "/asked.md"), "two\n");
  });

  it("from elsewhere leaves unsaved text open, and offers to unlock and save it", async () => {
    await putByCommandLine("/unsaved.md", "one\n");
    await eventually(() => show("/README.md"));
    const editor = await eventually(() => show("/unsaved.md"));
    await type(editor, "two\n");
    await ipcloud("lock");
    await becomes("locked");
    await isTold(/"unsaved\.md" has unsaved changes, so it stays open/);
    assert.deepEqual(labels().flat(), ["unsaved.md"]);
    assert.equal(editor.document.getText(), "two\n");
    await choose("Unlock and Save");
    await says("page", question);
    await answer(question, passphrase);
    await eventually(async () => {
      assert.equal(await ipcloud("cat", "/unsaved.md"), "two\n");
    });
    await eventually(() => {
      assert.deepEqual(labels(), [["unsaved.md", "README.md"]]);
    });
  });

  it("keeps all open where the person wants that, and a save offers to unlock", async () => {
    await keepTabsOpen(true);
    await putByCommandLine("/kept.md", "one\n");
    const editor = await eventually(() => show("/kept.md"));
    await lockByHand();
    assert.deepEqual(labels().flat(), ["kept.md"]);
    await type(editor, "two\n");
    const saved = editor.document.save();
    await says("page", question);
    await answer(question, passphrase);
    assert.ok(await saved);
    assert.equal(await ipcloud("cat", "/kept.md"), "two\n");
    await lockByHand();
    await vscode.workspace.getConfiguration("files").update("autoSave", "afterDelay", Global);
    await type(editor, "three\n");
    await isTold(/your changes are not saved yet/);
    await vscode.workspace.getConfiguration("files").update("autoSave", "off", Global);
    await choose("Unlock");
    await says("page", question);
    await answer(question, passphrase);
    await eventually(async () => {
      assert.equal(await ipcloud("cat", "/kept.md"), "three\n");
    });
  });
});
