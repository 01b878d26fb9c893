import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, cli } from "./peers.ts";

/** What a step cost. */
export interface Cost {
  readonly seconds: number;
  /** Of processor time, the kernel's included, in all processes that took part. */
  readonly processor: number;
  /** The most memory in MB that the processes that did the work held together during the step. */
  readonly peakMb: number;
  /** What they held 10 s later; absent: they had ended. */
  readonly laterMb?: number;
}

/** Jiffies in a second, as Linux tells them. */
const jiffies = 100;
const pollMs = 20;
/** The kernel adds up all pages of each process for an answer. */
const pollTreeMs = 50;
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
    peakMb = Math.max(peakMb, peakOf(child.pid));
  }, pollMs);
  const status = await new Promise((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  clearInterval(poll);
  if (status !== 0) throw new Error(`${command.join(" ")}: ${errors}`);
  const seconds = (performance.now() - began) / 1000;
  return { seconds, processor: childrenSeconds() - before, peakMb };
}

/** The node of a data folder, which does the work of `ipcloud`, with the processes that it starts. */
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
    const before = this.#seconds();
    let peakMb = this.#memory();
    const poll = setInterval(() => {
      peakMb = Math.max(peakMb, this.#memory());
    }, pollTreeMs);
    const { seconds, processor } = await run(command, env);
    clearInterval(poll);
    const own = this.#seconds() - before;
    await sleep(laterMs);
    return { seconds, processor: processor + own, peakMb, laterMb: this.#memory() };
  }

  /** Of the node, of the processes that it started, and of those of them that have ended. */
  #seconds(): number {
    const own = statOf(this.#pid.toString());
    const ended = Number(own[13]) + Number(own[14]);
    const living = this.#processes().map((pid) => {
      const fields = statOf(pid);
      return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    });
    return living.reduce((sum, each) => sum + each, ended) / jiffies;
  }

  /** In MB, of all together: a page that some share is counted once. */
  #memory(): number {
    return this.#processes().reduce((sum, pid) => sum + proportionalMb(pid), 0);
  }

  #processes(): string[] {
    const pid = this.#pid.toString();
    return [pid, ...childrenOf(pid)];
  }
}

/** The processes that each thread of one has started, by number. */
function childrenOf(pid: string): string[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).flatMap((task) =>
    readProcess(`${tasks}/${task}/children`).split(" ").filter(Boolean),
  );
}

/** Its share of the memory that it and others hold, in MB. */
function proportionalMb(pid: string): number {
  const [, kb] = /Pss:\s+(\d+)/.exec(readProcess(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kb ?? 0) / 1024;
}

/** A file of the kernel about a process; empty, if that has ended meanwhile. */
function readProcess(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Processor time of the children that have ended. */
function childrenSeconds(): number {
  const fields = statOf("self");
  return (Number(fields[13]) + Number(fields[14])) / jiffies;
}

/** The fields of `/proc/PID/stat` from the third on: what stands before may hold spaces. */
function statOf(pid: string): string[] {
  const stat = readProcess(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function peakOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const [, kb] = /VmHWM:\s+(\d+)/.exec(readProcess(`/proc/${pid.toString()}/status`)) ?? [];
  return Number(kb ?? 0) / 1024;
}
