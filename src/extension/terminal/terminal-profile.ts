import { chmod, mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as vscode from "vscode";
import { chosenHome } from "../session/node-settings.ts";
import { terminalProfile } from "../workspace-content.ts";
import { programScript } from "./program-script.ts";

/**
 * Registers the terminal profile "IPCloud": the person's own shell in the person's own folder, with
 * `ipcloud` on its PATH and on the drive that this window shows.
 */
export function registerTerminalProfile(context: vscode.ExtensionContext): vscode.Disposable {
  const folder = join(context.globalStorageUri.fsPath, "bin");
  return vscode.window.registerTerminalProfileProvider("ipcloud.terminal", {
    provideTerminalProfile: async () => {
      await putProgram(folder, join(context.extensionPath, "dist", "ipcloud.mjs"));
      return new vscode.TerminalProfile({
        name: terminalProfile,
        iconPath: new vscode.ThemeIcon("cloud"),
        cwd: homedir(),
        env: {
          PATH: [folder, process.env["PATH"] ?? ""].join(delimiter),
          IPCLOUD_HOME: chosenHome(),
        },
      });
    },
  });
}

/** Each time: an update of the extension lies in another folder. */
async function putProgram(folder: string, commandLine: string): Promise<void> {
  const { name, content } = programScript(process.execPath, commandLine, process.platform);
  const file = join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, content);
  await chmod(file, 0o700);
}
