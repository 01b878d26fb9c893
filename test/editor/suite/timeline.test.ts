import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { TimelineNode, VersionNode } from "../../../src/extension/timeline/timeline-nodes.ts";
import { access } from "./access.ts";
import { drive, hasDriver, screenshot } from "./driver.ts";
import {
  activeText,
  closeEditors,
  comparedTexts,
  comparison,
  driveUri,
  eventually,
  show,
  type,
} from "./editor.ts";
import { ipcloud, putByCommandLine } from "./ipcloud.ts";
import { says } from "./page.ts";

const path = "/notes/pond.md";
const texts = [
  "# The pond\n\n- two herons\n",
  "# The pond\n\n- two herons\n- eleven coots\n",
  "# The pond in autumn\n\n- three herons\n- eleven coots\n- the reeds were cut\n",
];

/** What the timeline shows now, without its days. */
async function shown(): Promise<VersionNode[]> {
  const { timeline } = await access();
  const days = await timeline.getChildren();
  const items = await Promise.all(days.map((day) => timeline.getChildren(day)));
  return items.flat().filter((node) => node.type === "version");
}

/** What it shows once that is so many versions. */
async function shownAre(count: number): Promise<VersionNode[]> {
  return eventually(async () => {
    const versions = await shown();
    assert.equal(versions.length, count);
    return versions;
  });
}

/** What the editor makes of an item. */
async function itemOf(node: TimelineNode | undefined): Promise<vscode.TreeItem> {
  assert.ok(node);
  return (await access()).timeline.getTreeItem(node);
}

