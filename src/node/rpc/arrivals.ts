import { Message, type NotificationMessage } from "vscode-jsonrpc/node";
import { CloudError } from "../core/cloud-error.ts";
import type { GiveBack } from "./frame-reader.ts";

/** Keeps the room of each message of one connection until the message is dealt with. */
export interface Arrivals {
  /**
   * A message came.
   * @param giveBack - its room.
   * @throws damaged, for a message that no client has reason to send; the room is the caller's then.
   */
  came(message: Message, giveBack: GiveBack): void;
  /** It is begun. @returns to be called once, when it is dealt with. */
  begun(message: Message): () => void;
  /** The connection has ended: what was not begun never will be. */
  end(): void;
}

const cancelMethod = "$/cancelRequest";

/**
 * Tracks the messages that vscode-jsonrpc is given. It queues all but a cancellation of what runs,
 * which it obeys at once; of two requests of one number it would drop the first.
 */
export function trackArrivals(): Arrivals {
  const queued = new Map<Message, GiveBack>();
  /** By number as text, as vscode-jsonrpc queues them; it cancels by the number as it is. */
  const requests = new Map<string, { readonly id: unknown; runs: boolean }>();
  const cancelsRunning = (message: Message): boolean => {
    const id = Message.isNotification(message) ? cancelled(message) : undefined;
    const request = requests.get(String(id));
    return id !== undefined && request?.id === id && request.runs;
  };

  return {
    came: (message, giveBack) => {
      if (Message.isResponse(message)) {
        throw new CloudError("damaged", "expected a request, got an answer to none");
      }
      if (Message.isRequest(message)) {
        const number = String(message.id);
        if (requests.has(number)) {
          throw new CloudError("damaged", "expected a request of a new number, got one under way");
        }
        requests.set(number, { id: message.id, runs: false });
      }
      if (cancelsRunning(message)) giveBack();
      else queued.set(message, giveBack);
    },
    begun: (message) => {
      const giveBack = queued.get(message);
      queued.delete(message);
      const number = Message.isRequest(message) ? String(message.id) : "";
      const request = requests.get(number);
      if (request !== undefined) request.runs = true;
      return () => {
        requests.delete(number);
        giveBack?.();
      };
    },
    end: () => {
      for (const giveBack of queued.values()) giveBack();
      queued.clear();
    },
  };
}

/** The number of the request that a notification cancels; `undefined` if it cancels none. */
function cancelled({ method, params }: NotificationMessage): string | number | undefined {
  if (method !== cancelMethod || typeof params !== "object" || !("id" in params)) return undefined;
  const id: unknown = params.id;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}
