import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { drive, hasDriver, screenshot } from "./driver.ts";
import { driveUri, eventually, extension } from "./ipcloud.ts";

describe("a drive whose node can't be started", () => {
  it("says so in the editor's terms, and keeps its root", async () => {
    await extension();
    const { fs } = vscode.workspace;
    assert.equal((await fs.stat(driveUri("/"))).type, vscode.FileType.Directory);
    await assert.rejects(async () => fs.readDirectory(driveUri("/")), { code: "Unavailable" });
  });

  it("says so to the person, with a way to try again", async function () {
    if (!hasDriver) this.skip();
    await eventually(async () => {
      const text = await drive("text", ".pane-body .welcome-view-content");
      assert.match(text, /can't be reached[^]*Try Again/);
    });
    await vscode.commands.executeCommand("notifications.showList");
    const told = await drive("text", ".notifications-center");
    assert.match(told, /IPCloud: the drive can't be reached/);
    await screenshot("welcome-unavailable");
  });

  it("is not tried again until somebody asks for it", async () => {
    const { session } = (await extension()).exports;
    await vscode.commands.executeCommand("ipcloud.timeline.focus");
    const kinds: string[] = [];
    const listener = session.onDidChangeState(({ kind }) => kinds.push(kind));
    // The editor's own attempts end first.
    await eventually(async () => {
      kinds.length = 0;
      await new Promise((settle) => setTimeout(settle, 1000));
      assert.deepEqual([session.state.kind, ...kinds], ["unavailable"]);
    });
    await session.refresh();
    assert.deepEqual(kinds, ["connecting", "unavailable"]);
    await new Promise((settle) => setTimeout(settle, 3000));
    listener.dispose();
    assert.deepEqual(kinds, ["connecting", "unavailable"]);
  });
});
