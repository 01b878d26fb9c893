import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { access } from "./access.ts";
import { hasDriver } from "./driver.ts";
import { closeEditors, driveUri, eventually, show, store, type } from "./editor.ts";
import { ipcloud, putByCommandLine } from "./ipcloud.ts";
import { choose, isTold, read } from "./page.ts";

interface Logged {
  readonly version: string;
  readonly size: number;
  readonly current: boolean;
}

async function log(path: string): Promise<Logged[]> {
  return JSON.parse(await ipcloud("--json", "log", path)) as Logged[];
}

async function stored(path: string): Promise<string> {
  return ipcloud("cat", path);
}

/** Makes a file and opens it. */
async function opened(path: string, text: string): Promise<vscode.TextEditor> {
  await putByCommandLine(path, text);
  return eventually(() => show(path));
}

function notebookOf(text: string): string {
  const cell = { cell_type: "markdown", metadata: {}, source: [text] };
  return JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
}

describe("a save in the editor", () => {
  afterEach(async () => {
    await vscode.commands.executeCommand("notifications.clearAll");
    await closeEditors();
  });

  it("makes a version each time", async () => {
    const editor = await opened("/saved.txt", "one\n");
    for (const text of ["two\n", "three\n"]) {
      await type(editor, text);
      assert.ok(await editor.document.save());
      assert.equal(editor.document.isDirty, false);
      assert.equal(await stored("/saved.txt"), text);
    }
    const versions = await log("/saved.txt");
    assert.deepEqual(
      versions.map(({ size, current }) => [size, current]),
      [
        [6, true],
        [4, false],
        [4, false],
      ],
    );
  });

  it("over a version that came meanwhile is refused, and nothing is lost", async () => {
    const editor = await opened("/stale.txt", "one\n");
    await type(editor, "mine\n");
    await putByCommandLine("/stale.txt", "theirs, which is longer\n");
    await ipcloud("status");
    assert.equal(await editor.document.save(), false);
    assert.equal(editor.document.isDirty, true);
    assert.equal(editor.document.getText(), "mine\n");
    assert.equal(await stored("/stale.txt"), "theirs, which is longer\n");
  });

  it("of the same size as what came meanwhile is refused too", async () => {
    const editor = await opened("/same-size.txt", "one\n");
    await type(editor, "my \n");
    await putByCommandLine("/same-size.txt", "two\n");
    await ipcloud("status");
    assert.equal(await editor.document.save(), false);
    assert.equal(await stored("/same-size.txt"), "two\n");
  });

  it("of a notebook that was refused can overwrite too, again where that was refused", async function () {
    if (!hasDriver) this.skip();
    await putByCommandLine("/cells.ipynb", notebookOf("one"));
    const document = await eventually(async () =>
      vscode.workspace.openNotebookDocument(driveUri("/cells.ipynb")),
    );
    await vscode.window.showNotebookDocument(document);
    const edit = new vscode.WorkspaceEdit();
    const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, "mine", "markdown");
    edit.set(document.uri, [
      vscode.NotebookEdit.replaceCells(new vscode.NotebookRange(0, 1), [cell]),
    ]);
    await vscode.workspace.applyEdit(edit);
    assert.ok(document.isDirty);
    await putByCommandLine("/cells.ipynb", notebookOf("theirs"));
    await ipcloud("status");
    await document.save().then(undefined, () => false);
    assert.match(await stored("/cells.ipynb"), /theirs/);
    await isTold(/was changed on/);
    assert.doesNotMatch(await read("notifications"), /Resolve\n/);
    await putByCommandLine("/cells.ipynb", notebookOf("theirs once more"));
    await choose("Keep Mine");
    await isTold(/was changed on/);
    assert.match(await stored("/cells.ipynb"), /theirs once more/);
    await choose("Keep Mine");
    await eventually(async () => {
      assert.match(await stored("/cells.ipynb"), /mine/);
      assert.equal(document.isDirty, false);
    });
  });

  it("stands on the same version after the language of the text was changed", async () => {
    const editor = await opened("/language.txt", "one\n");
    await type(editor, "mine\n");
    // Of the same size: the editor's own check sees no change.
    await putByCommandLine("/language.txt", "two\n");
    const document = await vscode.languages.setTextDocumentLanguage(editor.document, "markdown");
    assert.equal(await document.save(), false);
    assert.equal(await stored("/language.txt"), "two\n");
  });

  it("goes on where the line ends became mixed", async () => {
    const editor = await opened("/mixed.txt", "one\ntwo\n");
    await putByCommandLine("/mixed.txt", "one\r\ntwo\nthree\n");
    await eventually(() => {
      assert.equal(editor.document.lineCount, 4);
    });
    // The text rests for a moment before it counts as what was read.
    const { bases } = await access();
    const [current] = await log("/mixed.txt");
    await eventually(() => {
      assert.equal(bases.base("/mixed.txt")?.version, current?.version);
    });
    await type(editor, "mine\n");
    assert.ok(await editor.document.save());
    assert.match(await stored("/mixed.txt"), /^mine/);
  });

  it("goes on where another program's change was loaded before", async () => {
    const editor = await opened("/loaded.txt", "one\n");
    await putByCommandLine("/loaded.txt", "two\n");
    await eventually(() => {
      assert.equal(editor.document.getText(), "two\n");
    });
    await type(editor, "three\n");
    assert.ok(await editor.document.save());
    assert.equal(await stored("/loaded.txt"), "three\n");
  });

  it("brings back a file that was removed meanwhile", async () => {
    const editor = await opened("/removed-meanwhile.txt", "one\n");
    await type(editor, "mine\n");
    await ipcloud("rm", "/removed-meanwhile.txt");
    assert.ok(await editor.document.save());
    assert.equal(await stored("/removed-meanwhile.txt"), "mine\n");
  });

  it("keeps the encoding and the line ends of the file", async () => {
    // UTF-16, little-endian, with its mark.
    const encoded = (text: string): Uint8Array => Buffer.from(`\uFEFF${text}`, "utf16le");
    await store("/lines.txt", encoded("one\r\ntwo\r\n"));
    const editor = await show("/lines.txt");
    assert.equal(editor.document.getText(), "one\r\ntwo\r\n");
    await type(editor, "eins\nzwei\n");
    assert.ok(await editor.document.save());
    const bytes = await vscode.workspace.fs.readFile(driveUri("/lines.txt"));
    assert.deepEqual(Buffer.from(bytes), encoded("eins\r\nzwei\r\n"));
  });

  it("goes on after the text was reverted to what was stored meanwhile", async () => {
    const editor = await opened("/reverted.txt", "one\n");
    await type(editor, "mine\n");
    await putByCommandLine("/reverted.txt", "theirs\n");
    assert.equal(await editor.document.save(), false);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await eventually(() => {
      assert.equal(editor.document.getText(), "theirs\n");
    });
    await type(editor, "mine, on theirs\n");
    assert.ok(await editor.document.save());
    assert.equal(await stored("/reverted.txt"), "mine, on theirs\n");
  });
});
