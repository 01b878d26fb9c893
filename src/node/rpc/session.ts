import type { Socket } from "node:net";
import {
  type CancellationToken,
  createMessageConnection,
  Message,
  ResponseError,
} from "vscode-jsonrpc/node";
import { CloudError } from "../core/cloud-error.ts";
import type { Log } from "../platform/log.ts";
import { trackArrivals } from "./arrivals.ts";
import {
  type ErrorData,
  isRequestName,
  type RequestName,
  type Result,
  succeededMessage,
} from "./contract.ts";
import { errorNumber, toErrorData } from "./error-data.ts";
import { openEventOutlet } from "./event-outlet.ts";
import { defaultFlowLimits, type FlowLimits, watchFlow } from "./flow.ts";
import { FrameReader, greetingBytes, maxFrameBytes, maxRequestTextBytes } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { Gate } from "./gate.ts";
import { openGreeting } from "./greet.ts";
import { type Client, type Emit, type Handlers, isOwnRequest } from "./handlers.ts";
import { type Hand, serveRequest } from "./serve-request.ts";

/** What a node allows to one connection. Times in milliseconds. */
export interface SessionLimits extends FlowLimits {
  /** From the connection to the end of the handshake. */
  readonly greetingMs: number;
  /** Between two pieces of one frame; six times as long for all of it. */
  readonly stallMs: number;
  /** For somebody to wait for room that others hold, before who takes no answers is ended. */
  readonly patienceMs: number;
  /** Between two reports of progress on one request. */
  readonly progressMs: number;
  /** For a client to take the last answers when the node closes the connection. */
  readonly closeMs: number;
}

/** What a node allows if nothing else is asked for. */
export const defaultSessionLimits: SessionLimits = {
  ...defaultFlowLimits,
  greetingMs: 5_000,
  stallMs: 10_000,
  patienceMs: 5_000,
  progressMs: 100,
  closeMs: 1_000,
};

/** What a session needs of the server that it belongs to. */
export interface SessionHost {
  readonly handlers: Handlers;
  /** 32 bytes. */
  readonly token: Uint8Array;
  readonly build: string;
  readonly log: Log;
  readonly limits: SessionLimits;
  /** What all sessions share of the room for messages. */
  readonly shared: Gate;
  /** Whether the node is stopping, so that no request is begun any more. */
  isStopping(): boolean;
  /**
   * Stops the node; resolves when all is closed but the connections.
   * @returns whether another process goes on in its place, which is to be asked instead
   */
  stop(): Promise<boolean>;
  /** Has another process go on in the place of this one, as {@link stop}. @param prepare - is run first */
  handOver(prepare: () => Promise<void>): Promise<boolean>;
  /** A request of this session has been answered. */
  onAnswered(): void;
  /** The connection has ended. */
  onEnd(): void;
}

/** One connection to a client, from the server's side. */
export interface Session {
  readonly emit: Emit;
  /** Whether a handler is at work for it. */
  isRunning(): boolean;
  /**
   * Aborts the signals of the running requests for which `which` is true.
   * @param passesOn - whether they are to be asked of the next node.
   */
  abort(which: (name: RequestName) => boolean, reason: CloudError, passesOn: boolean): void;
  /** Ends the connection if its client has taken nothing of what it was sent since the last call. */
  endIfDeaf(): void;
  /**
   * Ends the connection after the answers that are on their way.
   * @param isSucceeded - whether another process goes on: then the client is told, and ends it.
   */
  close(isSucceeded?: boolean): void;
}

/**
 * Serves one connection.
 *
 * 1. The first request is `challenge`, the second `initialize` with a proof of the token; anything
 *    else is refused and ends it.
 * 2. With the right proof and another protocol only `stop` is served.
 * 3. What breaks the framing ends the connection at once, and so do a response, for nothing was
 *    asked, and a second request under the number of one under way. Nothing that one connection
 *    does touches another.
 * 4. When the client is gone, its running requests are aborted and its `onDisconnect` actions run.
 */
