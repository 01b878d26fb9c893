import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { drive, hasDriver, screenshot } from "./driver.ts";
import {
  answeringModals,
  choosingFolder,
  closeEditors,
  driveUri,
  eventually,
  extension,
  ipcloud,
  putByCommandLine,
  show,
} from "./ipcloud.ts";

const box = ".quick-input-widget";

async function told(words: RegExp): Promise<void> {
  await vscode.commands.executeCommand("notifications.showList");
  await eventually(async () => {
    assert.match(await drive("text", ".notifications-center"), words);
  });
}

async function boxSays(words: RegExp): Promise<void> {
  await eventually(async () => {
    const text = await drive("text", box);
    assert.ok(words.test(text), `the box does not say ${String(words)}`);
  });
}

describe("the commands of the drive", () => {
  let folder: string;

  before(function () {
    if (!hasDriver) this.skip();
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ipcloud-commands-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await vscode.commands.executeCommand("notifications.clearAll");
    await closeEditors();
  });

  it("import a folder of this computer and tell what they did", async () => {
    await mkdir(join(folder, "travels"));
    await writeFile(join(folder, "travels", "oslo.md"), "# Oslo\n");
    await choosingFolder(join(folder, "travels"), async () => {
      const done = vscode.commands.executeCommand("ipcloud.importFolder", driveUri("/"));
      await boxSays(/Into travels/);
      await drive("press", "Enter");
      await told(/"travels" has taken in 1 file, 7 bytes/);
      await vscode.commands.executeCommand("notifications.clearAll");
      await done;
    });
    assert.equal(await ipcloud("cat", "/travels/oslo.md"), "# Oslo\n");
    await eventually(async () => {
      assert.match(await drive("text", ".explorer-folders-view"), /travels/);
    });
  });

  it("can be cancelled while they take long, which leaves no error behind", async () => {
    const { extensionPath } = await extension();
    await choosingFolder(join(extensionPath, "node_modules"), async () => {
      const done = vscode.commands.executeCommand("ipcloud.importFolder", driveUri("/"));
      await boxSays(/Into node_modules/);
      await drive("press", "Enter");
      await told(/Importing node_modules/);
      await drive("click", '.notifications-center .monaco-button:text-is("Cancel")');
      await done;
    });
    assert.doesNotMatch(await drive("text", "body"), /has taken in|IPCloud: /);
    await ipcloud("rm", "-r", "/node_modules").catch(() => "nothing of it was there yet");
  });

  it("export a folder, and say that it is readable then", async () => {
    await choosingFolder(folder, async () => {
      const done = vscode.commands.executeCommand("ipcloud.exportFolder", driveUri("/src"));
      await told(/2 files.*not encrypted/s);
      await vscode.commands.executeCommand("notifications.clearAll");
      await done;
    });
    const text = await readFile(join(folder, "src", "deep", "er", "leaf.ts"), "utf8");
    assert.equal(text, "export const leaf = true;\n");
  });

  it("show removed files and restore the one that is picked", async () => {
    await putByCommandLine("/gone/one.md", "# One\n").catch(async () => {
      await ipcloud("mkdir", "/gone");
      await putByCommandLine("/gone/one.md", "# One\n");
    });
    await putByCommandLine("/gone/two.md", "# Two\n");
    await ipcloud("rm", "/gone/one.md", "/gone/two.md");
    const done = vscode.commands.executeCommand("ipcloud.showRemovedFiles", driveUri("/gone"));
    await boxSays(/gone\/one\.md.*removed today/s);
    await screenshot("removed-files");
    await drive("type", "one");
    await drive("press", "Enter");
    await done;
    assert.equal(await ipcloud("cat", "/gone/one.md"), "# One\n");
    assert.equal(vscode.window.activeTextEditor?.document.uri.path, "/gone/one.md");
  });

  it("verify the drive", async () => {
    const done = vscode.commands.executeCommand("ipcloud.verify");
    await told(/everything is sound; \d+ blocks? checked/);
    await done;
  });

  it("collect garbage once the person has agreed", async () => {
    await answeringModals("Free", async () => {
      const done = vscode.commands.executeCommand("ipcloud.collectGarbage");
      await told(/freed .* in|there is nothing to free/);
      await done;
    });
    assert.match(await ipcloud("--json", "verify"), /"ok":true/);
  });

  it("compare and restore versions of the active file without the timeline", async () => {
    for (const text of ["one\n", "two\n", "three\n"]) await putByCommandLine("/draft.md", text);
    const { document } = await eventually(() => show("/draft.md"));
    await vscode.commands.executeCommand("ipcloud.compareActiveWithPrevious");
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.ok(input instanceof vscode.TabInputTextDiff);
    const previous = await vscode.workspace.openTextDocument(input.original);
    assert.deepEqual([previous.getText(), input.modified.path], ["two\n", "/draft.md"]);
    const done = vscode.commands.executeCommand("ipcloud.restoreActive");
    await boxSays(/Versions of "draft\.md"[^]*4 bytes[^]*4 bytes/);
    await screenshot("pick-version");
    await drive("press", "ArrowDown");
    await drive("press", "Enter");
    await done;
    await eventually(() => {
      assert.equal(document.getText(), "one\n");
    });
    await told(/"draft\.md" is as it was/);
    await drive("click", '.notifications-center .monaco-button:text-is("Undo")');
    await eventually(() => {
      assert.equal(document.getText(), "three\n");
    });
  });

  it("name the drive as it is now", async () => {
    const done = vscode.commands.executeCommand("ipcloud.tagMoment");
    await boxSays(/Tag the Drive as it is now/);
    await drive("type", "before the move");
    await drive("press", "Enter");
    await done;
    await told(/tagged "before the move"/);
    assert.match(await ipcloud("tag"), /before the move/);
  });

  it("restore a folder to an earlier moment, once the person has agreed", async () => {
    await ipcloud("mkdir", "/plan");
    await putByCommandLine("/plan/a.md", "first\n");
    const [{ revision }] = JSON.parse(await ipcloud("--json", "journal", "/plan")) as [
      { revision: string },
    ];
    await putByCommandLine("/plan/a.md", "second\n");
    await putByCommandLine("/plan/b.md", "another\n");
    const node = { path: "/plan", revision: { revision, time: Date.now(), changes: [] } };
    await answeringModals("Restore", async () => {
      const done = vscode.commands.executeCommand("ipcloud.revision.restore", node);
      await told(/"plan" was restored; 2 changes/);
      await done;
    });
    assert.equal(await ipcloud("cat", "/plan/a.md"), "first\n");
    const names = await vscode.workspace.fs.readDirectory(driveUri("/plan"));
    assert.deepEqual(names, [["a.md", vscode.FileType.File]]);
    await drive("click", '.notifications-center .monaco-button:text-is("Undo")');
    await eventually(async () => {
      assert.equal(await ipcloud("cat", "/plan/b.md"), "another\n");
    });
  });
});
