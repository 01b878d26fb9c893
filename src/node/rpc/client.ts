import { equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { Launch } from "../platform/launch-node.ts";
import { ownBuild } from "./build.ts";
import type { Events, Params, RequestName, Result } from "./contract.ts";
import { type Link, NotBegun, type RequestOptions } from "./link.ts";
import { isSucceeded, listens, type Reached, reach } from "./reach.ts";
import { catchUp, type Tell } from "./succession/catch-up.ts";

export { CloudError, type CloudErrorCode, isCloudError } from "../core/cloud-error.ts";
export { dataFolder } from "../platform/data-folder.ts";
export type { Launch } from "../platform/launch-node.ts";
export { ownBuild } from "./build.ts";
export type { RequestOptions } from "./link.ts";

/** What {@link connect} needs. */
export interface ConnectOptions {
  /** Absolute path of the data folder. */
  readonly home: string;
  /** How to start the node if none runs; without it none is started and an older one is kept. */
  readonly launch?: Launch | undefined;
  /** What this program was built as; a node that was built before is replaced. */
  readonly build?: string;
  /** For finding or starting the node. */
  readonly timeoutMs?: number;
  /**
   * Runs on each new connection before any other request is sent on it: the place to unlock a node
   * that was started anew. If it fails, so does what wanted the connection. Not where a process went
   * on in the place of another: for clients it is the same node.
   */
  readonly onConnect?: (request: Client["request"]) => Promise<void>;
  /**
   * The connection ended and {@link Client.close} was not the reason, nor went another process on in
   * the place of the node. The next request makes a new one.
   */
  readonly onDisconnect?: () => void;
}

/** What a client may ask; the handshake is no one's business but its own. */
export type ClientRequestName = Exclude<RequestName, "challenge" | "initialize">;

/** A program's access to the node of one data folder, across connections and nodes. */
export interface Client {
  /**
   * Asks the node, which is started (again) if it doesn't run.
   * @throws what the node answered; unavailable, if it ended before it answered (whether it did
   * what was asked is then not known) or can't be reached; cancelled.
   */
  request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options?: RequestOptions,
  ): Promise<Result<Name>>;
  /**
   * Listens to events, on this and later connections. What happened between two connections is not
   * told: read anew in `onConnect`; where another process went on, how it stands is told as an event,
   * and that everything may have changed. @returns ends it.
   */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
  /** Ends the connection and refuses further requests. The node goes on. */
  close(): void;
}

/** What became of the node of a data folder that was to stop. */
export type Stopped = "not-running" | "stopped" | "killed";

const defaultTimeoutMs = 30_000;
/** How often a request is sent that nodes have not begun because they were stopping. */
const maxSends = 4;

/**
 * Connects to the node of a data folder, or starts it first.
 * @throws unavailable, with what kept it; newer, if the node speaks a newer protocol; what a node
 * said that could not start.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const client = openClient(options);
  try {
    await client.ready();
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}

/**
 * Connects to the node of a data folder if one runs; none is started, and an older one is kept.
 * @returns `undefined` if nobody listens where the last node said it would.
 * @throws what {@link connect} throws
 */
export async function connectRunning(
  options: Omit<ConnectOptions, "launch">,
): Promise<Client | undefined> {
  return (await listens(options.home)) ? connect(options) : undefined;
}

function openClient(options: ConnectOptions): Client & { ready(): Promise<unknown> } {
  const { home, launch, build = ownBuild, timeoutMs = defaultTimeoutMs } = options;
  const listeners = new Map<keyof Events, Set<(event: never) => void>>();
  const ending = new AbortController();
  /** Those that are open: the one in use, and any that still brings answers. */
  const links = new Set<Link>();
  let link: Link | undefined;
  let reaching: Promise<Link> | undefined;
  /** Looks for who goes on in the place of the node; never fails. */
  let following: Promise<unknown> | undefined;
  /** What the owner believes to be connected with. */
  let known: Reached | undefined;

  /** Asked anew after each wait. */
  const isClosed = (): boolean => ending.signal.aborted;
  const closedError = (): CloudError =>
    new CloudError("unavailable", "the connection to the local node was closed");
  const tell: Tell = (name, event) => {
    for (const listener of listeners.get(name) ?? []) {
      (listener as (event: Events[typeof name]) => void)(event);
    }
  };
  const lose = (): void => {
    const wasKnown = known !== undefined;
    known = undefined;
    if (wasKnown && !isClosed()) options.onDisconnect?.();
  };
  const ended = (reached: Reached): void => {
    if (link === reached.link) link = undefined;
    if (known !== reached || isClosed()) return;
    if (!isSucceeded(home, reached.endpoint)) lose();
    else if (reaching === undefined) follow();
    else reaching.catch(lose);
  };
  const follow = (): void => {
    const mine = reachOnce(undefined)
      .catch(lose)
      .finally(() => {
        if (following === mine) following = undefined;
      });
    following = mine;
  };

  /** @param start - how to start a node where none runs, if one is to be. */
  const reachOnce = async (start: Launch | undefined): Promise<Link> => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([deadline, ending.signal]);
    let reached: Reached;
    try {
      reached = await reach({ home, launch: start, build, onEvent: tell }, signal);
    } catch (cause) {
      if (isClosed()) throw closedError();
      if (!deadline.aborted) throw cause;
      const seconds = (timeoutMs / 1000).toString();
      throw new CloudError("unavailable", `the local node did not answer in ${seconds} s`, {
        cause,
      });
    }
    const made = reached.link;
    if (isClosed()) {
      made.close();
      throw closedError();
    }
    const isSame = known !== undefined && equalBytes(known.endpoint.token, reached.endpoint.token);
    if (!isSame) lose();
    known = reached;
    links.add(made);
    void made.closed.then(() => {
      links.delete(made);
      ended(reached);
    });
    try {
      if (!isSame)
        await options.onConnect?.((name, params, extra) => made.request(name, params, extra));
      else if (listeners.size > 0) await catchUp(made, tell);
    } catch (error) {
      made.close();
      throw error;
    }
    if (isClosed()) {
      made.close();
      throw closedError();
    }
    link = made;
    return made;
  };

  const linked = async (): Promise<Link> => {
    if (isClosed()) throw closedError();
    await following;
    if (link?.isOpen() === true) return link;
    reaching ??= reachOnce(launch).finally(() => {
      reaching = undefined;
    });
    return reaching;
  };
  const linkedUnless = (signal: AbortSignal | undefined): Promise<Link> =>
    signal === undefined ? linked() : orAborted(linked(), signal);

  return {
    ready: () => linked(),
    request: async (name, params, extra = {}) => {
      for (let sends = 1; ; sends++) {
        const current = await linkedUnless(extra.signal);
        try {
          return await current.request(name, params, extra);
        } catch (error) {
          if (!(error instanceof NotBegun)) throw error;
          if (sends === maxSends) throw new CloudError("unavailable", error.message);
          // What else was asked on it is still answered.
          if (link === current) link = undefined;
        }
      }
    },
    on: (name, listener) => {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    close: () => {
      ending.abort();
      for (const each of links) each.close();
    },
  };
}

async function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const cancelled = Promise.withResolvers<never>();
  const onAbort = (): void => {
    cancelled.reject(new CloudError("cancelled", "the request was cancelled"));
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, cancelled.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
