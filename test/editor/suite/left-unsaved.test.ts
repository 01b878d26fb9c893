import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { hasDriver } from "./driver.ts";
import { putByCommandLine, show, type } from "./ipcloud.ts";

/** The editor writes unsaved text to its backups a second after the last key. */
const backupMs = 3000;

describe("unsaved text", () => {
  before(function () {
    if (!hasDriver) this.skip();
  });

  it("is left in an editor that is closed", async () => {
    await putByCommandLine("/left.md", "one\n");
    await putByCommandLine("/left-alone.md", "one\n");
    for (const path of ["/left.md", "/left-alone.md"]) {
      const editor = await show(path);
      await type(editor, "mine\n");
      assert.ok(editor.document.isDirty);
    }
    await new Promise((settle) => setTimeout(settle, backupMs));
    await putByCommandLine("/left.md", "two\n");
  });
});
