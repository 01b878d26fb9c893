import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { hasDriver } from "./driver.ts";
import { driveUri, eventually } from "./editor.ts";
import { ipcloud } from "./ipcloud.ts";

async function unsaved(path: string): Promise<vscode.TextDocument> {
  const document = await eventually(() => {
    const uri = driveUri(path).toString();
    const found = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
    assert.ok(found?.isDirty);
    return found;
  });
  assert.equal(document.getText(), "mine\n");
  return document;
}

describe("unsaved text of an earlier window", () => {
  before(function () {
    if (!hasDriver) this.skip();
  });

  it("is saved where nothing else was stored meanwhile", async () => {
    const document = await unsaved("/left-alone.md");
    assert.ok(await document.save());
    assert.equal(await ipcloud("cat", "/left-alone.md"), "mine\n");
  });

  it("is refused where something was, as if the window had stayed open", async () => {
    const document = await unsaved("/left.md");
    assert.equal(await document.save(), false);
    assert.equal(await ipcloud("cat", "/left.md"), "two\n");
  });
});
