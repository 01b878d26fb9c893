import { setTimeout as delay } from "node:timers/promises";
import { ResponseError } from "vscode-jsonrpc/node";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { type Launch, launchNode } from "../platform/launch-node.ts";
import { compareBuilds } from "./build.ts";
import { type ProtocolRefusal, protocolVersion } from "./contract.ts";
import { dial } from "./dial.ts";
import { readEndpoint } from "./endpoint.ts";
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

/**
 * A connection to the node of a data folder, past the handshake. Starts a node if none runs, and
 * replaces one that is older than this program.
 * @param signal - the deadline.
 * @throws unavailable, if none runs and none is to be started, or none can be; newer, if the node is
 * of a newer protocol; what a node said that could not start.
 */
export async function reach(options: ReachOptions, signal: AbortSignal): Promise<Link> {
  const { home, launch } = options;
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    const link = await greetRunning(options, signal).catch((error: unknown) => {
      // A node that starts closes a data folder that others could enter.
      if (launch !== undefined && attempt === 0 && isCloudError(error, "storage")) return undefined;
      throw error;
    });
    if (link !== undefined) return link;
    if (launch === undefined) {
      throw new CloudError("unavailable", `no local node runs for ${home}`);
    }
    // One that reports itself ready and is gone at once is not started in a tight loop.
    if (attempt > 0) await delay(Math.min(50 * 2 ** attempt, 1_000), undefined, { signal });
    const report = await launchNode(home, launch, signal);
    if (report.state === "failed") throw fromErrorData(report);
  }
}

/** Whether somebody listens where the last node of a data folder said it would. */
export async function listens(home: string): Promise<boolean> {
  const endpoint = readEndpoint(home);
  const socket = endpoint === undefined ? undefined : await dial(endpoint.address);
  socket?.destroy();
  return socket !== undefined;
}

/**
 * @returns `undefined` if no node answers that this program can work with: start one.
 * @throws storage, if others can reach the socket; unavailable, if none is to be started and who
 * listens is not the node or ended meanwhile; newer; unexpected.
 */
async function greetRunning(options: ReachOptions, signal: AbortSignal): Promise<Link | undefined> {
  const endpoint = readEndpoint(options.home);
  const socket = endpoint === undefined ? undefined : await dial(endpoint.address);
  if (endpoint === undefined || socket === undefined) return undefined;
  const link = openLink(socket, options.onEvent);
  const giveUp = (): void => {
    link.close();
  };
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const node = await introduce(link, { token: endpoint.token, build: options.build });
    const isCurrent = compareBuilds(node.build, options.build) >= 0;
    if (options.launch === undefined || isCurrent) return link;
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
