import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { access } from "./access.ts";
import { hasDriver, screenshot } from "./driver.ts";
import { driveUri } from "./editor.ts";
import { isTold, says } from "./page.ts";

const quietMs = 3000;

describe("a drive whose node can't be started", () => {
  it("says so in the editor's terms, and keeps its root", async () => {
    await access();
    const { fs } = vscode.workspace;
    assert.equal((await fs.stat(driveUri("/"))).type, vscode.FileType.Directory);
    await assert.rejects(async () => fs.readDirectory(driveUri("/")), { code: "Unavailable" });
  });

  it("says so to the person, with a way to try again", async function () {
    if (!hasDriver) this.skip();
    await says("welcome", /can't be reached[^]*Try Again/);
    await isTold(/The drive can't be reached/);
    await screenshot("welcome-unavailable");
  });

  it("is not tried again until somebody asks for it", async () => {
    const { session } = await access();
    await vscode.commands.executeCommand("ipcloud.timeline.focus");
    // What the editor asked for as it opened ends first.
    await untilQuiet();
    const kinds: string[] = [];
    const listener = session.onDidChangeState(({ kind }) => kinds.push(kind));
    await session.refresh();
    await untilQuiet();
    listener.dispose();
    assert.deepEqual(kinds, ["connecting", "unavailable"]);
  });

  /** Nothing tells that nothing happens: for so long no state is told, counted anew from each. */
  async function untilQuiet(): Promise<void> {
    const { session } = await access();
    await new Promise<void>((settle) => {
      const end = (): void => {
        listener.dispose();
        settle();
      };
      let timer = setTimeout(end, quietMs);
      const listener = session.onDidChangeState(() => {
        clearTimeout(timer);
        timer = setTimeout(end, quietMs);
      });
    });
  }
});
