import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, cli } from "./peers.ts";

/** What a step cost. */
export interface Cost {
  readonly seconds: number;
  /** Of processor time, the kernel's included, in all processes that took part. */
  readonly processor: number;
  /** The most memory in MB that the process that did the work held during the step. */
  readonly peakMb: number;
  /** What it held 10 s later; absent: it had ended. */
  readonly laterMb?: number;
}

/** Jiffies in a second, as Linux tells them. */
const jiffies = 100;
const pollMs = 20;
const laterMs = 10_000;

/**
 * Runs a command to its end, after what was written before is on the disk.
 * @throws Error, if it fails
 */
export async function run(command: Command, env: Record<string, string>): Promise<Cost> {
  spawnSync("sync");
  const [program, ...args] = command;
  const before = childrenSeconds();
  const began = performance.now();
  const child = spawn(program as string, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  let peakMb = 0;
  const poll = setInterval(() => {
    peakMb = Math.max(peakMb, memoryOf(child.pid, "VmHWM"));
  }, pollMs);
  const status = await new Promise((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  clearInterval(poll);
  if (status !== 0) throw new Error(`${command.join(" ")}: ${errors}`);
  const seconds = (performance.now() - began) / 1000;
  return { seconds, processor: childrenSeconds() - before, peakMb };
}

/** The node of a data folder, which does the work of `ipcloud`. */
export class NodeProcess {
  readonly #pid: number;

  /** Finds it, unlocked: as it is while somebody works. One is started if there is none. */
  constructor(env: Record<string, string>) {
    const ask = (...args: string[]): string => {
      const [program, ...rest] = [...cli, ...args];
      const options = { env: { ...process.env, ...env }, encoding: "utf8" } as const;
      return spawnSync(program as string, rest, options).stdout;
    };
    ask("ls", "/");
    const stdout = ask("status", "--json");
    this.#pid = (JSON.parse(stdout) as { pid: number }).pid;
  }

  /** Runs a command that asks the node. */
  async run(command: Command, env: Record<string, string>): Promise<Cost> {
    writeFileSync(`/proc/${this.#pid.toString()}/clear_refs`, "5");
    const before = this.#seconds();
    const { seconds, processor } = await run(command, env);
    const own = this.#seconds() - before;
    const peakMb = memoryOf(this.#pid, "VmHWM");
    await sleep(laterMs);
    const laterMb = memoryOf(this.#pid, "VmRSS");
    return { seconds, processor: processor + own, peakMb, laterMb };
  }

  #seconds(): number {
    const fields = statOf(this.#pid.toString());
    return (Number(fields[11]) + Number(fields[12])) / jiffies;
  }
}

/** Processor time of the children that have ended. */
function childrenSeconds(): number {
  const fields = statOf("self");
  return (Number(fields[13]) + Number(fields[14])) / jiffies;
}

/** The fields of `/proc/PID/stat` from the third on: what stands before may hold spaces. */
function statOf(pid: string): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function memoryOf(pid: number | undefined, field: "VmHWM" | "VmRSS"): number {
  if (pid === undefined) return 0;
  try {
    const status = readFileSync(`/proc/${pid.toString()}/status`, "utf8");
    const [, kb] = new RegExp(`${field}:\\s+(\\d+)`).exec(status) ?? [];
    return Number(kb ?? 0) / 1024;
  } catch {
    return 0; // it ended meanwhile
  }
}
