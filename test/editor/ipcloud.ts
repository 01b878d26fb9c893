import { join } from "node:path";
import { projectFolder } from "./project.ts";
import { runProgram } from "./run-program.ts";

/** Names a data folder and its passphrase's file to the command line and the extension. */
export type IpcloudEnv = Readonly<Record<"IPCLOUD_HOME" | "IPCLOUD_PASSPHRASE_FILE", string>>;

/**
 * Runs the built command line.
 * @param show - let it write to the terminal, progress and all.
 * @returns what it wrote to standard output; empty if that was shown.
 * @throws Error with its exit code and what it wrote.
 */
export function ipcloud(args: readonly string[], env: IpcloudEnv, show = false): Promise<string> {
  const command = join(projectFolder, "dist/ipcloud.mjs");
  return runProgram({ command: process.execPath, args: [command, ...args], env: { ...env }, show });
}
