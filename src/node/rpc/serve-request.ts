import type { Socket } from "node:net";
import { type MessageConnection, ProgressType } from "vscode-jsonrpc/node";
import type { Progress, RequestName, Result } from "./contract.ts";
import type { Flow } from "./flow.ts";
import type { Call, Client, Handlers, OwnRequestName } from "./handlers.ts";
import { parseParams } from "./params.ts";
import { throttle } from "./throttle.ts";

/** A request in the node's hands. */
export interface Hand {
  readonly controller: AbortController;
  /** Give back, when the answer is sent, what was taken of the {@link Flow} for it. */
  readonly releases: (() => void)[];
  /** Set when a handler is at work. */
  name?: RequestName;
  /** It waits for the end of all others, and of the node. */
  isLast?: true;
  /** The next node is to be asked instead. */
  isPassedOn?: true;
}

/** The connection on which a request came. */
export interface Surroundings {
  readonly connection: MessageConnection;
  readonly socket: Socket;
  readonly flow: Flow;
  readonly client: Client;
  /** Milliseconds between two reports of progress. */
  readonly progressMs: number;
  /** As {@link Call.handOver}, for a request. */
  readonly handOver: (hand: Hand, ...given: Parameters<Call["handOver"]>) => Promise<void>;
}

const progressType = new ProgressType<Progress>();

/**
 * Checks the parameters of a request and has the handler serve it.
 * @param progressToken - under which to report progress; `undefined` if nobody listens.
 * @throws what the handler throws; usage; cancelled.
 */
export async function serveRequest<Name extends Exclude<RequestName, OwnRequestName>>(
  name: Name,
  params: unknown,
  progressToken: unknown,
  handlers: Handlers,
  hand: Hand,
  { connection, socket, flow, client, progressMs, handOver }: Surroundings,
): Promise<Result<Name>> {
  const given = parseParams(name, params);
  const { signal } = hand.controller;
  const reports = throttle<Progress>(progressMs, (progress) => {
    if (flow.isBackedUp() || socket.destroyed || typeof progressToken !== "number") return;
    connection.sendProgress(progressType, progressToken, progress).catch(() => undefined);
  });
  try {
    return await handlers[name](given, {
      signal,
      client,
      progress: (progress) => {
        if (progressToken !== undefined) reports.push(progress);
      },
      reserve: async (bytes) => {
        hand.releases.push(await flow.reserve(bytes, signal));
      },
      handOver: (prepare, answerer) => handOver(hand, prepare, answerer),
    });
  } finally {
    reports.end();
  }
}
