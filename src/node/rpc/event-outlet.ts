import type { Socket } from "node:net";
import { type MessageConnection, ParameterStructures } from "vscode-jsonrpc/node";
import type { Events } from "./contract.ts";
import type { Flow } from "./flow.ts";
import type { Emit } from "./handlers.ts";

/**
 * Sends events to one client. While the client is slow to take what it was sent, events are not
 * queued but summed up: the newest state, and for each space one `changed` that says that everything may have.
 */
export function openEventOutlet(connection: MessageConnection, socket: Socket, flow: Flow): Emit {
  /** The newest revision of each space. */
  const missedRevisions = new Map<string, string>();
  let missedState: Events["state"] | undefined;

  const send: Emit = (name, event) => {
    connection.sendNotification(name, ParameterStructures.byName, event).catch(() => undefined);
  };
  socket.on("drain", () => {
    for (const [space, revision] of missedRevisions) {
      send("changed", { space, revision, changes: [], everything: true });
    }
    if (missedState !== undefined) send("state", missedState);
    missedRevisions.clear();
    missedState = undefined;
  });
  return (name, event) => {
    if (socket.destroyed) return;
    if (!flow.isBackedUp()) send(name, event);
    else if ("pid" in event) missedState = event;
    else missedRevisions.set(event.space, event.revision);
  };
}
