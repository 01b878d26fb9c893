import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type Message,
  ParameterStructures,
  ProgressType,
  ResponseError,
} from "vscode-jsonrpc/node";
import { CloudError } from "../core/cloud-error.ts";
import {
  type Events,
  type Params,
  type Progress,
  type RequestName,
  type Result,
  succeededMessage,
} from "./contract.ts";
import { fromErrorData } from "./error-data.ts";
import { FrameReader, greetingBytes, maxFrameBytes, maxRequestTextBytes } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";

/** What a caller may add to a request. */
export interface RequestOptions {
  /** Asks the node to give up; the request then fails with `cancelled` unless it was done already. */
  readonly signal?: AbortSignal | undefined;
  /** Told how far the request is, some ten times a second. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** One connection to a node, from the client's side. */
export interface Link {
  /**
   * Asks the node.
   * @throws NotBegun, if it is certain that the node did nothing; the error that it answered;
   * unavailable, if the connection broke before the answer.
   */
  request<Name extends RequestName>(
    name: Name,
    params: Params<Name>,
    options?: RequestOptions,
  ): Promise<Result<Name>>;
  /**
   * The other end has proved that it is the node: from now on its frames may be long and its events
   * are told.
   */
  trust(): void;
  /** Whether requests can still be sent. */
  isOpen(): boolean;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  close(): void;
}

/** A request that the node has not begun, so that it may be asked again elsewhere. */
export class NotBegun extends Error {
  override readonly name = "NotBegun";
}

/** Whom a {@link Link} tells of events. */
export type OnEvent = <Name extends keyof Events>(name: Name, event: Events[Name]) => void;

const progressType = new ProgressType<Progress>();
const stallMs = 60_000;

/** Speaks JSON-RPC over a connected socket. */
export function openLink(socket: Socket, onEvent: OnEvent): Link {
  let lastToken = 0;
  let trusted = false;
  const reader = new FrameReader(
    socket,
    { maxBytes: greetingBytes, maxTextBytes: maxFrameBytes, stallMs },
    {
      onFrame: (_message, giveBack) => {
        toHandle += 1;
        giveBack();
      },
      onMalformed: () => socket.destroy(),
    },
  );
  const writer = new FrameWriter(socket, maxRequestTextBytes);
  /** Messages that came and are not handled yet, which takes a turn for each. */
  let toHandle = 0;
  const handled = <Answer>(message: Message, next: (message: Message) => Answer): Answer => {
    toHandle -= 1;
    return next(message);
  };
  const connection = createMessageConnection(reader, writer, undefined, {
    messageStrategy: { handleMessage: handled },
  });
  connection.onNotification("changed", (event: Events["changed"]) => {
    if (trusted) onEvent("changed", event);
  });
  connection.onNotification("state", (event: Events["state"]) => {
    if (trusted) onEvent("state", event);
  });
  let isPassedOn = false;
  connection.onNotification(succeededMessage, () => {
    if (!trusted) return;
    isPassedOn = true;
    socket.destroy();
  });
  connection.onError(() => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      void afterTurns(toHandle + 1).then(() => {
        // Rejects what is still waiting for an answer.
        connection.dispose();
        resolve();
      });
    });
  });
  connection.listen();
  const isOpen = (): boolean => !socket.destroyed && socket.writable;

  return {
    request: async (name, params, { signal, onProgress } = {}) => {
      if (signal?.aborted === true) throw new CloudError("cancelled", "the request was cancelled");
      if (!isOpen()) throw new NotBegun("the connection has ended");
      const source = signal === undefined ? undefined : new CancellationTokenSource();
      const onAbort = (): void => source?.cancel();
      signal?.addEventListener("abort", onAbort, { once: true });
      const token = onProgress === undefined ? undefined : ++lastToken;
      const watched =
        token === undefined || onProgress === undefined
          ? undefined
          : connection.onProgress(progressType, token, onProgress);
      try {
        const sent = token === undefined ? [params] : [params, token];
        const order = ParameterStructures.byPosition;
        return await (source === undefined
          ? connection.sendRequest<Result<typeof name>>(name, order, ...sent)
          : connection.sendRequest<Result<typeof name>>(name, order, ...sent, source.token));
      } catch (error) {
        const isAnswer = error instanceof ResponseError && error.data !== undefined;
        if (isPassedOn && !isAnswer) throw new NotBegun("the local node is stopping");
        throw translate(error, isOpen());
      } finally {
        signal?.removeEventListener("abort", onAbort);
        watched?.dispose();
        source?.dispose();
      }
    },
    trust: () => {
      trusted = true;
      reader.maxBytes = maxFrameBytes;
    },
    isOpen,
    closed,
    close: () => {
      socket.destroy();
    },
  };
}

/** The last answers may come together with the end of the connection. */
async function afterTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}

/** What a failed request means to the caller. */
function translate(error: unknown, open: boolean): Error {
  if (error instanceof ResponseError) {
    const data: unknown = error.data;
    if (typeof data === "object" && data !== null) {
      if ("again" in data && data.again === true) return new NotBegun(error.message);
      return fromErrorData(data, error);
    }
    if (error.code === ErrorCodes.MessageWriteError) {
      // Too long to be sent; or the node had ended before it could get the whole frame.
      return open
        ? new CloudError("usage", error.message, { cause: error })
        : new NotBegun(error.message);
    }
  }
  if (open) return fromErrorData(undefined, error);
  return new CloudError("unavailable", "the local node ended before it answered", { cause: error });
}
