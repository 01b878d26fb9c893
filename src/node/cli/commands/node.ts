import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { type DefineCommand, newCommand } from "../define-command.ts";

/**
 * How long the end of a stopped node's process is waited for, and how often is looked. All that it
 * had open is closed by then; a process that nobody collects stays on the list for longer.
 */
const endDeadlineMs = 500;
const endLookMs = 20;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until a process is gone. */
async function processEnd(pid: number): Promise<void> {
  const deadline = performance.now() + endDeadlineMs;
  while (isAlive(pid) && performance.now() < deadline) await delay(endLookMs);
}

const defineStart: DefineCommand = (session) =>
  newCommand("start", "Start the local node, if it doesn't run", [
    ["ipcloud node start", "every other command does so by itself"],
  ]).action(async () => {
    const { pid, home } = await session.requestPlain("status", {});
    await session.output.result({ running: true, pid, home }, () => [
      `running, pid ${pid.toString()}`,
    ]);
  });

const defineStop: DefineCommand = (session) =>
  newCommand("stop", "Stop the local node; running requests end first", [
    ["ipcloud node stop", "keys are forgotten with it"],
  ]).action(async () => {
    const client = await session.runningClient();
    if (client !== undefined) {
      const { pid } = await client.request("status", {});
      await client.request("stop", {});
      // The node waits for its clients to go.
      client.close();
      await processEnd(pid);
    }
    await session.output.result({ running: false, pid: null, home: session.gate.home }, () => [
      client === undefined ? "it was not running" : "stopped",
    ]);
  });

const defineNodeStatus: DefineCommand = (session) =>
  newCommand("status", "Tell whether the local node runs, without starting it", [
    ["ipcloud node status --json", "for scripts"],
  ]).action(async () => {
    const client = await session.runningClient();
    const { home } = session.gate;
    const pid = client === undefined ? null : (await client.request("status", {})).pid;
    await session.output.result({ running: pid !== null, pid, home }, () => [
      pid === null ? "not running" : `running, pid ${pid.toString()}`,
    ]);
  });

/** `ipcloud node`: the process that holds the data folder, shared by windows and commands. */
export const defineNode: DefineCommand = (session): Command =>
  newCommand("node", "Start, stop or look at the local node", [
    ["ipcloud node status", "does it run"],
    ["ipcloud node stop", "stop it; the next command starts it again"],
  ])
    .addCommand(defineStart(session))
    .addCommand(defineStop(session))
    .addCommand(defineNodeStatus(session));
