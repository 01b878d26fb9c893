import { setTimeout as delay } from "node:timers/promises";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { type Client, connectRunning, type Stopped } from "./client.ts";
import { isThere, type NodeProcess, readEndpoint, readProcess } from "./endpoint.ts";

/** How long each step may take, in milliseconds. */
export interface StopPatience {
  /** For a node to say that it is there. */
  readonly answerMs: number;
  /** For one that does so, or begins to stop, to finish: a little more than it gives itself. */
  readonly finishMs: number;
  /** For a process to begin to stop, or end, once it got a signal. */
  readonly signalMs: number;
}

const defaultPatience: StopPatience = { answerMs: 5_000, finishMs: 45_000, signalMs: 5_000 };
const lookMs = 20;

/**
 * Stops the node of a data folder, and who goes on in its place; also one that doesn't answer: that is
 * asked by a signal, and killed if it doesn't begin to stop. Only the very process is signalled that left its endpoint,
 * known by its number and the moment when it began. What was acknowledged stays, however it ends.
 * @throws unavailable, if it doesn't answer and its process isn't known, or can't be ended.
 */
export async function stopNode(
  home: string,
  patience: StopPatience = defaultPatience,
): Promise<Stopped> {
  const before = readProcess(home);
  const stopped = await stopProcess(home, patience);
  const next = readProcess(home);
  if (next === undefined || next.pid === before?.pid) return stopped;
  // It began when the other one ended, or the other was stopped before it came to hand over.
  const nextStopped = await stopNode(home, patience);
  return nextStopped === "not-running" ? stopped : nextStopped;
}

async function stopProcess(home: string, patience: StopPatience): Promise<Stopped> {
  // It is gone from the disk once the node stops.
  const running = readProcess(home);
  try {
    const { answerMs } = patience;
    const found = connectRunning({ home, timeoutMs: answerMs }).then((client) => ({ client }));
    // Twice: one that was halted still lets some in, whom it then doesn't greet.
    const reached = await within(2 * answerMs, found);
    if (reached !== undefined && reached.client === undefined) return "not-running";
    if (reached?.client !== undefined && (await askToStop(reached.client, patience))) {
      if (running !== undefined) await untilGone(running, patience.signalMs);
      return "stopped";
    }
  } catch (error) {
    if (!isCloudError(error, "unavailable")) throw error;
  }
  if (running === undefined) {
    throw new CloudError(
      "unavailable",
      `the local node of ${home} does not answer, and its process isn't known: end it by hand`,
    );
  }
  return end(home, running, patience);
}

/** @returns whether it stopped */
async function askToStop(client: Client, { answerMs, finishMs }: StopPatience): Promise<boolean> {
  try {
    const answer = { signal: AbortSignal.timeout(answerMs) };
    if ((await within(answerMs, client.request("status", {}, answer))) === undefined) return false;
    return (await within(finishMs, client.request("stop", {}))) !== undefined;
  } finally {
    // The node waits for its clients to go.
    client.close();
  }
}

async function end(home: string, running: NodeProcess, patience: StopPatience): Promise<Stopped> {
  const { finishMs, signalMs } = patience;
  send(running, "SIGTERM");
  // One that somebody has halted would never take it.
  if (process.platform !== "win32") send(running, "SIGCONT");
  const begins = performance.now() + signalMs;
  while (isThere(running) && performance.now() < begins && readEndpoint(home) !== undefined) {
    await delay(lookMs);
  }
  if (readEndpoint(home) === undefined && (await untilGone(running, finishMs))) return "stopped";
  if (!isThere(running)) return "stopped";
  send(running, "SIGKILL");
  if (await untilGone(running, signalMs)) return "killed";
  const pid = running.pid.toString();
  throw new CloudError(
    "unavailable",
    `the local node, process ${pid}, does not end: end it by hand`,
  );
}

function send(running: NodeProcess, signal: NodeJS.Signals): void {
  if (!isThere(running)) return;
  try {
    process.kill(running.pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

/** @returns whether it is gone by then */
async function untilGone(running: NodeProcess, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (isThere(running) && performance.now() < deadline) await delay(lookMs);
  return !isThere(running);
}

/** @returns `undefined` if it takes longer */
async function within<Value>(ms: number, value: Promise<Value>): Promise<Value | undefined> {
  value.catch(() => undefined); // what it says later nobody hears
  return Promise.race([value, delay(ms, undefined, { ref: false })]);
}
