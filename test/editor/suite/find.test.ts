import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { FindNode } from "../../../src/extension/find/find-tree.ts";
import { access, becomes } from "./access.ts";
import { drive, hasDriver, screenshot } from "./driver.ts";
import { activeText, closeEditors, eventually, show, store } from "./editor.ts";
import { ipcloud } from "./ipcloud.ts";
import { says } from "./page.ts";

/** What the box lists, once that is so. */
async function lists(...paths: string[]): Promise<void> {
  const { goToFile } = await access();
  await eventually(() => {
    assert.deepEqual(goToFile.shown, paths);
  });
}

/** Waits until what is typed goes into the box. */
async function boxHasFocus(): Promise<void> {
  await drive("text", ".quick-input-widget input:focus");
}

/** Opens the box, types into it and presses a key. */
async function goTo(typed: string, key: string, ...listed: string[]): Promise<void> {
  void vscode.commands.executeCommand("ipcloud.goToFile");
  await boxHasFocus();
  await drive("type", typed);
  await lists(...listed);
  await drive("press", key);
}

/** What the view lists: `path:line text`. */
async function results(): Promise<string[]> {
  const { tree } = (await access()).finding;
  return tree
    .getChildren()
    .flatMap((node): FindNode[] => tree.getChildren(node))
    .map((node) =>
      node.type === "line"
        ? `${node.file.path}:${node.found.line.toString()} ${node.found.text}`
        : node.type,
    );
}

async function finds(...lines: string[]): Promise<void> {
  await eventually(async () => {
    assert.deepEqual(await results(), lines);
  });
}

describe("finding in the drive", () => {
  before(async function () {
    if (!hasDriver) this.skip();
    await becomes("unlocked");
  });

  afterEach(async () => {
    await vscode.commands.executeCommand("ipcloud.find.clear");
    await vscode.commands.executeCommand("workbench.action.closeQuickOpen");
    await closeEditors();
  });

  it("goes to the file that was found, at the line that was typed", async () => {
    await goTo("ntues:3:2", "Enter", "/notes/tuesday.md");
    const { uri } = await eventually(() => activeText("ipcloud"));
    assert.equal(uri.path, "/notes/tuesday.md");
    await eventually(() => {
      const { active } = vscode.window.activeTextEditor?.selection ?? {};
      assert.deepEqual([active?.line, active?.character], [2, 1]);
    });
  });

  it("shows the files that were opened last before anything is typed", async () => {
    await show("/notes/monday.md");
    await show("/README.md");
    void vscode.commands.executeCommand("ipcloud.goToFile");
    await eventually(async () => {
      const { shown } = (await access()).goToFile;
      assert.equal(shown[0], "/notes/monday.md", "the one that is in front comes later");
      assert.ok(shown.includes("/src/deep/er/leaf.ts"));
    });
    await screenshot("go-to-file");
  });

  it("opens to the side, and knows a file that has just come", async () => {
    await show("/README.md");
    await ipcloud("mkdir", "-p", "/fresh");
    await store("/fresh/just-come.txt", "here\n");
    await goTo("justcome", "Control+Enter", "/fresh/just-come.txt");
    await eventually(() => {
      assert.equal(activeText("ipcloud").uri.path, "/fresh/just-come.txt");
      assert.equal(vscode.window.activeTextEditor?.viewColumn, vscode.ViewColumn.Two);
    });
    await ipcloud("rm", "-r", "/fresh");
  });

  it("has the keys of the editor's own while only the drive is open", async () => {
    await show("/README.md");
    await drive("press", "Control+p");
    await says("box", /IPCloud|recently opened/);
    assert.ok((await access()).goToFile.shown.length > 0);
    await boxHasFocus();
    await drive("press", "Escape");
    await drive("press", "Control+Shift+f");
    await says("box", /Find in Drive[^]*Match Case/);
  });

  it("shows lines as they are found, and opens them at their place", async () => {
    void vscode.commands.executeCommand("ipcloud.findInDrive");
    await boxHasFocus();
    await says("box", /Find in Drive/);
    await drive("type", "heron");
    await drive("press", "Enter");
    await finds(
      '/data/birds.json:1 { "heron": 2, "coot": 11 }',
      "/notes/monday.md:3 Rain in the morning, two herons at the pond.",
    );
    await eventually(async () => {
      assert.match((await access()).finding.message, /^"heron": 2 lines in 2 files\.$/);
    });
    await vscode.commands.executeCommand("ipcloud.find.next");
    await vscode.commands.executeCommand("ipcloud.find.next");
    await eventually(() => {
      assert.equal(activeText("ipcloud").uri.path, "/notes/monday.md");
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.getText(editor.selection), "heron");
    });
    await screenshot("find-in-drive");
    await vscode.commands.executeCommand("ipcloud.find.previous");
    await eventually(() => {
      assert.equal(activeText("ipcloud").uri.path, "/data/birds.json");
    });
  });

  it("takes an expression, the case, whole words and patterns of files", async () => {
    const { finding } = await access();
    const query = {
      text: "",
      isRegExp: false,
      matchCase: false,
      word: false,
      include: "",
      exclude: "",
    };
    await finding.find({ ...query, text: "^# (mon|tues)day$", isRegExp: true });
    assert.deepEqual(await results(), [
      "/notes/monday.md:1 # Monday",
      "/notes/tuesday.md:1 # Tuesday",
    ]);
    await finding.find({ ...query, text: "monday", matchCase: true });
    assert.deepEqual(await results(), []);
    assert.match(finding.message, /nothing found in \d+ files/);
    await finding.find({ ...query, text: "heron", word: true });
    assert.deepEqual(await results(), ['/data/birds.json:1 { "heron": 2, "coot": 11 }']);
    await finding.find({ ...query, text: "e", include: "*.md, *.json", exclude: "notes" });
    assert.ok((await results()).every((line) => /^\/(?:README\.md|data\/)/.test(line)));
    await finding.find({ ...query, text: "a(b", isRegExp: true });
    assert.match(finding.message, /no regular expression/);
  });

  it("turns its options on by keys, and finds what is selected", async () => {
    const editor = await show("/notes/tuesday.md");
    editor.selection = new vscode.Selection(2, 11, 2, 16);
    void vscode.commands.executeCommand("ipcloud.findInDrive");
    // What was on in the last search is on still.
    await says("box", /With: regular expression/);
    await boxHasFocus();
    await drive("press", "Alt+r");
    await drive("press", "Alt+c");
    await drive("press", "Alt+w");
    await says("box", /match case, whole word/);
    await screenshot("find-in-drive-options");
    await drive("press", "Enter");
    await finds("/notes/tuesday.md:3 Clear. The reeds were cut.");
    await says("page", /"reeds", match case, whole word/i);
  });

  it("shows nothing of the drive any more once it is locked", async () => {
    const { finding, goToFile } = await access();
    const query = {
      text: "heron",
      isRegExp: false,
      matchCase: false,
      word: false,
      include: "",
      exclude: "",
    };
    await finding.find(query);
    assert.equal((await results()).length, 2);
    void vscode.commands.executeCommand("ipcloud.goToFile");
    await eventually(() => {
      assert.ok(goToFile.shown.length > 0);
    });
    await ipcloud("lock");
    await becomes("locked");
    await eventually(async () => {
      assert.deepEqual(await results(), []);
      assert.deepEqual(goToFile.shown, []);
    });
    await ipcloud("unlock");
    await becomes("unlocked");
  });
});