describe("the version timeline", () => {
  before(async () => {
    for (const text of texts) await putByCommandLine(path, text);
    await putByCommandLine("/notes/wednesday.md", "# Wednesday\n\nFog.\n");
  });

  afterEach(closeEditors);

  it("follows the active editor", async () => {
    await show(path);
    await shownAre(3);
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
    const [newest] = await shownAre(2);
    const { description } = await itemOf(newest);
    assert.match(String(description), /current · .* · 28 B/);
  });

  it("compares a version with the current text, which can be edited", async () => {
    await show(path);
    const [, , oldest] = await shownAre(3);
    await vscode.commands.executeCommand("ipcloud.timeline.focus");
    await screenshot("timeline");
    if (hasDriver) await drive("click", '[aria-label^="Version of today"] >> nth=2');
    else await vscode.commands.executeCommand("ipcloud.version.compareWithCurrent", oldest);
    const { modified } = await eventually(comparison);
    assert.equal(modified.toString(), driveUri(path).toString());
    assert.deepEqual(await comparedTexts(), [texts[0], texts[2]]);
    assert.equal((await shown()).length, 3, "a diff keeps the timeline of its file");
    await screenshot("diff");
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    await type(editor, "# The pond, frozen\n");
    assert.deepEqual(await comparedTexts(), [texts[0], "# The pond, frozen\n"]);
  });

  it("compares a version with the one before it", async () => {
    await show(path);
    const [newest] = await shownAre(3);
    await vscode.commands.executeCommand("ipcloud.version.compareWithPrevious", newest);
    assert.deepEqual(await comparedTexts(), [texts[1], texts[2]]);
  });

  it("compares two versions that were picked, the older at the left", async () => {
    await show(path);
    const [newest, , oldest] = await shownAre(3);
    await vscode.commands.executeCommand("ipcloud.version.selectForCompare", newest);
    await vscode.commands.executeCommand("ipcloud.version.compareWithSelected", oldest);
    assert.deepEqual(await comparedTexts(), [texts[0], texts[2]]);
  });

  it("opens a version read-only, in the language of the file", async () => {
    await show(path);
    const [, middle] = await shownAre(3);
    await vscode.commands.executeCommand("ipcloud.version.open", middle);
    const document = await eventually(() => activeText("ipcloud-version"));
    assert.equal(document.getText(), texts[1]);
    assert.equal(document.languageId, "markdown");
    assert.equal(vscode.workspace.fs.isWritableFileSystem("ipcloud-version"), false);
  });

  it("restores a version, in the open editor too, and copies its name", async () => {
    const { document } = await show(path);
    const [, , oldest] = await shownAre(3);
    await vscode.commands.executeCommand("ipcloud.version.copyId", oldest);
    assert.equal(await vscode.env.clipboard.readText(), oldest?.version.version);
    await vscode.commands.executeCommand("ipcloud.version.restore", oldest);
    await eventually(async () => {
      assert.equal(document.getText(), texts[0]);
      assert.equal((await shown()).length, 4);
    });
    assert.equal(await ipcloud("cat", path), texts[0]);
    const [restored] = await shown();
    assert.match(
      String((await itemOf(restored)).description),
      /current · Restored from today .* · /,
    );
    await screenshot("restored");
  });

  it("shows the versions of a file that was removed, and restores it", async () => {
    await ipcloud("rm", path);
    await vscode.commands.executeCommand("ipcloud.showVersions", driveUri(path));
    const versions = await shownAre(4);
    assert.ok(versions.every(({ version }) => !version.current));
    const item = await itemOf(versions[0]);
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
    const { timeline } = await access();
    await eventually(async () => {
      const [day] = await timeline.getChildren();
      const [latest] = day === undefined ? [] : await timeline.getChildren(day);
      assert.ok(latest?.type === "revision");
      assert.match(
        String(timeline.getTreeItem(latest).description),
        /Restored pond\.md from today/,
      );
    });
    await screenshot("folder-timeline");
  });

  it("keeps the list of a folder when a change in it is opened", async () => {
    await vscode.commands.executeCommand("ipcloud.showVersions", driveUri("/notes"));
    const { timeline } = await access();
    const latest = await eventually(async () => {
      assert.equal(timeline.paths[0], "/notes");
      const [day] = await timeline.getChildren();
      const [first] = day === undefined ? [] : await timeline.getChildren(day);
      assert.ok(first?.type === "revision");
      return first;
    });
    await vscode.commands.executeCommand("ipcloud.revision.showChanges", latest);
    await eventually(() => {
      assert.match(vscode.window.tabGroups.activeTabGroup.activeTab?.label ?? "", /notes/);
    });
    await new Promise((settle) => setTimeout(settle, 1500));
    assert.equal(timeline.paths[0], "/notes");
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
    if (hasDriver) await says("editor", /pond\.md[^]*#.The.pond.in.autumn[^]*#.The.pond\n/);
    await screenshot("changes");
  });

  it("says how many of very many changes it shows", async () => {
    const { session } = await access();
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
    const { session } = await access();
    await session.node.request("symlink", { path: "/diary", target: "notes" });
    await eventually(() => show("/diary/linked.md"));
    const [, oldest] = await shownAre(2);
    await vscode.commands.executeCommand("ipcloud.version.compareWithCurrent", oldest);
    assert.equal(comparison().modified.path, "/diary/linked.md");
    assert.deepEqual(await comparedTexts(), ["one\n", "two\n"]);
    await vscode.commands.executeCommand("ipcloud.version.restore", oldest);
    assert.equal(await ipcloud("cat", "/notes/linked.md"), "one\n");
  });

  it("of the whole drive is one command away, and begins its rows with tags", async () => {
    await ipcloud("tag", "before the frost");
    await vscode.commands.executeCommand("ipcloud.showDriveTimeline");
    const { timeline } = await access();
    assert.equal(timeline.path, "/");
    await eventually(async () => {
      const [day] = await timeline.getChildren();
      const [latest] = day === undefined ? [] : await timeline.getChildren(day);
      assert.match(String((await itemOf(latest)).description), /^#before the frost · /);
    });
    await screenshot("drive-timeline");
  });

  it("is left for a tag, and shows what has changed since", async function () {
    if (!hasDriver) this.skip();
    await putByCommandLine("/notes/frost.md", "# Frost\n");
    const done = vscode.commands.executeCommand("ipcloud.goToTag");
    await says("box", /before the frost/);
    await screenshot("go-to-tag");
    await drive("press", "Enter");
    await says("box", /Show What Has Changed Since/);
    await drive("press", "Enter");
    await done;
    await eventually(() => {
      const { label } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
      assert.match(label ?? "", /since "before the frost"/);
    });
  });

  it("is one click away from an editor", async function () {
    if (!hasDriver) this.skip();
    await show("/README.md");
    await vscode.commands.executeCommand("ipcloud.showDriveTimeline");
    await drive("click", '.editor-actions a.action-label[aria-label^="Show Versions"]');
    const { timeline } = await access();
    await eventually(() => {
      assert.equal(timeline.path, "/README.md");
    });
  });

  it("leads from the journal to what it names, which may be gone", async () => {
    await putByCommandLine("/notes/linked-to.md", "# Here\n");
    await putByCommandLine("/notes/soon-gone.md", "# Gone\n");
    await ipcloud("rm", "/notes/soon-gone.md");
    await vscode.commands.executeCommand("ipcloud.showJournal");
    const { uri } = await eventually(() => activeText("ipcloud-report"));
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      "vscode.executeLinkProvider",
      uri,
    );
    const document = await vscode.workspace.openTextDocument(uri);
    const named = links.map(({ range }) => document.getText(range));
    assert.ok(named.includes("/notes/linked-to.md") && named.includes("/notes/soon-gone.md"));
    if (hasDriver) {
      await drive("controlClick", '.view-line .detected-link:has-text("linked-to") >> nth=0');
      await eventually(() => {
        assert.equal(activeText("ipcloud").uri.path, "/notes/linked-to.md");
      });
    }
    await vscode.commands.executeCommand("ipcloud.showPath", "/notes/soon-gone.md");
    assert.equal((await access()).timeline.path, "/notes/soon-gone.md");
  });

  it("tells the journal, of a folder too, as a text whose address names nothing of the drive", async () => {
    await vscode.commands.executeCommand("ipcloud.showJournal");
    const document = await eventually(() => activeText("ipcloud-report"));
    assert.match(document.getText(), /^Today\n/);
    assert.match(document.getText(), /changed +\/notes\/wednesday\.md/);
    await screenshot("journal");
    await vscode.commands.executeCommand("ipcloud.showJournal", driveUri("/notes"));
    const ofFolder = await eventually(() => {
      const active = activeText("ipcloud-report");
      assert.notEqual(active, document);
      return active;
    });
    assert.match(ofFolder.getText(), /^What happened in \/notes\n/);
    for (const { uri } of [document, ofFolder]) assert.match(uri.path, /^\/Journal \d+$/);
  });
});
