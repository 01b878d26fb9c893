import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { VersionNode } from "../../../src/extension/timeline/timeline-nodes.ts";
import { drive, hasDriver, screenshot } from "./driver.ts";
import {
  closeEditors,
  driveUri,
  eventually,
  extension,
  ipcloud,
  putByCommandLine,
  show,
  type,
} from "./ipcloud.ts";

const path = "/notes/pond.md";
const texts = [
  "# The pond\n\n- two herons\n",
  "# The pond\n\n- two herons\n- eleven coots\n",
  "# The pond in autumn\n\n- three herons\n- eleven coots\n- the reeds were cut\n",
];

/** What the timeline shows now, without its days. */
async function shown(): Promise<VersionNode[]> {
  const { timeline } = (await extension()).exports;
  const days = await timeline.getChildren();
  const items = await Promise.all(days.map((day) => timeline.getChildren(day)));
  return items.flat().filter((node) => node.type === "version");
}

async function label(node: VersionNode): Promise<string> {
  const { timeline } = (await extension()).exports;
  const item = timeline.getTreeItem(node);
  return String(item.description);
}

describe("the version timeline", () => {
  before(async () => {
    for (const text of texts) await putByCommandLine(path, text);
    await putByCommandLine("/notes/wednesday.md", "# Wednesday\n\nFog.\n");
  });

  afterEach(closeEditors);

  it("follows the active editor", async () => {
    await show(path);
    await eventually(async () => {
      assert.equal((await shown()).length, 3);
    });
    await show("/README.md");
    await eventually(async () => {
      assert.deepEqual(
        (await shown()).map((node) => node.path),
        ["/README.md"],
      );
    });
  });

  it("shows a save as its newest version at once", async () => {
    const editor = await show("/notes/wednesday.md");
    await type(editor, "# Wednesday\n\nFog, then sun.\n");
    await editor.document.save();
    await eventually(async () => {
      const versions = await shown();
      assert.equal(versions.length, 2);
      assert.match(await label(versions[0] as VersionNode), /current · .* · 28 bytes/);
    });
  });

  it("compares a version with the current text, which can be edited", async () => {
    await show(path);
    const oldest = await eventually(async () => {
      const versions = await shown();
      assert.equal(versions.length, 3);
      return versions[2];
    });
    await vscode.commands.executeCommand("ipcloud.timeline.focus");
    await screenshot("timeline");
    if (hasDriver) await drive("click", '[aria-label^="Version of today"] >> nth=2');
    else await vscode.commands.executeCommand("ipcloud.version.compareWithCurrent", oldest);
    const input = await eventually(() => {
      const shownTab = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      assert.ok(shownTab instanceof vscode.TabInputTextDiff);
      return shownTab;
    });
    assert.equal(input.modified.toString(), driveUri(path).toString());
    const old = await vscode.workspace.openTextDocument(input.original);
    assert.equal(old.getText(), texts[0]);
    assert.equal((await shown()).length, 3, "a diff keeps the timeline of its file");
    await screenshot("diff");
  });

  it("compares a version with the one before it", async () => {
    await show(path);
    const [newest] = await eventually(async () => {
      const versions = await shown();
      assert.equal(versions.length, 3);
      return versions;
    });
    await vscode.commands.executeCommand("ipcloud.version.compareWithPrevious", newest);
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.ok(input instanceof vscode.TabInputTextDiff);
    const [left, right] = await Promise.all(
      [input.original, input.modified].map((uri) => vscode.workspace.openTextDocument(uri)),
    );
    assert.deepEqual([left?.getText(), right?.getText()], [texts[1], texts[2]]);
  });

  it("compares two versions that were picked, the older at the left", async () => {
    await show(path);
    const [newest, , oldest] = await eventually(async () => {
      const versions = await shown();
      assert.equal(versions.length, 3);
      return versions;
    });
    await vscode.commands.executeCommand("ipcloud.version.selectForCompare", newest);
    await vscode.commands.executeCommand("ipcloud.version.compareWithSelected", oldest);
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.ok(input instanceof vscode.TabInputTextDiff);
    const [left, right] = await Promise.all(
      [input.original, input.modified].map((uri) => vscode.workspace.openTextDocument(uri)),
    );
    assert.deepEqual([left?.getText(), right?.getText()], [texts[0], texts[2]]);
  });

  it("opens a version read-only, in the language of the file", async () => {
    await show(path);
    const [, middle] = await eventually(async () => {
      const versions = await shown();
      assert.equal(versions.length, 3);
      return versions;
    });
    await vscode.commands.executeCommand("ipcloud.version.open", middle);
    const { document } = await eventually(() => {
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.uri.scheme, "ipcloud-version");
      return editor;
    });
    assert.equal(document.getText(), texts[1]);
    assert.equal(document.languageId, "markdown");
    assert.equal(vscode.workspace.fs.isWritableFileSystem("ipcloud-version"), false);
  });

  it("restores a version, in the open editor too, and copies its name", async () => {
    const { document } = await show(path);
    const oldest = await eventually(async () => {
      const versions = await shown();
      assert.equal(versions.length, 3);
      return versions[2];
    });
    await vscode.commands.executeCommand("ipcloud.version.copyId", oldest);
    assert.equal(await vscode.env.clipboard.readText(), oldest?.version.version);
    await vscode.commands.executeCommand("ipcloud.version.restore", oldest);
    await eventually(async () => {
      assert.equal(document.getText(), texts[0]);
      assert.equal((await shown()).length, 4);
    });
    assert.equal(await ipcloud("cat", path), texts[0]);
  });

  it("shows the versions of a file that was removed, and restores it", async () => {
    await ipcloud("rm", path);
    await vscode.commands.executeCommand("ipcloud.showVersions", driveUri(path));
    const versions = await eventually(async () => {
      const found = await shown();
      assert.equal(found.length, 4);
      return found;
    });
    assert.ok(versions.every(({ version }) => !version.current));
    const { timeline } = (await extension()).exports;
    const item = timeline.getTreeItem(versions[0] as VersionNode);
    assert.equal(item.command?.command, "ipcloud.version.open");
    assert.match(String(item.contextValue), /^version removed/);
    await vscode.commands.executeCommand("ipcloud.version.compareWithCurrent", versions[1]);
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.ok(input instanceof vscode.TabInputText, "nothing stands there to compare with");
    await vscode.commands.executeCommand("ipcloud.version.restore", versions[1]);
    assert.equal(await ipcloud("cat", path), texts[2]);
  });

  it("shows what was done in a folder", async () => {
    await vscode.commands.executeCommand("ipcloud.showVersions", driveUri("/notes"));
    const { timeline } = (await extension()).exports;
    await eventually(async () => {
      const [day] = await timeline.getChildren();
      const [latest] = day === undefined ? [] : await timeline.getChildren(day);
      assert.ok(latest?.type === "revision");
      assert.match(String(timeline.getTreeItem(latest).description), /added pond\.md/);
    });
    await screenshot("folder-timeline");
  });

  it("shows all that one change did, side by side", async () => {
    const changed = JSON.parse(await ipcloud("--json", "journal", "/notes")) as {
      revision: string;
      time: number;
      changes: { type: string; kind: string; path: string }[];
    }[];
    const at = changed.findIndex(({ changes }) => changes[0]?.type === "changed");
    const [revision, previous] = changed.slice(at);
    const node = { path: "/notes", revision: { ...revision, time: Date.now() }, previous };
    await vscode.commands.executeCommand("ipcloud.revision.showChanges", node);
    await eventually(() => {
      const { label: title } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
      assert.match(title ?? "", /^notes \(/);
    });
    await screenshot("changes");
  });

  it("says how many of very many changes it shows", async () => {
    const { session } = (await extension()).exports;
    const folder = await mkdtemp(join(tmpdir(), "ipcloud-many-"));
    for (let n = 0; n < 250; n++)
      await writeFile(join(folder, `${String(n)}.md`), `${String(n)}\n`);
    await session.node.request("import", { source: folder, dest: "/many" });
    await rm(folder, { recursive: true });
    const [revision] = await session.node.request("journal", {
      path: "/many",
      limit: 1,
      changesEach: 20,
    });
    assert.equal(revision?.more, true);
    const node = { type: "revision", path: "/many", clock: "", revision };
    await vscode.commands.executeCommand("ipcloud.revision.showChanges", node);
    await eventually(() => {
      const { label: title } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
      assert.match(title ?? "", /^many \(.*first 200 of 250 files\)/);
    });
  });

  it("says nothing of a removed file once it is not shown any more", async function () {
    if (!hasDriver) this.skip();
    await putByCommandLine("/notes/brief.md", "soon gone\n");
    await eventually(() => show("/notes/brief.md"));
    await ipcloud("rm", "/notes/brief.md");
    await vscode.commands.executeCommand("ipcloud.showVersions", driveUri("/notes/brief.md"));
    const pane = '.pane:has([aria-label*="Version Timeline"])';
    await eventually(async () => {
      assert.match(await drive("text", pane), /This file was removed/);
    });
    await closeEditors();
    await eventually(async () => {
      assert.doesNotMatch(await drive("text", pane), /This file was removed/);
    });
  });

  it("follows links, and compares with what they lead to", async () => {
    await putByCommandLine("/notes/linked.md", "one\n");
    await putByCommandLine("/notes/linked.md", "two\n");
    const { session } = (await extension()).exports;
    await session.node.request("symlink", { path: "/diary", target: "notes" });
    await eventually(() => show("/diary/linked.md"));
    const [, oldest] = await eventually(async () => {
      const versions = await shown();
      assert.equal(versions.length, 2);
      return versions;
    });
    await vscode.commands.executeCommand("ipcloud.version.compareWithCurrent", oldest);
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.equal(input.modified.path, "/diary/linked.md");
    const old = await vscode.workspace.openTextDocument(input.original);
    assert.equal(old.getText(), "one\n");
    await vscode.commands.executeCommand("ipcloud.version.restore", oldest);
    assert.equal(await ipcloud("cat", "/notes/linked.md"), "one\n");
  });

  it("tells the journal as a text that is kept nowhere", async () => {
    await vscode.commands.executeCommand("ipcloud.showJournal");
    const { document } = await eventually(() => {
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.uri.scheme, "ipcloud-report");
      return editor;
    });
    assert.match(document.getText(), /^Today\n/);
    assert.match(document.getText(), /changed +\/notes\/wednesday\.md/);
    await screenshot("journal");
  });
});
