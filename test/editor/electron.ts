// The scenarios in a desktop VS Code: one that VSCODE_EXECUTABLE names, or else one that
// @vscode/test-electron downloads. Nothing drives its windows, so no pictures are taken.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests } from "@vscode/test-electron";
import { buildSuite } from "./build-suite.ts";
import { editorFolder, projectFolder } from "./project.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

async function runScenario(scenario: Scenario, extensionTestsPath: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-electron-"));
  const { VSCODE_EXECUTABLE } = process.env;
  const { workspace, env, close } = await scenario.prepare(folder);
  try {
    for (const tests of scenario.starts)
      await runTests({
        ...(VSCODE_EXECUTABLE === undefined ? {} : { vscodeExecutablePath: VSCODE_EXECUTABLE }),
        cachePath: join(editorFolder, "vscode"),
        extensionDevelopmentPath: projectFolder,
        extensionTestsPath,
        extensionTestsEnv: { ...env, IPCLOUD_EDITOR_SUITE: tests.join(",") },
        launchArgs: [
          workspace.endsWith(".code-workspace") ? workspace : `--folder-uri=${workspace}`,
          "--disable-workspace-trust",
          "--disable-extensions",
          `--user-data-dir=${join(folder, "editor")}`,
        ],
      });
  } finally {
    await close?.();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const extensionTests = await buildSuite(scenarios.flatMap(({ starts }) => starts.flat()));
for (const scenario of scenarios) {
  try {
    await runScenario(scenario, extensionTests);
  } catch (error) {
    process.stderr.write(`${scenario.name}: ${String(error)}\n`);
    process.exitCode = 1;
  }
}
