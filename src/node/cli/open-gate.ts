import { fileURLToPath } from "node:url";
import { connect, dataFolder, type Launch } from "../rpc/client.ts";
import { dial } from "../rpc/dial.ts";
import { readEndpoint } from "../rpc/endpoint.ts";
import type { NodeGate } from "./node-client.ts";

/** The node's main module: beside this one in a build, a folder above in the sources. */
const nodeEntry = import.meta.url.endsWith(".ts") ? "../main.ts" : "./node.mjs";

const launch: Launch = {
  execPath: process.execPath,
  entry: fileURLToPath(new URL(nodeEntry, import.meta.url)),
};

/** Whether somebody listens where the last node of the data folder said it would. */
async function nodeAnswers(home: string): Promise<boolean> {
  const endpoint = readEndpoint(home);
  const socket = endpoint === undefined ? undefined : await dial(endpoint.address);
  socket?.destroy();
  return socket !== undefined;
}

/** The way to the node of the data folder that the environment names. */
export function openGate(env: Readonly<Record<string, string | undefined>>): NodeGate {
  const home = dataFolder({ env });
  return {
    home,
    connect: () => connect({ home, launch }),
    connectRunning: async () => ((await nodeAnswers(home)) ? connect({ home }) : undefined),
  };
}
