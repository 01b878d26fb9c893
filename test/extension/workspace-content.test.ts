import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import {
  terminalProfile,
  withSettings,
  workspaceContent,
} from "../../src/extension/workspace-content.ts";

describe("the workspace that opens the drive", () => {
  const content = workspaceContent("IPCloud", "/home/ada");

  it("keeps terminals and Git out of the machine's own root", () => {
    assert.equal(content.settings["terminal.integrated.cwd"], "/home/ada");
    assert.equal(content.settings["git.enabled"], false);
  });

  it("has the terminal profile that package.json contributes as its default", () => {
    const file = new URL("../../package.json", import.meta.url);
    const { contributes } = JSON.parse(readFileSync(file, "utf8")) as {
      contributes: { terminal: { profiles: readonly { title: string }[] } };
    };
    assert.deepEqual(
      contributes.terminal.profiles.map(({ title }) => title),
      [terminalProfile],
    );
    for (const system of ["linux", "osx", "windows"])
      assert.equal(
        content.settings[`terminal.integrated.defaultProfile.${system}`],
        terminalProfile,
      );
  });

  it("adds its settings to one that an earlier version made, and to no other", () => {
    const folders = [{ uri: "ipcloud:/" }, { path: "/elsewhere" }];
    const earlier = JSON.stringify({ folders });
    assert.deepEqual(withSettings(earlier, content), { folders, settings: content.settings });
    for (const text of ['{"settings":{}}', '// mine\n{"folders":[]}', "[", "null"])
      assert.equal(withSettings(text, content), undefined, text);
  });
});
