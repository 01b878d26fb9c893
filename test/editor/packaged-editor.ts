import { join } from "node:path";
import { dataFolderArgs, type EditorServer, startEditorServer } from "./editor-server.ts";
import { installEditorServer } from "./install-editor-server.ts";
import { projectFolder } from "./project.ts";
import { runProgram } from "./run-program.ts";

/** How to start an editor as a user has it. */
export interface PackagedEditorOptions {
  /** All that it keeps. */
  readonly dataFolder: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
  /** A port, `FIRST-LAST`, or `0` for any free one. */
  readonly port: string;
  readonly say: (line: string) => void;
}

/** Starts an editor server of its own with the packaged extension installed. */
export async function startPackagedEditor(options: PackagedEditorOptions): Promise<EditorServer> {
  const { dataFolder, settings, env, port, say } = options;
  const server = await installEditorServer(say);
  const extension = join(projectFolder, "ipcloud.vsix");
  await runProgram({ command: "npm", args: ["run", "-s", "vsix"], cwd: projectFolder });
  await runProgram({
    command: process.execPath,
    args: [
      join(server, "out/server-main.js"),
      ...dataFolderArgs(dataFolder),
      ...["--accept-server-license-terms", "--install-extension", extension, "--force"],
    ],
  });
  return startEditorServer({ server, dataFolder, settings, env, underTest: false, port });
}
