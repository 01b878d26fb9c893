import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { drive, hasDriver } from "./driver.ts";
import { driveUri, eventually, show, type } from "./editor.ts";
import { putByCommandLine } from "./ipcloud.ts";
import { says } from "./page.ts";

describe("a conflict that is left open", () => {
  before(function () {
    if (!hasDriver) this.skip();
  });

  it("is written down by the editor, its merge too", async () => {
    await putByCommandLine("/kept-open.md", "one\n\n\n\ntwo\n");
    const editor = await eventually(() => show("/kept-open.md"));
    await type(editor, "one\n\n\n\nmine\n");
    await putByCommandLine("/kept-open.md", "theirs\n\n\n\ntwo\n");
    assert.equal(await editor.document.save(), false);
    await vscode.commands.executeCommand("ipcloud.conflict.resolve");
    await says("editor", /0 Conflicts Remaining/);
    await eventually(async () => {
      const written = (await drive("backups", "")).split("\n");
      assert.ok(written.includes(driveUri("/kept-open.md").toString()));
    });
  });
});
