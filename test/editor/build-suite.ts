import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { editorFolder, projectFolder } from "./project.ts";

/**
 * Bundles the tests that run inside the extension host, where TypeScript may not load by itself.
 * @returns path of the module to give the editor as its extension tests.
 */
export async function buildSuite(tests: readonly string[]): Promise<string> {
  const outdir = join(editorFolder, "suite");
  await rm(outdir, { recursive: true, force: true });
  const entries = ["run.ts", ...tests.map((name) => `${name}.test.ts`)];
  await build({
    entryPoints: entries.map((name) => join(projectFolder, "test/editor/suite", name)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    sourcemap: "inline",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });
  return join(outdir, "run.mjs");
}
