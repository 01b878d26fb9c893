import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ResponseError } from "vscode-jsonrpc/node";
import { equalBytes } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { type Launch, launchNode } from "../platform/launch-node.ts";
import { compareBuilds } from "./build.ts";
import { type ProtocolRefusal, protocolVersion } from "./contract.ts";
import { dial } from "./dial.ts";
import { type Endpoint, isAwaited, isThere, type NodeProcess, readEndpoint } from "./endpoint.ts";
import { fromErrorData } from "./error-data.ts";
import { introduce } from "./introduce.ts";
import { type Link, NotBegun, type OnEvent, openLink } from "./link.ts";

/** Whom to reach, and as what. */
export interface ReachOptions {
  /** The data folder. */
  readonly home: string;
  /** How to start a node where none runs; `undefined`: don't. */
  readonly launch: Launch | undefined;
  /** What this program was built as. */
  readonly build: string;
  readonly onEvent: OnEvent;
}

/** A connection to a node, past the handshake. */
export interface Reached {
  readonly link: Link;
  /** As whom the node was found. */
  readonly endpoint: Endpoint;
}

/** How often is looked for a node that goes on in the place of another. */
const lookMs = 10;
/** How often whether its process runs at all. */
const lookAtProcessMs = 200;
/** For so long one is waited for by who has set no deadline: more than closing takes. */
const successionMs = 25_000;

/**
 * A connection to the node of a data folder, past the handshake. Starts a node if none runs, waits for
 * one that is to go on in the place of another, and replaces one that is older than this program.
 * @param signal - the deadline.
 * @throws unavailable, if none runs and none is to be started, or none can be; newer, if the node is
 * of a newer protocol; what a node said that could not start.
 */
export async function reach(options: ReachOptions, signal: AbortSignal): Promise<Reached> {
  const { home, launch } = options;
  for (let launches = 0; ; ) {
    signal.throwIfAborted();
    const reached = await greetRunning(options, signal).catch((error: unknown) => {
      // A node that starts closes a data folder that others could enter.
      if (launch !== undefined && launches === 0 && isCloudError(error, "storage"))
        return undefined;
      // It closed while we came, and who goes on in its place will answer.
      if (isAwaited(home) && isCloudError(error, "unavailable")) return undefined;
      throw error;
    });
    if (reached !== undefined) return reached;
    if (isAwaited(home)) {
      await delay(lookMs, undefined, { signal });
      continue;
    }
    if (launch === undefined) {
      throw new CloudError("unavailable", `no local node runs for ${home}`);
    }
    // One that reports itself ready and is gone at once is not started in a tight loop.
    if (launches > 0) await delay(Math.min(50 * 2 ** launches, 1_000), undefined, { signal });
    launches++;
    const report = await launchNode(home, launch, signal);
    if (report.state === "failed") throw fromErrorData(report);
  }
}

/**
 * Whether somebody listens where the last node of a data folder said it would.
 * @throws unavailable, if who is to go on in its place doesn't come to it
 */
export async function listens(home: string): Promise<boolean> {
  const deadline = AbortSignal.timeout(successionMs);
  try {
    const dialled = await dialNode(home, deadline);
    dialled?.socket.destroy();
    return dialled !== undefined;
  } catch (cause) {
    if (!deadline.aborted) throw cause;
    const seconds = (successionMs / 1000).toString();
    throw new CloudError("unavailable", `the local node did not answer in ${seconds} s`, { cause });
  }
}

/**
 * Whether another process goes on, or is to, in the place of the one that was there: for clients it is
 * the same node.
 */
export function isSucceeded(home: string, before: Endpoint): boolean {
  try {
    const now = readEndpoint(home);
    if (now === undefined || !equalBytes(now.token, before.token)) return false;
    return successorIn(now, before) !== undefined;
  } catch {
    return false;
  }
}

/** Who has come, or is to come, in the place of who was there. */
function successorIn(now: Endpoint, before: Endpoint): NodeProcess | undefined {
  if (now.successor !== undefined) return now.successor;
  const { pid, start } = now.process ?? {};
  return pid === before.process?.pid && start === before.process?.start ? undefined : now.process;
}

/** The endpoint of who listens: a node that names a successor does no longer. */
function asSucceeded({ address, token, process, successor }: Endpoint): Endpoint {
  const listening = successor ?? process;
  return { address, token, ...(listening === undefined ? {} : { process: listening }) };
}

/**
 * Connects to where the last node of a data folder said it would listen. While a process that is to
 * take its place runs, it is waited for.
 * @returns `undefined` if nobody listens there.
 * @throws what {@link dial} throws; the signal's reason
 */
async function dialNode(
  home: string,
  signal: AbortSignal,
): Promise<{ readonly socket: Socket; readonly endpoint: Endpoint } | undefined> {
  let lastLook = -lookAtProcessMs;
  for (;;) {
    const endpoint = readEndpoint(home);
    if (endpoint === undefined) return undefined;
    const socket = await dial(endpoint.address);
    if (socket !== undefined) return { socket, endpoint: asSucceeded(endpoint) };
    // It may have been written since.
    const now = readEndpoint(home);
    const next = now && successorIn(now, endpoint);
    if (next === undefined) return undefined;
    if (performance.now() - lastLook >= lookAtProcessMs) {
      if (!isThere(next)) return undefined;
      lastLook = performance.now();
    }
    await delay(lookMs, undefined, { signal });
  }
}

/**
 * @returns `undefined` if no node answers that this program can work with: start one.
 * @throws storage, if others can reach the socket; unavailable, if none is to be started and who
 * listens is not the node or ended meanwhile; newer; unexpected.
 */
async function greetRunning(
  options: ReachOptions,
  signal: AbortSignal,
): Promise<Reached | undefined> {
  const dialled = await dialNode(options.home, signal);
  if (dialled === undefined) return undefined;
  const { socket, endpoint } = dialled;
  const link = openLink(socket, options.onEvent);
  const giveUp = (): void => {
    link.close();
  };
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const node = await introduce(link, { token: endpoint.token, build: options.build });
    const isCurrent = compareBuilds(node.build, options.build) >= 0;
    if (options.launch === undefined || isCurrent) return { link, endpoint };
    await replace(link);
    return undefined;
  } catch (error) {
    const refusal = protocolRefusal(error);
    if (refusal !== undefined && refusal.protocol < protocolVersion && options.launch) {
      await replace(link);
      return undefined;
    }
    link.close();
    if (refusal !== undefined) throw error;
    // It stopped while we came, or wrote another token after we had read this one, or it is no node
    // and one that is started takes its place: look again.
    if (error instanceof NotBegun) return undefined;
    if (options.launch !== undefined && isCloudError(error, "unavailable")) return undefined;
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** Asks the node to stop, and waits until it has finished what it was writing. */
async function replace(link: Link): Promise<void> {
  try {
    await link.request("stop", {});
  } catch (error) {
    if (!(error instanceof NotBegun) && !isCloudError(error, "unavailable")) throw error;
  }
  await link.closed;
}

function protocolRefusal(error: unknown): ProtocolRefusal | undefined {
  if (!isCloudError(error, "newer") || !(error.cause instanceof ResponseError)) return undefined;
  const data: unknown = error.cause.data;
  if (typeof data !== "object" || data === null || !("protocol" in data)) return undefined;
  return data as ProtocolRefusal;
}
