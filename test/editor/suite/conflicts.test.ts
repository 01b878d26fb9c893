import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { becomes } from "./access.ts";
import { drive, hasDriver, screenshot } from "./driver.ts";
import {
  answeringModals,
  closeEditors,
  comparison,
  driveUri,
  eventually,
  namesIn,
  show,
  type,
} from "./editor.ts";
import { ipcloud, putByCommandLine } from "./ipcloud.ts";
import { choose, isTold, read, says } from "./page.ts";

const base = "# Birds\n\n- two herons\n- one coot\n\nFog in the morning.\n\n\nSeen by Ada.\n";
const mine = base.replace("two herons", "three herons");
const theirs = base.replace("by Ada", "by Ada and Ben");
const merged = mine.replace("by Ada", "by Ada and Ben");

const titleAction = (name: string): string =>
  `.editor-actions a.action-label[aria-label^="${name}"]`;
const statusItem = '.statusbar-item[aria-label*="Conflict"], .statusbar-item:has-text("Conflict")';

/** A file with a text that was refused, in the editor. */
async function refused(path: string, own = mine, other = theirs): Promise<vscode.TextEditor> {
  await putByCommandLine(path, base);
  const editor = await eventually(() => show(path));
  assert.equal(editor.document.getText(), base);
  await type(editor, own);
  await putByCommandLine(path, other);
  assert.equal(await editor.document.save(), false);
  await says("conflicts", new RegExp(path.slice(1)));
  return editor;
}

async function versions(path: string): Promise<number> {
  return (JSON.parse(await ipcloud("--json", "log", path)) as unknown[]).length;
}

function labels(): string[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
}

async function merging(path: string): Promise<void> {
  await says("editor", /Conflicts? Remaining/);
  await eventually(() => {
    const { label, isDirty } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.equal(label, `Merging: ${path.slice(1)}`);
    // It has put into the result what it could join by itself.
    assert.equal(isDirty, true);
  });
}

async function isOver(): Promise<void> {
  await eventually(async () => {
    assert.equal(await drive("count", ".pane-header[aria-label^='Conflicts']"), "0");
  });
}

