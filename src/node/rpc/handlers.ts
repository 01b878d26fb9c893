import type { Events, Params, Progress, RequestName, Result } from "./contract.ts";

/** One connected program: a window of the editor, a run of the command line. */
export interface Client {
  /** Rises from 1; never used twice by one node. */
  readonly number: number;
  /**
   * Runs `action` once when the client is gone, however it went: what only this client could go on
   * with (an upload) ends there. Runs at once if it is gone already.
   * @returns takes the action back.
   */
  onDisconnect(action: () => void): () => void;
}

/** What a handler knows of the request that it serves. */
export interface Call {
  /** Aborted when the client cancels or is gone, or when a stopping node can't wait for the request. */
  readonly signal: AbortSignal;
  /** Reports how far the request is; call it as often as you like. Does nothing if nobody asked. */
  readonly progress: (progress: Progress) => void;
  /**
   * Waits until the client has taken enough of earlier answers for one of `bytes` more. Call it
   * before loading a large answer, so that a client that reads slowly can't fill the memory.
   */
  readonly reserve: (bytes: number) => Promise<void>;
  readonly client: Client;
  /**
   * Ends this process, for the sake of what it has held in its memory; another goes on in its place.
   * From now on no request is begun here. What runs ends as at a stop, this request last of all.
   * @param prepare - is run first.
   * @param answerer - who answers the request: `this` process when all is closed, or the `successor`,
   * which is asked the same: then the answer says that this process is gone.
   */
  readonly handOver: (
    prepare: () => Promise<void>,
    answerer: "this" | "successor",
  ) => Promise<void>;
}

/** Serves one request. Fails with a `CloudError`; any other error crosses as `unexpected`. */
export type Handler<Name extends RequestName> = (
  params: Params<Name>,
  call: Call,
) => Promise<Result<Name>>;

/** The handler of a request, whichever: only who knows which one can call it. */
export type AnyHandler = (params: never, call: Call) => Promise<unknown>;

/** Requests that belong to the life of the node and that the server answers itself. */
export type OwnRequestName = "challenge" | "initialize" | "stop";

/** Whether a request is one of those. */
export function isOwnRequest(name: RequestName): name is OwnRequestName {
  return name === "challenge" || name === "initialize" || name === "stop";
}

/** All that a node does: one handler for each request of the contract. */
export type Handlers = {
  readonly [Name in Exclude<RequestName, OwnRequestName>]: Handler<Name>;
};

/** Tells every client of an event. */
export type Emit = <Name extends keyof Events>(name: Name, event: Events[Name]) => void;
