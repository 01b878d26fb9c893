import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, it } from "mocha";
import { programScript } from "../../src/extension/terminal/program-script.ts";

describe("the script by which a shell finds the command line", () => {
  it("runs it with its arguments, whatever stands in the paths", function () {
    if (process.platform === "win32") this.skip();
    const folder = mkdtempSync(join(tmpdir(), "ipcloud it's $HOME "));
    try {
      const commandLine = join(folder, "echo.mjs");
      writeFileSync(commandLine, "console.log(JSON.stringify(process.argv.slice(2)))");
      const { name, content } = programScript(process.execPath, commandLine, process.platform);
      writeFileSync(join(folder, name), content);
      chmodSync(join(folder, name), 0o700);
      const PATH = [folder, process.env["PATH"]].join(delimiter);
      const env = { ...process.env, PATH };
      const out = execFileSync("sh", ["-c", `ipcloud "a b" '$x' "it's"`], { env });
      assert.deepEqual(JSON.parse(out.toString()), ["a b", "$x", "it's"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is one that Windows runs", () => {
    const { name, content } = programScript("C:\\Code.exe", "C:\\ipcloud.mjs", "win32");
    assert.equal(name, "ipcloud.cmd");
    assert.match(content, /"C:\\Code\.exe" "C:\\ipcloud\.mjs" %\*\r\n$/);
  });
});
