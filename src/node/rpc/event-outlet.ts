import type { Socket } from "node:net";
import { type MessageConnection, ParameterStructures } from "vscode-jsonrpc/node";
import type { Events } from "./contract.ts";
import type { Flow } from "./flow.ts";
import type { Emit } from "./handlers.ts";

/**
 * Sends events to one client. While the client is slow to take what it was sent, events are not
 * queued but summed up: the newest state, and one `changed` that says that everything may have.
 */
export function openEventOutlet(connection: MessageConnection, socket: Socket, flow: Flow): Emit {
  let missedRevision: string | undefined;
  let missedState: Events["state"] | undefined;

  const send: Emit = (name, event) => {
    connection.sendNotification(name, ParameterStructures.byName, event).catch(() => undefined);
  };
  socket.on("drain", () => {
    if (missedRevision !== undefined) {
      send("changed", { revision: missedRevision, changes: [], everything: true });
    }
    if (missedState !== undefined) send("state", missedState);
    missedRevision = undefined;
    missedState = undefined;
  });
  return (name, event) => {
    if (socket.destroyed) return;
    if (!flow.isBackedUp()) send(name, event);
    else if ("pid" in event) missedState = event;
    else missedRevision = event.revision;
  };
}
