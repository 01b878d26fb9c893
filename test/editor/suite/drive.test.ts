import assert from "node:assert/strict";
import { after, describe, it } from "mocha";
import * as vscode from "vscode";
import { access, extension } from "./access.ts";
import { drive, hasDriver } from "./driver.ts";
import { closeEditors, driveUri, eventually, namesIn, show, store, textOf } from "./editor.ts";
import { ipcloud, putByCommandLine } from "./ipcloud.ts";
import { read, says } from "./page.ts";

const { fs } = vscode.workspace;

describe("a drive in the editor", () => {
  after(closeEditors);

  it("activates the extension by its scheme and lists what is in the drive", async () => {
    await eventually(() => {
      assert.ok(extension().isActive);
    });
    assert.deepEqual(await namesIn("/"), ["README.md", "data", "notes", "src"]);
    const stat = await fs.stat(driveUri("/notes"));
    assert.equal(stat.type, vscode.FileType.Directory);
  });

  it("opens a file", async () => {
    const { document } = await show("/notes/monday.md");
    assert.match(document.getText(), /two herons/);
    assert.equal(document.languageId, "markdown");
  });

  it("says in the editor's terms what is wrong", async () => {
    await assert.rejects(async () => fs.readFile(driveUri("/absent")), { code: "FileNotFound" });
    await assert.rejects(async () => fs.readFile(driveUri("/notes")), {
      code: "FileIsADirectory",
    });
  });

  it("makes, copies, renames and deletes", async () => {
    await fs.createDirectory(driveUri("/made/below"));
    await store("/made/below/a.txt", "one");
    await fs.copy(driveUri("/made/below"), driveUri("/made/copy"));
    await fs.rename(driveUri("/made/copy/a.txt"), driveUri("/made/copy/A.txt"));
    assert.deepEqual(await namesIn("/made/copy"), ["A.txt"]);
    assert.equal(await textOf("/made/copy/A.txt"), "one");
    await fs.delete(driveUri("/made"), { recursive: true });
    assert.equal((await namesIn("/")).includes("made"), false);
  });

  it("shows a change of the command line in an open editor", async () => {
    const { document } = await show("/notes/tuesday.md");
    await putByCommandLine("/notes/tuesday.md", "changed outside\n");
    await eventually(() => {
      assert.equal(document.getText(), "changed outside\n");
    });
    await ipcloud("mkdir", "/from-outside");
    await eventually(async () => {
      assert.ok((await namesIn("/")).includes("from-outside"));
    });
    await ipcloud("rm", "-r", "/from-outside");
    await eventually(async () => {
      assert.ok(!(await namesIn("/")).includes("from-outside"));
    });
  });

  it("restores a deleted folder with its files when the deletion is undone", async function () {
    if (!hasDriver) this.skip();
    const { executeCommand } = vscode.commands;
    await show("/README.md");
    await executeCommand("revealInExplorer", driveUri("/src"));
    await executeCommand("workbench.files.action.focusFilesExplorer");
    // Under test the editor answers its own questions with yes.
    await drive("press", "Delete");
    await eventually(async () => {
      assert.ok(!(await namesIn("/")).includes("src"));
    });
    await executeCommand("workbench.files.action.focusFilesExplorer");
    await drive("press", "Control+z");
    await eventually(async () => {
      assert.equal(await textOf("/src/deep/er/leaf.ts"), "export const leaf = true;\n");
    });
    assert.deepEqual(await namesIn("/src"), ["count.ts", "deep"]);
  });

  it("restores deleted folders, one below the other, when both are undone at once", async function () {
    if (!hasDriver) this.skip();
    const { executeCommand } = vscode.commands;
    /** The editor can't while it takes the deleted folder out of the Explorer. */
    const focusExplorer = (): Promise<unknown> =>
      eventually(() => executeCommand("workbench.files.action.focusFilesExplorer"));
    for (const path of ["/src/deep", "/src"]) {
      await executeCommand("revealInExplorer", driveUri(path));
      await focusExplorer();
      await drive("press", "Delete");
      await eventually(async () => {
        await assert.rejects(async () => fs.stat(driveUri(path)), { code: "FileNotFound" });
      });
    }
    await focusExplorer();
    await Promise.all([executeCommand("undo"), executeCommand("undo")]);
    await eventually(async () => {
      assert.equal(await textOf("/src/deep/er/leaf.ts"), "export const leaf = true;\n");
    });
    assert.deepEqual(await namesIn("/src"), ["count.ts", "deep"]);
  });

  it("keeps a deleted folder as new as the file that another extension puts into it", async function () {
    if (!hasDriver) this.skip();
    await store("/out/old.js", "old");
    await eventually(async () => {
      await vscode.commands.executeCommand("revealInExplorer", driveUri("/out"));
      assert.match(await read("explorer"), /\bout\b/);
    });
    await vscode.commands.executeCommand("workbench.files.action.focusFilesExplorer");
    await drive("press", "Delete");
    await eventually(async () => {
      assert.ok(!(await namesIn("/")).includes("out"));
    });
    await store("/out/new.js", "new");
    await (await access()).files.finishUndos();
    assert.deepEqual(await namesIn("/out"), ["new.js"]);
  });

  it("asks before it opens a very large file, and then opens it", async function () {
    if (!hasDriver) this.skip();
    const line = `${"0123456789abcde".repeat(64)}\n`;
    const large = new TextEncoder().encode(line.repeat(Math.ceil(52_500_000 / line.length)));
    await store("/large.txt", large);
    assert.equal((await fs.stat(driveUri("/large.txt"))).size, large.length);
    await vscode.commands.executeCommand("vscode.open", driveUri("/large.txt"));
    await eventually(async () => {
      assert.match(await drive("text", ".monaco-editor-pane-placeholder"), /very large/);
    });
    await drive("click", ".monaco-editor-pane-placeholder .monaco-button >> nth=0");
    await says("editor", /0123456789abcde/);
    large.set(new TextEncoder().encode("loaded again"));
    await store("/large.txt", large.slice(0, -1));
    await says("editor", /loaded.again/);
  });
});
