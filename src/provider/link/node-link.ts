import type { ClientRequestName, RequestOptions } from "../../node/rpc/client.ts";
import {
  CloudError,
  type Events,
  isCloudError,
  marksOf,
  type Params,
  type Result,
} from "../../node/rpc/contract.ts";
import type { NodeClient } from "./node-client.ts";

/** A client that connects anew by itself, as `connect` of rpc/client makes it. */
export interface ReconnectingClient extends NodeClient {
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): unknown;
  close(): void;
}

/** What such a client tells of its connections. */
export interface ConnectionHooks {
  /** Before any request goes through a new connection. */
  readonly onConnect: () => Promise<void>;
  readonly onDisconnect: () => void;
}

/** How the link to the node stands. */
export type LinkState =
  /** Nothing is connected, and nobody has asked for it. */
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  | { readonly kind: "unavailable"; readonly error: CloudError };

/** What the owner of a link is told. */
export interface LinkListener {
  onState(state: LinkState): void;
  /** Before any request goes through a new connection: what was known may be out of date. */
  onConnected(): void;
  /** Whether a question that broke off may start a node again: not one that was stopped on purpose. */
  mayAskAgain(): boolean;
  /** Somebody has changed files. */
  onChanged(event: Events["changed"]): void;
  /** The node tells how it stands. */
  onStatus(status: Events["state"]): void;
}

/**
 * The way to the local node for as long as a window lives, across the ends and restarts of both.
 *
 * 1. Nothing is connected before it is needed, so that a stopped node stays stopped while nobody
 *    uses the drive.
 * 2. A request that only reads is sent again, once, if the connection ends under it and nobody has
 *    stopped the node. A write is not: it may have been stored, and the error says so.
 */
export class NodeLink implements NodeClient {
  readonly #connect: (hooks: ConnectionHooks) => Promise<ReconnectingClient>;
  readonly #listener: LinkListener;
  #client: Promise<ReconnectingClient> | undefined;
  #disconnects = 0;
  #closed = false;
  #state: LinkState = { kind: "idle" };

  /** @param connect - reaches the node within a deadline, and starts it first where none runs. */
  constructor(
    connect: (hooks: ConnectionHooks) => Promise<ReconnectingClient>,
    listener: LinkListener,
  ) {
    this.#connect = connect;
    this.#listener = listener;
  }

  get state(): LinkState {
    return this.#state;
  }

  async request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options: RequestOptions = {},
  ): Promise<Result<Name>> {
    for (let repeats = 0; ; repeats++) {
      const disconnects = this.#disconnects;
      if (this.#state.kind !== "connected") this.#enter({ kind: "connecting" });
      try {
        const client = await this.#open();
        return await client.request(name, params, options);
      } catch (error) {
        // The end of a connection and the failure of its requests are told in either order.
        await Promise.resolve();
        if (disconnects !== this.#disconnects && isCloudError(error, "unavailable")) {
          if (marksOf(name).reads !== true) throw lost(name, error);
          if (repeats === 0 && this.#listener.mayAskAgain()) continue;
        }
        const state = this.#state.kind;
        if (state !== "connecting" && state !== "unavailable") throw error;
        // Requests that waited for one connection fail together; the first of them tells the state.
        const unavailable = asUnavailable(error);
        if (state === "connecting") this.#enter({ kind: "unavailable", error: unavailable });
        throw unavailable;
      }
    }
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true;
    this.#client?.then(
      (client) => {
        client.close();
      },
      () => undefined,
    );
  }

  #open(): Promise<ReconnectingClient> {
    if (this.#closed) {
      return Promise.reject(new CloudError("unavailable", "the window is closing"));
    }
    this.#client ??= this.#start().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #start(): Promise<ReconnectingClient> {
    const client = await this.#connect({
      onConnect: () => {
        this.#listener.onConnected();
        this.#enter({ kind: "connected" });
        return Promise.resolve();
      },
      onDisconnect: () => {
        this.#disconnects++;
        this.#enter({ kind: "idle" });
      },
    });
    client.on("changed", (event) => {
      this.#listener.onChanged(event);
    });
    client.on("state", (status) => {
      this.#listener.onStatus(status);
    });
    return client;
  }

  #enter(state: LinkState): void {
    if (this.#closed || (state.kind === "connecting" && this.#state.kind === "connecting")) return;
    this.#state = state;
    this.#listener.onState(state);
  }
}

function lost(name: ClientRequestName, cause: unknown): CloudError {
  return new CloudError(
    "unavailable",
    `the local node ended during "${name}"; whether it was done is not known, so do it again`,
    { cause },
  );
}

/** Whatever kept the node from starting: to the caller the drive is not there for now. */
function asUnavailable(cause: unknown): CloudError {
  const why = isCloudError(cause) ? cause.message : "the local node could not be reached";
  return new CloudError("unavailable", why, { cause });
}
