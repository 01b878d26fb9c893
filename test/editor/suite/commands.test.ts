import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { extension } from "./access.ts";
import { drive, hasDriver, screenshot } from "./driver.ts";
import {
  answeringModals,
  choosingFolder,
  closeEditors,
  comparedTexts,
  comparison,
  driveUri,
  eventually,
  show,
} from "./editor.ts";
import { ipcloud, nodeRevision, putByCommandLine } from "./ipcloud.ts";
import { answer, choose, isTold, says, saysNoMore } from "./page.ts";

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
      await says("box", /Into travels/);
      await drive("press", "Enter");
      await isTold(/"travels" has taken in 1 file, 7 B/);
      await vscode.commands.executeCommand("notifications.clearAll");
      await done;
    });
    assert.equal(await ipcloud("cat", "/travels/oslo.md"), "# Oslo\n");
    await says("explorer", /travels/);
  });

  it("can be cancelled while they take long, and say and free what they left", async () => {
    const { extensionPath } = extension();
    const before = await nodeRevision();
    await choosingFolder(join(extensionPath, "node_modules"), async () => {
      const done = vscode.commands.executeCommand("ipcloud.importFolder", driveUri("/"));
      await says("box", /Into node_modules/);
      await drive("press", "Enter");
      await isTold(/Importing node_modules/);
      await eventually(async () => {
        assert.notEqual(await nodeRevision(), before);
      });
      await vscode.commands.executeCommand("ipcloud.activity.focus");
      await says("page", /Importing node_modules[^]*reading, \d/);
      await screenshot("activity-importing");
      await choose("Cancel");
      await isTold(/The import was cancelled: [\d,]+ files that were in by then stay/);
      await screenshot("import-cancelled");
      await choose("Remove and Free");
      await isTold(/"node_modules" is gone again; [\d.]+ [KM]iB are free/);
      await done;
    });
    assert.doesNotMatch(await ipcloud("ls", "/"), /node_modules/);
    assert.doesNotMatch(await ipcloud("removed", "/"), /node_modules/);
    await says("page", /Removing node_modules[^]*freed [\d.]+ [KM]iB[^]*Importing node_modules/);
    await vscode.commands.executeCommand("ipcloud.activity.clear");
    await saysNoMore("page", /Removing node_modules/);
  });

  it("export a folder, and say that it is readable then", async () => {
    await choosingFolder(folder, async () => {
      const done = vscode.commands.executeCommand("ipcloud.exportFolder", driveUri("/src"));
      await isTold(/2 files.*not encrypted/s);
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
    await says("box", /gone\/one\.md.*removed today/s);
    await screenshot("removed-files");
    await answer(/gone\/one\.md/, "/one");
    await done;
    assert.equal(await ipcloud("cat", "/gone/one.md"), "# One\n");
    assert.equal(vscode.window.activeTextEditor?.document.uri.path, "/gone/one.md");
  });

  it("restore several removed files at once", async () => {
    const paths = ["/lost/one.md", "/lost/two.md", "/lost/three.md"];
    await ipcloud("mkdir", "/lost");
    for (const path of paths) await putByCommandLine(path, `${path}\n`);
    await ipcloud("rm", ...paths);
    const done = vscode.commands.executeCommand("ipcloud.showRemovedFiles", driveUri("/lost"));
    await says("box", /lost\/one\.md[^]*lost\/two\.md|lost\/two\.md[^]*lost\/one\.md/);
    for (const name of ["one", "two"])
      await drive("click", `.quick-input-list .monaco-list-row:has-text("lost/${name}.md")`);
    await screenshot("removed-several");
    await drive("press", "Enter");
    await done;
    await isTold(/2 files and folders restored/);
    const names = await vscode.workspace.fs.readDirectory(driveUri("/lost"));
    assert.deepEqual(names.map(([name]) => name).sort(), ["one.md", "two.md"]);
  });

  it("verify the drive", async () => {
    const done = vscode.commands.executeCommand("ipcloud.verify");
    await isTold(/Everything is sound; [\d,]+ blocks? checked/);
    await done;
  });

  it("collect garbage once the person has agreed", async () => {
    await answeringModals("Free", async () => {
      const done = vscode.commands.executeCommand("ipcloud.collectGarbage");
      await isTold(/Freed .* in|There is nothing to free/);
      await done;
    });
    assert.match(await ipcloud("--json", "verify"), /"ok":true/);
  });

  it("compare and restore versions of the active file without the timeline", async () => {
    for (const text of ["one\n", "two\n", "three\n"]) await putByCommandLine("/draft.md", text);
    const { document } = await eventually(() => show("/draft.md"));
    await vscode.commands.executeCommand("ipcloud.compareActiveWithPrevious");
    assert.equal(comparison().modified.path, "/draft.md");
    assert.deepEqual(await comparedTexts(), ["two\n", "three\n"]);
    const done = vscode.commands.executeCommand("ipcloud.restoreActive");
    await says("box", /Versions of "draft\.md"[^]*4 B[^]*4 B/);
    await screenshot("pick-version");
    await drive("press", "ArrowDown");
    await drive("press", "Enter");
    await done;
    await eventually(() => {
      assert.equal(document.getText(), "one\n");
    });
    await isTold(/"draft\.md" is as it was/);
    await choose("Undo");
    await eventually(() => {
      assert.equal(document.getText(), "three\n");
    });
  });

  it("open the settings of the drive, and no others", async () => {
    await vscode.commands.executeCommand("ipcloud.openSettings");
    await says("page", /Auto Lock Minutes/);
    await says("page", /Keep All Days/);
    await screenshot("settings");
  });

  it("name the drive as it is now", async () => {
    const done = vscode.commands.executeCommand("ipcloud.tagMoment");
    await answer(/Tag the Drive as it is now/, "before the move");
    await done;
    await isTold(/tagged "before the move"/);
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
      await isTold(/"plan" was restored; 2 changes/);
      await done;
    });
    assert.equal(await ipcloud("cat", "/plan/a.md"), "first\n");
    const names = await vscode.workspace.fs.readDirectory(driveUri("/plan"));
    assert.deepEqual(names, [["a.md", vscode.FileType.File]]);
    await choose("Undo");
    await eventually(async () => {
      assert.equal(await ipcloud("cat", "/plan/b.md"), "another\n");
    });
  });
});
