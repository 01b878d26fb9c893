import { type DefineCommand, newCommand } from "../define-command.ts";

/** `ipcloud lock`: makes the node forget the keys. Without a node there is nothing to forget. */
export const defineLock: DefineCommand = (session) =>
  newCommand("lock", "Forget the keys; open editor windows lose the drive until it is unlocked", [
    ["ipcloud lock", "before you leave the machine"],
  ]).action(async () => {
    const client = await session.runningClient();
    await client?.request("lock", {});
    await session.output.result({ locked: true }, () => ["locked"]);
  });
