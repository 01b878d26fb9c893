import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CloudError } from "../core/cloud-error.ts";
import { keeperOf } from "../platform/private-folder.ts";
import { isPipe } from "../platform/socket-address.ts";

/** What connecting to a socket says if no node listens there. */
const nobody: ReadonlySet<string> = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);
/** The node is there and has more callers than it can take at the moment. */
const crowded: ReadonlySet<string> = new Set(["EAGAIN", "EBUSY"]);

/**
 * Connects to the socket of a node, if it is one of this user's in a folder of this user's. A pipe
 * of Windows can't be looked at: only the node's proof tells whose it is.
 * @returns `undefined` if nobody listens there, or somebody else.
 * @throws storage, if others can enter the folder of the socket; unavailable, for any other reason.
 */
export async function dial(address: string): Promise<Socket | undefined> {
  const keeper = isPipe(address) ? "own" : keeperOf(address);
  if (keeper === "none") return undefined;
  if (keeper === "open") {
    const folder = dirname(address);
    throw new CloudError(
      "storage",
      `the folder ${folder} of the local node's socket can be entered by others; close it to them with: chmod 700 ${JSON.stringify(folder)}`,
    );
  }
  for (;;) {
    const socket = await tryDial(address);
    if (socket !== "crowded") return socket;
    await delay(20);
  }
}

function tryDial(address: string): Promise<Socket | "crowded" | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const onError = (cause: NodeJS.ErrnoException): void => {
      socket.destroy();
      const code = cause.code ?? "";
      if (nobody.has(code)) resolve(undefined);
      else if (crowded.has(code)) resolve("crowded");
      else {
        reject(
          new CloudError("unavailable", `can't connect to the local node at ${address}`, { cause }),
        );
      }
    };
    socket.once("error", onError);
    socket.once("connect", () => {
      socket.off("error", onError);
      resolve(socket);
    });
  });
}
