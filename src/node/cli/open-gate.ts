import { fileURLToPath } from "node:url";
import { connect, connectRunning, dataFolder, type Launch } from "../rpc/client.ts";
import type { NodeGate } from "./node-client.ts";

/** The node's main module: beside this one in a build, a folder above in the sources. */
const nodeEntry = import.meta.url.endsWith(".ts") ? "../main.ts" : "./node.mjs";

const launch: Launch = {
  execPath: process.execPath,
  entry: fileURLToPath(new URL(nodeEntry, import.meta.url)),
};

/**
 * The way to the node of the data folder that the environment names.
 * @param mustNotLeadHome - refuses a place in the data folder, as an export does.
 */
export function openGate(
  env: Readonly<Record<string, string | undefined>>,
  mustNotLeadHome: (dest: string, home: string) => void,
): NodeGate {
  const home = dataFolder({ env });
  return {
    home,
    keepOut: (dest) => {
      mustNotLeadHome(dest, home);
    },
    connect: () => connect({ home, launch }),
    connectRunning: () => connectRunning({ home }),
  };
}
