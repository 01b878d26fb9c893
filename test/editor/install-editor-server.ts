import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { editorFolder } from "./project.ts";
import { runProgram } from "./run-program.ts";

const release = "4.139.1";

/**
 * Puts VS Code as a server (the npm package code-server) into the project's `.editor` folder,
 * unless it is there. Nothing is compiled: what needs native modules of its own is only logged.
 * @returns the folder that holds `out/server-main.js`.
 */
export async function installEditorServer(say: (line: string) => void): Promise<string> {
  const home = join(editorFolder, `code-server-${release}`);
  const server = join(home, "node_modules/code-server/lib/vscode");
  const done = join(home, "complete-with-extensions");
  if (existsSync(done)) return server;
  say(`Installing the editor: code-server ${release} from npm, once, some 20 seconds.`);
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
  await runProgram({
    command: "npm",
    args: [...install, "--prefix", home, `code-server@${release}`],
    cwd: home,
  });
  // What the server and its own extensions need (TypeScript's is told missing as "deleted" by a virus).
  for (const cwd of [server, join(server, "extensions")]) {
    await runProgram({ command: "npm", args: [...install, "--omit=dev"], cwd });
  }
  await writeFile(done, "");
  return server;
}
