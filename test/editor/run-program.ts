import { spawn } from "node:child_process";

/** A program, its arguments, and what differs from the caller's own surroundings. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Show its output as it comes; otherwise it is kept and stands in the error, if there is one. */
  readonly show?: boolean;
  /** What it reads from standard input; nothing by default. */
  readonly input?: string;
}

/**
 * Runs a program to its end.
 * @returns its standard output; empty if it was shown instead.
 * @throws Error naming the program, its exit code and the end of its output.
 */
export async function runProgram(program: Program): Promise<string> {
  const { command, args, cwd, env, show = false, input } = program;
  const child = spawn(...asSpawned(command, args), {
    stdio: [
      input === undefined ? "ignore" : "pipe",
      show ? "inherit" : "pipe",
      show ? "inherit" : "pipe",
    ],
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
    shell: isShellNeeded(command),
  });
  child.stdin?.end(input);
  let out = "";
  let all = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    all += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (all += text));
  const code = await new Promise<number | string>((settle, fail) => {
    child.on("error", fail);
    child.on("close", (exit, signal) => {
      settle(exit ?? signal ?? "unknown");
    });
  });
  if (code !== 0)
    throw new Error(
      `${command} ${args.join(" ")} ended with ${String(code)}.\n${all.slice(-4000)}`,
    );
  return out;
}

/** Where a command is a script, Windows runs it by a shell, which wants its words quoted. */
function asSpawned(command: string, args: readonly string[]): [string, string[]] {
  if (!isShellNeeded(command)) return [command, [...args]];
  return [`"${command}"`, args.map((word) => `"${word}"`)];
}

/** Whether a command can only be run by a shell: npm and code on Windows. */
function isShellNeeded(command: string): boolean {
  return process.platform === "win32" && !command.endsWith(".exe");
}
