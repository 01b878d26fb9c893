import {
  CloudError,
  type Events,
  isCloudError,
  type Params,
  type RequestName,
  type Result,
} from "../node/rpc/contract.ts";
import type { NodeClient, RequestOptions } from "./node-client.ts";

/** One connection to the local node. */
export interface NodeConnection extends NodeClient {
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): unknown;
  /** Settles when the connection has ended, for whatever reason. */
  readonly closed: Promise<unknown>;
  close(): unknown;
}

/** How the link to the node stands. */
export type LinkState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  | { readonly kind: "unavailable"; readonly error: CloudError };

/** What the owner of a link is told. */
export interface LinkListener {
  onState(state: LinkState): void;
  /** A new connection, before any request goes through it: where to listen to its events. */
  onConnected(connection: NodeConnection): void;
}

/** How long a request waits for the node to start, in milliseconds. */
const defaultDeadlineMs = 20_000;

/**
 * The way to the local node for as long as a window lives, across its ends and restarts.
 *
 * 1. Nothing is connected before it is needed, so that a stopped node stays stopped while nobody
 *    uses the drive; then one attempt serves all who wait.
 * 2. A request waits for the connection up to the deadline, and for its answer as long as it takes.
 * 3. A request that only reads is sent again, once, if the connection ends under it. A write is not:
 *    it may have been stored.
 */
export class NodeLink implements NodeClient {
  readonly #connect: () => Promise<NodeConnection>;
  readonly #listener: LinkListener;
  readonly #deadlineMs: number;
  #attempt: Promise<NodeConnection> | undefined;
  #closed = false;
  state: LinkState = { kind: "idle" };

  /** @param connect - reaches the node, and starts it first where none runs. */
  constructor(
    connect: () => Promise<NodeConnection>,
    listener: LinkListener,
    deadlineMs: number = defaultDeadlineMs,
  ) {
    this.#connect = connect;
    this.#listener = listener;
    this.#deadlineMs = deadlineMs;
  }

  async request<Name extends RequestName>(
    name: Name,
    params: Params<Name>,
    options: RequestOptions = {},
  ): Promise<Result<Name>> {
    for (let repeats = 0; ; repeats++) {
      const connection = await this.#ready();
      const end = { seen: false };
      void connection.closed.then(() => {
        end.seen = true;
      });
      try {
        return await connection.request(name, params, options);
      } catch (error) {
        // The end of a connection and the failure of its requests are told in either order.
        await Promise.resolve();
        if (!isCloudError(error, "unavailable") || !end.seen) throw error;
        if (!repeatable.has(name)) throw lost(name);
        if (repeats > 0) throw error;
      }
    }
  }

  /** Connects now if nothing does yet. Never throws: the state tells how it went. */
  async open(): Promise<void> {
    await this.#ready().catch(() => undefined);
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true;
    void this.#attempt?.then((connection) => connection.close()).catch(() => undefined);
  }

  async #ready(): Promise<NodeConnection> {
    if (this.#closed) throw new CloudError("unavailable", "the window is closing");
    this.#attempt ??= this.#start();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new CloudError(
          "unavailable",
          `the local node has not answered for ${String(this.#deadlineMs / 1000)} seconds`,
        );
        this.#enter({ kind: "unavailable", error });
        reject(error);
      }, this.#deadlineMs);
    });
    try {
      return await Promise.race([this.#attempt, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #start(): Promise<NodeConnection> {
    this.#enter({ kind: "connecting" });
    try {
      const connection = await this.#connect();
      void connection.closed.then(() => {
        this.#attempt = undefined;
        this.#enter({ kind: "idle" });
      });
      this.#listener.onConnected(connection);
      this.#enter({ kind: "connected" });
      return connection;
    } catch (cause) {
      this.#attempt = undefined;
      const error = isCloudError(cause)
        ? cause
        : new CloudError("unavailable", "the local node could not be reached", { cause });
      this.#enter({ kind: "unavailable", error });
      throw error;
    }
  }

  #enter(state: LinkState): void {
    if (this.#closed) return;
    this.state = state;
    this.#listener.onState(state);
  }
}

/** Requests that change nothing. */
const repeatable: ReadonlySet<RequestName> = new Set([
  "status",
  "getSettings",
  "stat",
  "list",
  "read",
  "readLink",
  "log",
  "revisions",
  "journal",
  "diff",
  "removed",
  "tags",
] as const);

function lost(name: RequestName): CloudError {
  return new CloudError(
    "unavailable",
    `the local node ended during "${name}"; whether it was done is not known, so do it again`,
  );
}
