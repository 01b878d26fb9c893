/** A script that runs the command line. */
export interface ProgramScript {
  /** Of the file, in a folder that stands on PATH. */
  readonly name: string;
  readonly content: string;
}

/**
 * The script by which a shell finds `ipcloud`: the command line by the program that runs the editor's
 * extensions, so that nobody needs a Node of his own.
 * @param execPath - that program: Node, or Electron, which has to be told to be Node.
 */
export function programScript(
  execPath: string,
  commandLine: string,
  platform: NodeJS.Platform,
): ProgramScript {
  if (platform === "win32") {
    const lines = ["@echo off", "set ELECTRON_RUN_AS_NODE=1", `"${execPath}" "${commandLine}" %*`];
    return { name: "ipcloud.cmd", content: `${lines.join("\r\n")}\r\n` };
  }
  const run = `ELECTRON_RUN_AS_NODE=1 exec ${quoted(execPath)} ${quoted(commandLine)} "$@"`;
  return { name: "ipcloud", content: `#!/bin/sh\n${run}\n` };
}

/** One word of a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