describe("a conflict", () => {
  before(function () {
    if (!hasDriver) this.skip();
  });

  afterEach(async () => {
    await closeEditors();
    await vscode.commands.executeCommand("notifications.clearAll");
    await isOver();
  });

  it("stays in sight when the notifications are gone", async () => {
    await refused("/sight.md");
    await isTold(/Failed to save 'sight\.md'[^]*"sight\.md" was changed on .* after you opened it/);
    assert.doesNotMatch(await read("notifications"), /FileSystemError|Unknown/);
    await vscode.commands.executeCommand("notifications.clearAll");
    await vscode.commands.executeCommand("notifications.hideList");
    await says("conflicts", /sight\.md[^]*changed on .*, today/);
    assert.match(await drive("text", statusItem), /Conflict/);
    assert.equal(await drive("count", titleAction("Resolve Conflict")), "1");
    await screenshot("conflict");
    await show("/README.md");
    await eventually(async () => {
      assert.equal(await drive("count", titleAction("Resolve Conflict")), "0");
    });
    await says("conflicts", /sight\.md/);
  });

  it("is resolved by two clicks where the changes are apart, as one version", async () => {
    const { document } = await refused("/apart.md");
    await drive("click", titleAction("Resolve Conflict"));
    await merging("/apart.md");
    await says("editor", /In the drive[^]*changed on/);
    await screenshot("merge");
    await drive("click", titleAction("Accept Merge"));
    await eventually(async () => {
      assert.equal(await ipcloud("cat", "/apart.md"), merged);
    });
    await isOver();
    assert.equal(document.getText(), merged);
    assert.equal(document.isDirty, false);
    assert.equal(await versions("/apart.md"), 3);
    assert.deepEqual(labels(), ["apart.md"]);
  });

  it("waits for a choice where both changed the same place", async () => {
    const { document } = await refused("/same.md", mine, base.replace("two herons", "no heron"));
    await vscode.commands.executeCommand("ipcloud.conflict.resolve");
    await merging("/same.md");
    await says("editor", /1 Conflict Remaining/);
    await drive("click", '.merge-editor a:has-text("Accept Yours") >> nth=0');
    await says("editor", /0 Conflicts Remaining/);
    await drive("click", ".merge-editor .result .view-line >> nth=0");
    await drive("press", "Control+Enter");
    await isOver();
    assert.equal(await ipcloud("cat", "/same.md"), mine);
    assert.equal(document.isDirty, false);
    assert.equal(await versions("/same.md"), 3);
  });

  it("stays where the merge is closed, refused or saved unfinished, and so does the text", async () => {
    const { document } = await refused("/left.md", mine, base.replace("two herons", "no heron"));
    await vscode.commands.executeCommand("ipcloud.conflict.resolve");
    await merging("/left.md");
    await answeringModals("", async () => {
      await vscode.commands.executeCommand("workbench.action.files.save");
    });
    await isTold(/"left\.md" is not in the drive yet/);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await eventually(() => {
      assert.deepEqual(labels(), ["left.md"]);
    });
    await says("conflicts", /left\.md/);
    assert.equal(document.getText(), mine);
    assert.equal(document.isDirty, true);
    assert.match(await ipcloud("cat", "/left.md"), /no heron/);
    await vscode.commands.executeCommand("ipcloud.conflict.resolve");
    await merging("/left.md");
    await answeringModals("Save Merge", async () => {
      await vscode.commands.executeCommand("workbench.action.files.save");
    });
    await isOver();
    await eventually(() => {
      assert.deepEqual(labels(), ["left.md"]);
    });
    assert.equal(await ipcloud("cat", "/left.md"), base);
  });

  it("is one still where the drive moves on during the merge, and nothing is lost", async () => {
    const { document } = await refused("/again.md");
    await vscode.commands.executeCommand("ipcloud.conflict.resolve");
    await merging("/again.md");
    const later = theirs.replace("Fog", "Rain");
    await putByCommandLine("/again.md", later);
    await ipcloud("status");
    await drive("click", titleAction("Accept Merge"));
    await eventually(() => {
      assert.equal(document.getText(), merged);
      assert.deepEqual(labels(), ["again.md"]);
    });
    await says("conflicts", /again\.md/);
    assert.equal(await ipcloud("cat", "/again.md"), later);
    await drive("click", titleAction("Resolve Conflict"));
    await merging("/again.md");
    await drive("click", titleAction("Accept Merge"));
    await isOver();
    assert.equal(await ipcloud("cat", "/again.md"), merged.replace("Fog", "Rain"));
  });

  it("outlives a lock", async () => {
    const { document } = await refused("/locked.md");
    await vscode.commands.executeCommand("ipcloud.conflict.resolve");
    await merging("/locked.md");
    await ipcloud("lock");
    await becomes("locked");
    await says("conflicts", /locked\.md/);
    assert.equal(document.getText(), mine);
    await ipcloud("unlock");
    await becomes("unlocked");
    await drive("click", titleAction("Accept Merge"));
    await isOver();
    assert.equal(await ipcloud("cat", "/locked.md"), merged);
  });

  it("ends with the text that the person keeps, by the view's menu", async () => {
    const { document } = await refused("/kept.md");
    await drive("click", '.pane:has(> .pane-header[aria-label^="Conflicts"]) .monaco-list-row');
    await merging("/kept.md");
    await vscode.commands.executeCommand("ipcloud.conflict.keepMine", { path: "/kept.md" });
    await isOver();
    assert.equal(await ipcloud("cat", "/kept.md"), mine);
    assert.equal(document.isDirty, false);
  });

  it("ends with what the drive holds, and closes what compares the two", async () => {
    const { document } = await refused("/theirs.md");
    await drive("click", titleAction("Compare with the Drive"));
    assert.equal((await eventually(comparison)).modified.path, "/theirs.md");
    await answeringModals("Discard Mine", async () => {
      await vscode.commands.executeCommand("ipcloud.conflict.takeTheirs", driveUri("/theirs.md"));
    });
    await isOver();
    await eventually(() => {
      assert.equal(document.getText(), theirs);
      assert.deepEqual(labels(), ["theirs.md"]);
    });
  });

  it("ends with both, one of them as a copy", async () => {
    const { document } = await refused("/both.md");
    await answeringModals("Save Mine as a Copy", async () => {
      await vscode.commands.executeCommand("ipcloud.conflict.takeTheirs");
    });
    await isOver();
    const copy = (await namesIn("/")).find((name) => name.startsWith("both (my copy of"));
    assert.equal(await ipcloud("cat", `/${String(copy)}`), mine);
    assert.equal(document.getText(), theirs);
  });

  it("offers the same in its notification", async () => {
    await refused("/noticed.md");
    await choose("Resolve");
    await merging("/noticed.md");
    await drive("click", titleAction("Accept Merge"));
    await isOver();
    assert.equal(await ipcloud("cat", "/noticed.md"), merged);
  });

  it("is merged by itself while the editor saves by itself", async () => {
    const files = vscode.workspace.getConfiguration("files");
    const { Global } = vscode.ConfigurationTarget;
    await refused("/auto.md");
    await files.update("autoSave", "afterDelay", Global);
    try {
      await vscode.commands.executeCommand("ipcloud.conflict.resolve");
      await says("editor", /0 Conflicts Remaining/);
      await eventually(() => {
        const { label, isDirty } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
        assert.equal(label, "Merging: auto.md");
        assert.equal(isDirty, false);
      });
      assert.equal(await ipcloud("cat", "/auto.md"), theirs);
      await drive("click", titleAction("Accept Merge"));
      await isOver();
      assert.equal(await ipcloud("cat", "/auto.md"), merged);
    } finally {
      await files.update("autoSave", "off", Global);
    }
  });
});
