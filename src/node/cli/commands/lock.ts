import { isCloudError } from "../../core/cloud-error.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import type { Session } from "../session.ts";

/** Has the node's process end, and with it what it held, which another that takes its place says. */
async function lock(session: Session): Promise<void> {
  const client = await session.runningClient();
  try {
    await client?.request("lock", {});
  } catch (error) {
    if (!isCloudError(error, "unavailable")) throw error;
    // None may have come to take its place: then the next command starts one.
    const running = await session.gate.connectRunning();
    running?.close();
    if (running !== undefined) throw error;
  }
}

/** `ipcloud lock`: makes the node forget the keys. Without a node there is nothing to forget. */
export const defineLock: DefineCommand = (session) =>
  newCommand("lock", "Forget the keys; open editor windows lose the drive until it is unlocked", [
    ["ipcloud lock", "before you leave the machine"],
  ]).action(async () => {
    await lock(session);
    await session.output.result({ locked: true }, () => ["locked"]);
  });
