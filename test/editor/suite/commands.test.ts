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
  ipcloud,
  putByCommandLine,
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
  });
});
