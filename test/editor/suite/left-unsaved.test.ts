import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { drive, hasDriver } from "./driver.ts";
import { driveUri, eventually, show, type } from "./editor.ts";
import { putByCommandLine } from "./ipcloud.ts";

describe("unsaved text", () => {
  before(function () {
    if (!hasDriver) this.skip();
  });

  it("is written down by the editor, and left as it is closed", async () => {
    const paths = ["/left-alone.md", "/left.md"];
    for (const path of paths) {
      await putByCommandLine(path, "one\n");
      const editor = await show(path);
      await type(editor, "mine\n");
      assert.ok(editor.document.isDirty);
    }
    await eventually(async () => {
      const written = (await drive("backups", "")).split("\n").sort();
      assert.deepEqual(
        written,
        paths.map((path) => driveUri(path).toString()),
      );
    });
    await putByCommandLine("/left.md", "two\n");
  });
});
