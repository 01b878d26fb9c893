import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { CloudError } from "../core/cloud-error.ts";

/** What connecting to a socket says if no node listens there. */
const nobody: ReadonlySet<string> = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);
/** The node is there and has more callers than it can take at the moment. */
const crowded: ReadonlySet<string> = new Set(["EAGAIN", "EBUSY"]);

/**
 * Connects to the socket of a node.
 * @returns `undefined` if nobody listens there.
 * @throws unavailable, for any other reason.
 */
export function dial(address: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const onError = (cause: NodeJS.ErrnoException): void => {
      socket.destroy();
      const code = cause.code ?? "";
      if (nobody.has(code)) resolve(undefined);
      else if (crowded.has(code)) resolve(delay(20).then(() => dial(address)));
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
