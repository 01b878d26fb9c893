import type { Command } from "commander";
import type { Stopped } from "../../rpc/client.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";

const told: Readonly<Record<Stopped, string>> = {
  "not-running": "it was not running",
  stopped: "stopped",
  killed: "it did not answer, and was ended",
};

const defineStart: DefineCommand = (session) =>
  newCommand("start", "Start the local node, if it doesn't run", [
    ["ipcloud node start", "every other command does so by itself"],
  ]).action(async () => {
    await session.client(true);
    const { pid, home } = await session.requestPlain("status", {});
    await session.output.result({ running: true, pid, home }, () => [
      `running, pid ${pid.toString()}`,
    ]);
  });

const defineStop: DefineCommand = (session) =>
  newCommand("stop", "Stop the local node; running requests end first, one that hangs is ended", [
    ["ipcloud node stop", "keys are forgotten with it"],
  ]).action(async () => {
    const { gate, output } = session;
    const stopped = await gate.stop();
    await output.result({ running: false, pid: null, home: gate.home }, () => [told[stopped]]);
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
