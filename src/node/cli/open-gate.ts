import { fileURLToPath } from "node:url";
import { connect, connectRunning, dataFolder, type Launch } from "../rpc/client.ts";
import type { NodeGate } from "./node-client.ts";

/** The node's main module: beside this one in a build, a folder above in the sources. */
const nodeEntry = import.meta.url.endsWith(".ts") ? "../main.ts" : "./node.mjs";

const launch: Launch = {
  execPath: process.execPath,
  entry: fileURLToPath(new URL(nodeEntry, import.meta.url)),
};

/** What the commands need of rooms that they don't know. All are told the data folder. */
export interface GateParts {
  /** Refuses a place in the data folder, as an export does. */
  readonly keepOut: (dest: string, home: string) => void | Promise<void>;
  readonly holdsDrive: (home: string) => boolean;
  readonly stop: (home: string) => ReturnType<NodeGate["stop"]>;
}

/** The way to the node of the data folder that the environment names. */
export function openGate(
  env: Readonly<Record<string, string | undefined>>,
  parts: GateParts,
): NodeGate {
  const home = dataFolder({ env });
  return {
    home,
    holdsDrive: () => parts.holdsDrive(home),
    keepOut: (dest) => parts.keepOut(dest, home),
    connect: () => connect({ home, launch }),
    connectRunning: () => connectRunning({ home }),
    stop: () => parts.stop(home),
  };
}
