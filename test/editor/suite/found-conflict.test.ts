import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { drive, hasDriver, screenshot } from "./driver.ts";
import { eventually, show } from "./editor.ts";
import { ipcloud } from "./ipcloud.ts";
import { says } from "./page.ts";

describe("a conflict of an earlier window", () => {
  before(function () {
    if (!hasDriver) this.skip();
  });

  it("is there again, and its merge can be accepted", async () => {
    await says("conflicts", /kept-open\.md/);
    await screenshot("found-conflict");
    const { document } = await show("/kept-open.md");
    assert.equal(document.getText(), "one\n\n\n\nmine\n");
    await vscode.commands.executeCommand("ipcloud.conflict.resolve");
    await says("editor", /0 Conflicts Remaining/);
    await drive("click", '.editor-actions a.action-label[aria-label^="Accept Merge"]');
    await eventually(async () => {
      assert.equal(await ipcloud("cat", "/kept-open.md"), "theirs\n\n\n\nmine\n");
    });
    await eventually(() => {
      assert.equal(document.isDirty, false);
    });
  });
});
