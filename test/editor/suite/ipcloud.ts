import { join } from "node:path";
import { runProgram } from "../run-program.ts";
import { extension } from "./access.ts";

/** Runs the command line on the drive that the editor shows. @returns its standard output. */
export async function ipcloud(...args: string[]): Promise<string> {
  return runProgram({ command: process.execPath, args: [commandLine(), ...args] });
}

/** Stores a text as another program would. */
export async function putByCommandLine(path: string, text: string): Promise<void> {
  const args = [commandLine(), "put", "-", path];
  await runProgram({ command: process.execPath, args, input: text });
}

/** What the node says of itself. */
export async function nodeState(): Promise<string> {
  const status = JSON.parse(await ipcloud("--json", "status")) as { readonly state: string };
  return status.state;
}

/** The revision that the drive is at. */
export async function nodeRevision(): Promise<string> {
  const status = JSON.parse(await ipcloud("--json", "status")) as { readonly revision: string };
  return status.revision;
}

function commandLine(): string {
  return join(extension().extensionPath, "dist", "ipcloud.mjs");
}
