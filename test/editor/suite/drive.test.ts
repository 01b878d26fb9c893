import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { screenshot } from "./driver.ts";

describe("a drive in the editor", () => {
  it("opens a file of the ipcloud scheme", async () => {
    const document = await vscode.workspace.openTextDocument(
      vscode.Uri.parse("ipcloud:/hello.txt"),
    );
    await vscode.window.showTextDocument(document);
    assert.equal(document.getText(), "IPCloud is not built yet.\n");
    await screenshot("drive");
  });
});
