import assert from "node:assert/strict";
import { after, describe, it } from "mocha";
import * as vscode from "vscode";
import { drive, hasDriver } from "./driver.ts";
import {
  closeEditors,
  driveUri,
  eventually,
  extension,
  ipcloud,
  putByCommandLine,
  show,
} from "./ipcloud.ts";

const { fs } = vscode.workspace;

async function names(path: string): Promise<string[]> {
  return (await fs.readDirectory(driveUri(path))).map(([name]) => name).sort();
}

async function text(path: string): Promise<string> {
  return new TextDecoder().decode(await fs.readFile(driveUri(path)));
}

describe("a drive in the editor", () => {
  after(closeEditors);

  it("activates the extension by its scheme and lists what is in the drive", async () => {
    assert.equal((await extension()).isActive, true);
    assert.deepEqual(await names("/"), ["README.md", "data", "notes", "src"]);
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
    await fs.writeFile(driveUri("/made/below/a.txt"), new TextEncoder().encode("one"));
    await fs.copy(driveUri("/made/below"), driveUri("/made/copy"));
    await fs.rename(driveUri("/made/copy/a.txt"), driveUri("/made/copy/A.txt"));
    assert.deepEqual(await names("/made/copy"), ["A.txt"]);
    assert.equal(await text("/made/copy/A.txt"), "one");
    await fs.delete(driveUri("/made"), { recursive: true });
    assert.equal((await names("/")).includes("made"), false);
  });

  it("shows a change of the command line in an open editor", async () => {
    const { document } = await show("/notes/tuesday.md");
    await putByCommandLine("/notes/tuesday.md", "changed outside\n");
    await eventually(() => {
      assert.equal(document.getText(), "changed outside\n");
    });
    await ipcloud("mkdir", "/from-outside");
    await eventually(async () => {
      assert.ok((await names("/")).includes("from-outside"));
    });
    await ipcloud("rm", "-r", "/from-outside");
    await eventually(async () => {
      assert.ok(!(await names("/")).includes("from-outside"));
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
      assert.ok(!(await names("/")).includes("src"));
    });
    await executeCommand("workbench.files.action.focusFilesExplorer");
    await drive("press", "Control+z");
    await eventually(async () => {
      assert.equal(await text("/src/deep/er/leaf.ts"), "export const leaf = true;\n");
    });
    assert.deepEqual(await names("/src"), ["count.ts", "deep"]);
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
      assert.equal(await text("/src/deep/er/leaf.ts"), "export const leaf = true;\n");
    });
    assert.deepEqual(await names("/src"), ["count.ts", "deep"]);
  });

  it("keeps a deleted folder as new as the file that another extension puts into it", async function () {
    if (!hasDriver) this.skip();
    await fs.writeFile(driveUri("/out/old.js"), new TextEncoder().encode("old"));
    await eventually(async () => {
      await vscode.commands.executeCommand("revealInExplorer", driveUri("/out"));
      assert.match(await drive("text", ".explorer-folders-view"), /\bout\b/);
    });
    await vscode.commands.executeCommand("workbench.files.action.focusFilesExplorer");
    await drive("press", "Delete");
    await eventually(async () => {
      assert.ok(!(await names("/")).includes("out"));
    });
    await fs.writeFile(driveUri("/out/new.js"), new TextEncoder().encode("new"));
    await new Promise((settle) => setTimeout(settle, 1000));
    assert.deepEqual(await names("/out"), ["new.js"]);
  });

  it("asks before it opens a very large file, and then opens it", async function () {
    if (!hasDriver) this.skip();
    const line = `${"0123456789abcde".repeat(64)}\n`;
    const large = new TextEncoder().encode(line.repeat(Math.ceil(52_500_000 / line.length)));
    await fs.writeFile(driveUri("/large.txt"), large);
    assert.equal((await fs.stat(driveUri("/large.txt"))).size, large.length);
    await vscode.commands.executeCommand("vscode.open", driveUri("/large.txt"));
    await eventually(async () => {
      assert.match(await drive("text", ".monaco-editor-pane-placeholder"), /very large/);
    });
    await drive("click", ".monaco-editor-pane-placeholder .monaco-button >> nth=0");
    await eventually(async () => {
      assert.match(await drive("text", ".editor-instance .view-lines"), /0123456789abcde/);
    });
    large.set(new TextEncoder().encode("loaded again"));
    await fs.writeFile(driveUri("/large.txt"), large.slice(0, -1));
    await eventually(async () => {
      assert.match(await drive("text", ".editor-instance .view-lines"), /loaded.again/);
    });
  });
});
