import { CommanderError } from "commander";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { type ExitStatus, exitStatusOf } from "./exit-codes.ts";
import type { NodeGate } from "./node-client.ts";
import { meantBy } from "./other-names.ts";
import { ReaderGone } from "./output.ts";
import { showOverview } from "./overview.ts";
import { makeProgram } from "./program.ts";
import { Session } from "./session.ts";
import { escapeControl } from "./show/show-text.ts";
import type { Terminal } from "./terminal.ts";

/** How long a command that was withdrawn may take to clean up. */
const withdrawnMs = 3_000;

/** Whether `--json` stands among the arguments, before any `--`: usage errors need it as well. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes("--json");
}

/** What commander found wrong, as one sentence without its prefix. */
function usageError(error: CommanderError): CloudError {
  const said = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  const unknown = /^unknown command '([^']+)'/.exec(said);
  const meant = unknown?.[1] === undefined ? undefined : meantBy(unknown[1]);
  const message = meant === undefined ? said : `${unknown?.[0] ?? ""} (Did you mean ${meant}?)`;
  return new CloudError("usage", `${message}; see: ipcloud help`);
}

/** What is wrong where only help could be offered: no command was named, or help of one unknown. */
function helpError(args: readonly string[]): CloudError {
  const typed = args.filter((arg) => !arg.startsWith("-"));
  const help = typed.indexOf("help");
  const unknown = help < 0 ? undefined : typed[help + 1];
  const wrong =
    unknown === undefined
      ? `expected a command behind: ${["ipcloud", ...typed].join(" ")}`
      : `unknown command '${unknown}'`;
  return new CloudError("usage", `${wrong}; see: ipcloud help`);
}

/** Any error as one with a code. */
function asCloudError(error: unknown): CloudError {
  if (isCloudError(error)) return error;
  if (error instanceof CommanderError) return usageError(error);
  if (error instanceof Error && error.name === "AbortError") {
    return new CloudError("cancelled", "cancelled", { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CloudError("unexpected", `something unforeseen happened: ${message}`, {
    cause: error,
  });
}

/** Tells of an error: one sentence, or with `--json` one JSON value, on one line. */
function tellError({ stderr }: Terminal, error: CloudError, json: boolean): void {
  const { code, message } = error;
  const line = json
    ? JSON.stringify({ error: { code, message } })
    : `ipcloud: ${escapeControl(message)}`;
  stderr.write(`${line}\n`);
}

/**
 * Waits for a command, but not much longer once it was withdrawn: the node or a disk may not answer.
 * @throws cancelled, then; what the command throws
 */
async function unlessOverdue(command: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const overdue = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const withdraw = (): void => {
    timer = setTimeout(() => {
      const message = "cancelled before there was an answer: it is not known whether it was done";
      overdue.reject(new CloudError("cancelled", message));
    }, withdrawnMs);
  };
  if (signal.aborted) withdraw();
  else signal.addEventListener("abort", withdraw, { once: true });
  try {
    await Promise.race([command, overdue.promise]);
  } finally {
    signal.removeEventListener("abort", withdraw);
    clearTimeout(timer);
  }
}

/**
 * Runs one command line.
 * @param args - what was typed behind `ipcloud`.
 * @param signal - aborted by Ctrl-C.
 * @returns the exit status. Nothing is thrown: every fault was told on standard error.
 */
export async function runCli(
  args: readonly string[],
  terminal: Terminal,
  gate: NodeGate,
  signal: AbortSignal,
): Promise<ExitStatus> {
  const json = wantsJson(args);
  const session = new Session({ terminal, gate, signal, json });
  let help = "";
  const program = makeProgram(session, (text) => (help += text));
  try {
    if (args.length === 0) {
      terminal.stderr.write(showOverview(program));
      return exitStatusOf.usage;
    }
    await unlessOverdue(program.parseAsync(args, { from: "user" }), signal);
    return session.exitStatus;
  } catch (error) {
    if (error instanceof ReaderGone) return 0;
    const isHelp = error instanceof CommanderError && help !== "";
    if (isHelp && error.exitCode === 0) {
      terminal.stdout.write(help);
      return 0;
    }
    if (isHelp && !json && !args.includes("help")) {
      terminal.stderr.write(help);
      return exitStatusOf.usage;
    }
    const told = isHelp ? helpError(args) : asCloudError(error);
    tellError(terminal, told, json);
    const status = exitStatusOf[told.code];
    return status === exitStatusOf.unexpected ? session.faultStatus : status;
  } finally {
    session.close();
  }
}
