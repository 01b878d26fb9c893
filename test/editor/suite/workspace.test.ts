import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { drive, hasDriver, screenshot } from "./driver.ts";
import { eventually, show } from "./editor.ts";
import { read, says } from "./page.ts";

describe("the workspace that opens the drive", () => {
  let folder: string;

  before(async function () {
    if (!hasDriver) this.skip();
    folder = await mkdtemp(join(tmpdir(), "ipcloud-terminal-"));
  });

  after(async () => {
    await rm(folder, { recursive: true });
  });

  it("opens a terminal in the person's own folder, with ipcloud on its path", async function () {
    this.timeout(180_000);
    await show("/README.md");
    // Before the editor has gathered the profiles of extensions, it takes one of its own.
    const terminal = await eventually(async () => {
      vscode.window.activeTerminal?.dispose();
      await vscode.commands.executeCommand("workbench.action.terminal.new");
      const { activeTerminal } = vscode.window;
      assert.equal(activeTerminal?.name, "IPCloud");
      return activeTerminal;
    });
    const said = join(folder, "said");
    terminal.sendText(`(pwd; ipcloud ls / && command -v ipcloud) > '${said}' 2>&1; echo over`);
    await eventually(async () => {
      assert.equal((await readFile(said, "utf8")).split("\n")[0], homedir());
    });
    await eventually(async () => {
      const [, ...lines] = (await readFile(said, "utf8")).trim().split("\n");
      assert.match(lines.join("\n"), /README\.md[^]*\/bin\/ipcloud$/);
    });
    terminal.show();
    await eventually(async () => {
      assert.equal(await drive("count", ".terminal-wrapper.active"), "1");
    });
    await screenshot("terminal");
    terminal.dispose();
  });

  it("offers no repository in the machine's own root", async () => {
    await vscode.commands.executeCommand("workbench.view.scm");
    await says("page", /please enable Git in your settings/);
    assert.doesNotMatch(await read("page"), /Initialize Repository/);
  });

  it("has one timeline, which is ours", async () => {
    await vscode.commands.executeCommand("workbench.view.explorer");
    await says("page", /Version Timeline/);
    assert.equal(await drive("count", '.pane-header[aria-label^="Timeline"]'), "0");
  });
});