export function openSession(socket: Socket, number: number, host: SessionHost): Session {
  const { limits, log } = host;
  let state: "greeting" | "stop-only" | "ready" | "closing" | "ended" = "greeting";
  let partsBy: "end" | "message" = "end";
  const hands = new Set<Hand>();
  const leaving = new Set<() => void>();
  const client: Client = {
    number,
    onDisconnect: (action) => {
      if (state === "ended") action();
      else leaving.add(action);
      return () => leaving.delete(action);
    },
  };

  const arrivals = trackArrivals();
  const reader = new FrameReader(
    socket,
    { maxBytes: greetingBytes, maxTextBytes: maxRequestTextBytes, stallMs: limits.stallMs },
    {
      takeRoom: (size, signal) => flow.takeRoom(size, signal),
      onFrame: (message, giveBack) => {
        arrivals.came(message, giveBack);
      },
      onMalformed: (error) => {
        log.warn("client-malformed", { client: number, code: error.code });
        socket.destroy();
      },
    },
  );
  const flow = watchFlow(socket, limits, host.shared);

  /** Whose request vscode-jsonrpc passes on at this moment. */
  let passing: Hand | undefined;
  /** Holds a request from the moment that it is begun until the system has taken the answer. */
  async function hold(message: Message, next: (message: Message) => unknown): Promise<void> {
    const dealtWith = arrivals.begun(message);
    if (!Message.isRequest(message)) {
      try {
        await next(message);
      } finally {
        dealtWith();
      }
      return;
    }
    const hand: Hand = { controller: new AbortController(), releases: [] };
    hands.add(hand);
    try {
      passing = hand;
      const answer = next(message);
      passing = undefined;
      await answer;
    } finally {
      hands.delete(hand);
      dealtWith();
      for (const release of hand.releases) release();
      host.onAnswered();
      if (state === "closing" && hands.size === 0) part();
    }
  }
  const connection = createMessageConnection(reader, new FrameWriter(socket), undefined, {
    messageStrategy: { handleMessage: hold },
  });
  const tell = openEventOutlet(connection, socket, flow);
  const surroundings = {
    connection,
    socket,
    flow,
    client,
    progressMs: limits.progressMs,
    handOver: async (
      hand: Hand,
      prepare: () => Promise<void>,
      answerer: "this" | "successor",
    ): Promise<void> => {
      hand.isLast = true;
      host.onAnswered();
      const isSucceeded = await host.handOver(prepare);
      if (isSucceeded && answerer === "successor") throw stoppingError();
    },
  };

  const greetingTimer = setTimeout(() => {
    log.warn("client-silent", { client: number });
    socket.destroy();
  }, limits.greetingMs);

  function close(isSucceeded = false): void {
    if (state === "ended" || state === "closing") return;
    partsBy = isSucceeded && state === "ready" ? "message" : "end";
    state = "closing";
    if (hands.size === 0) part();
    setTimeout(() => socket.destroy(), limits.closeMs).unref();
  }
  /** Takes leave when all is answered; by a message, behind which what has no answer was not begun. */
  function part(): void {
    if (partsBy === "end") socket.end();
    else connection.sendNotification(succeededMessage).catch(() => undefined);
  }

  const greeting = openGreeting(host);
  /** Answers one of the first two requests. */
  function begin(method: string, params: unknown): Result<"challenge" | "initialize"> {
    try {
      if (method === "challenge") return greeting.challenge(params);
      if (method !== "initialize") {
        throw new CloudError("usage", "the first requests have to be challenge and initialize");
      }
      const admission = greeting.admit(params);
      if (admission.to === "stop") {
        state = "stop-only";
        throw admission.refusal;
      }
    } catch (error) {
      if (state === "greeting") close();
      throw error;
    }
    state = "ready";
    clearTimeout(greetingTimer);
    reader.maxBytes = maxFrameBytes;
    return { build: host.build };
  }

  async function answer(method: string, params: unknown, hand: Hand): Promise<unknown> {
    const [input, progressToken] = Array.isArray(params) ? (params as unknown[]) : [];
    if (state === "greeting") return begin(method, input);
    if (method === "stop" && (state === "ready" || state === "stop-only")) {
      clearTimeout(greetingTimer);
      if (await host.stop()) throw stoppingError();
      return {};
    }
    if (state !== "ready" || host.isStopping()) throw stoppingError();
    if (!isRequestName(method) || isOwnRequest(method)) {
      throw new CloudError("usage", "the local node has no such request at this point");
    }
    hand.releases.push(await flow.enter(hand.controller.signal));
    // It may have waited for its turn.
    if (host.isStopping()) throw stoppingError();
    hand.name = method;
    return await serveRequest(method, input, progressToken, host.handlers, hand, surroundings);
  }

  connection.onRequest(
    async (method: string, params: unknown, token: CancellationToken): Promise<unknown> => {
      const hand = passing ?? { controller: new AbortController(), releases: [] };
      const cancel = (): void => {
        hand.controller.abort(new CloudError("cancelled", "the request was cancelled"));
      };
      if (token.isCancellationRequested) cancel();
      const watched = token.onCancellationRequested(cancel);
      const began = performance.now();
      let code = "done";
      try {
        return await answer(method, params, hand);
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        if (hand.isPassedOn === true) throw stoppingError();
        const { signal } = hand.controller;
        const aborted = signal.aborted && error instanceof Error && error.name === "AbortError";
        const data = toErrorData(aborted ? signal.reason : error);
        code = data.code;
        if (code === "unexpected") log.error("request-failed", error);
        throw new ResponseError<ErrorData>(errorNumber, data.message, data);
      } finally {
        watched.dispose();
        log.debug("request", {
          name: hand.name,
          client: number,
          code,
          ms: performance.now() - began,
        });
      }
    },
  );
  connection.onNotification(() => {
    // The contract has no notification to the node; one before the handshake is no client of ours.
    if (state === "greeting") socket.destroy();
  });
  connection.onError(() => undefined);
  socket.on("close", () => {
    state = "ended";
    clearTimeout(greetingTimer);
    const gone = new CloudError("cancelled", "the client that asked is gone");
    for (const { controller } of hands) controller.abort(gone);
    for (const action of leaving) action();
    leaving.clear();
    connection.dispose();
    arrivals.end();
    host.onEnd();
  });
  connection.listen();

  let takenBefore = -1;
  function endIfDeaf(): void {
    const taken = socket.bytesWritten - socket.writableLength;
    const deaf = socket.writableLength > 0 && taken === takenBefore;
    takenBefore = taken;
    if (!deaf) return;
    log.warn("client-deaf", { client: number });
    socket.destroy();
  }

  return {
    emit: (name, event) => {
      if (state === "ready") tell(name, event);
    },
    isRunning: () => [...hands].some(({ name, isLast }) => name !== undefined && isLast !== true),
    abort: (which, reason, passesOn) => {
      for (const hand of hands) {
        if (hand.name === undefined || hand.isLast === true || !which(hand.name)) continue;
        if (passesOn) hand.isPassedOn = true;
        hand.controller.abort(reason);
      }
    },
    endIfDeaf,
    close,
  };
}

function stoppingError(): ResponseError<ErrorData> {
  const message = "the local node is stopping";
  return new ResponseError(errorNumber, message, { code: "unavailable", message, again: true });
}
