import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, writeSync } from "node:fs";
import { parse } from "node:path";
import type { Readable } from "node:stream";
import { CloudError } from "../core/cloud-error.ts";
import { inherited, memoryEnvironment } from "./environment.ts";

/** How a node's process is started. */
export interface Launch {
  /** A program that runs as Node: Node itself, or the editor's with `ELECTRON_RUN_AS_NODE`. */
  readonly execPath: string;
  /** Absolute path of the node's main module. */
  readonly entry: string;
  /** Set in the node's environment beside what it inherits, such as `ELECTRON_RUN_AS_NODE: "1"`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a starting node says, once. */
export type LaunchReport =
  | { readonly state: "ready" }
  /** Another node holds the data folder and answers. */
  | { readonly state: "running" }
  | { readonly state: "failed"; readonly code: string; readonly message: string };

/** What the node inherits beside what every process of ours does. */
const nodeVariables: readonly string[] = [
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "TZ",
  "USERPROFILE",
  "APPDATA",
  "LOCALAPPDATA",
  "IPCLOUD_LOG",
  "IPCLOUD_IDLE_MINUTES",
];

/**
 * Small young generation and a bounded old one: files pass through the node as buffers outside the
 * heap, so that the heap stays small, and collecting it early keeps the process small too.
 */
const nodeFlags: readonly string[] = [
  "--max-semi-space-size=8",
  "--max-old-space-size=512",
  "--expose-gc",
  "--disable-warning=ExperimentalWarning",
];

/** Names the descriptor on which a launched node reports. */
const reportVariable = "IPCLOUD_REPORT_FD";
const maxReportBytes = 4096;

/**
 * Starts a node that outlives this process, and waits for its report. The data folder is passed by
 * the environment, where other users of the machine don't see it.
 * @throws unavailable, if the program can't be run or ends without a report; `signal`'s reason.
 */
export async function launchNode(
  home: string,
  launch: Launch,
  signal: AbortSignal,
): Promise<LaunchReport> {
  signal.throwIfAborted();
  const env: Record<string, string> = {
    ...inherited(nodeVariables),
    ...memoryEnvironment,
    IPCLOUD_HOME: home,
    [reportVariable]: "3",
    ...launch.env,
  };
  const child = spawn(launch.execPath, [...nodeFlags, launch.entry], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    cwd: parse(launch.execPath).root,
    env,
    windowsHide: true,
  });
  child.unref();
  const pipe = child.stdio[3] as Readable | null;
  const onAbort = (): void => {
    pipe?.destroy(signal.reason as Error);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const text = await new Promise<string>((resolve, reject) => {
      child.once("error", (cause) => {
        reject(new CloudError("unavailable", `can't run ${launch.execPath}`, { cause }));
      });
      if (pipe !== null) readReport(pipe).then(resolve, reject);
    });
    return parseReport(text) ?? (await endOf(child, signal));
  } finally {
    signal.removeEventListener("abort", onAbort);
    pipe?.destroy();
  }
}

/** All that comes before the node closes its end: one line of JSON, or nothing if it ended before. */
async function readReport(pipe: Readable): Promise<string> {
  let text = "";
  for await (const chunk of pipe.setEncoding("utf8") as AsyncIterable<string>) {
    text += chunk;
    if (text.length > maxReportBytes) break;
  }
  return text;
}

function parseReport(text: string): LaunchReport | undefined {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof report !== "object" || report === null || !("state" in report)) return undefined;
  if (report.state === "ready" || report.state === "running") return { state: report.state };
  if (report.state !== "failed" || !("code" in report && "message" in report)) return undefined;
  return { state: "failed", code: String(report.code), message: String(report.message) };
}

async function endOf(child: ChildProcess, signal: AbortSignal): Promise<never> {
  let status = child.exitCode ?? child.signalCode;
  if (status === null) {
    const [code, by] = (await once(child, "exit", { signal })) as [number | null, NodeJS.Signals];
    status = code ?? by;
  }
  throw new CloudError(
    "unavailable",
    `the local node ended before it was ready, with ${status.toString()}; started by hand it says why`,
  );
}

/**
 * Tells the process that started this one how the start went. Call it at most once; does nothing in
 * a node that was started by hand.
 */
export function reportLaunch(report: LaunchReport): void {
  const descriptor = Number(process.env[reportVariable]);
  Reflect.deleteProperty(process.env, reportVariable);
  if (!Number.isInteger(descriptor) || descriptor < 3) return;
  try {
    writeSync(descriptor, JSON.stringify(report));
    closeSync(descriptor);
  } catch {
    // Whoever started this node is gone; others may need it.
  }
}
