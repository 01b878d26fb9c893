import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { CloudError } from "../core/cloud-error.ts";
import { nodeFiles } from "../platform/data-folder.ts";
import { keepReserve } from "../platform/disk-room.ts";
import { reportLaunch } from "../platform/launch-node.ts";
import { type Log, openLog, parseLogLevel } from "../platform/log.ts";
import { type NodeLock, takeNodeLock } from "../platform/node-lock.ts";
import { ensurePrivateFolder, fileIdentity } from "../platform/private-folder.ts";
import { chooseSocketAddress } from "../platform/socket-address.ts";
import { awaitPredecessor, isSuccessor } from "../platform/successor.ts";
import { endProcess } from "../platform/thread-watch.ts";
import { ownBuild } from "./build.ts";
import { dial } from "./dial.ts";
import { isAwaited, readEndpoint, removeEndpoint, tokenBytes, writeEndpoint } from "./endpoint.ts";
import { toErrorData } from "./error-data.ts";
import type { Emit, Handlers } from "./handlers.ts";
import { type Serving, serve } from "./server.ts";
import type { SessionLimits } from "./session.ts";
import { decodeHandedOver, type HandedOver } from "./succession/hand-over.ts";
import { Succession } from "./succession/succession.ts";

/** What the parts of a node are given. */
export interface NodeHost {
  /** The data folder: exists, is private, and belongs to this process alone. */
  readonly home: string;
  readonly log: Log;
  /** Tells all clients. */
  readonly emit: Emit;
  /** What the parts of the process before gave this one to go on with: {@link NodeParts.bequest}. */
  readonly inherited: Uint8Array | undefined;
  /**
   * Ends this process, for the sake of what it has held in its memory, and has another go on in its
   * place. Resolves when all is closed.
   * @param prepare - is run first, when no request is begun any more.
   */
  readonly handOver: (prepare: () => Promise<void>) => Promise<unknown>;
}

/** What a node does; everything but its life. */
export interface NodeParts {
  readonly handlers: Handlers;
  /** Whether there is work without clients, so that the node stays when idle. */
  isBusy?(): boolean;
  /** What the parts of a process that goes on in the place of this one are to know. Asked before {@link close}. */
  bequest?(): Uint8Array;
  /** Called once, when no request runs any more. */
  close(): Promise<void>;
}

/** What {@link runNode} needs. Times in milliseconds. */
export interface NodeOptions {
  readonly home: string;
  /** Opens what the node is about. An error ends the node; the program that started it gets it. */
  readonly open: (host: NodeHost) => Promise<NodeParts>;
  readonly build?: string;
  /** Without a client for so long the node stops; `undefined`: never. */
  readonly idleMs?: number | undefined;
  readonly limits?: Partial<SessionLimits>;
  /** How often the node looks whether its folder and socket are still there. */
  readonly watchMs?: number;
}

/** How long a starting node waits for one that is stopping; less than who started it waits. */
const lockDeadlineMs = 25_000;
/** How long running writes may take once the node is to stop. */
const drainDeadlineMs = 20_000;
/** How long the parts may take to close. */
const closeDeadlineMs = 20_000;
const defaultIdleMinutes = 5;

/**
 * The idle time that `IPCLOUD_IDLE_MINUTES` asks for; fractions count, 0 means never.
 * @returns milliseconds, or `undefined` for never.
 */
export function idleTime(text: string | undefined): number | undefined {
  const asked = text === undefined || text === "" ? Number.NaN : Number(text);
  const minutes = asked >= 0 ? asked : defaultIdleMinutes;
  return minutes === 0 ? undefined : Math.min(minutes * 60_000, 0x7fff_ffff);
}

/**
 * Is the local node of a data folder, from start to end. Takes over the process: signals, uncaught
 * errors, the mask of new files.
 *
 * 1. Who holds the lock is the node. It is taken first and given back last.
 * 2. The endpoint is written when the node answers, and removed before it stops answering.
 * 3. A stop lets running writes finish, then closes the parts, then answers who asked for it.
 * 4. A hand-over is a stop, but that the endpoint stays and names who is to go on. That process loads
 *    meanwhile, and begins when this one has ended, with its token.
 *
 * @returns the exit status, 0 also if another node was there already. The caller ends the process.
 */
export async function runNode(options: NodeOptions): Promise<number> {
  process.umask(0o077);
  const { home } = options;
  let lock: NodeLock | undefined;
  let log: Log | undefined;
  try {
    const succeeds = isSuccessor();
    const before = succeeds ? decodeHandedOver(await awaitPredecessor()) : undefined;
    // One that was killed has handed over nothing: the next client starts a node.
    if (succeeds && before === undefined) return 0;
    ensurePrivateFolder(home);
    lock = await takeLock(home, succeeds);
    if (lock === undefined) {
      reportLaunch({ state: "running" });
      return 0;
    }
    log = openLog(nodeFiles(home).log, parseLogLevel(process.env["IPCLOUD_LOG"]));
    await live(options, log, before);
    return 0;
  } catch (error) {
    log?.error("node-failed", error);
    const { code, message } = toErrorData(error);
    reportLaunch({ state: "failed", code, message });
    process.stderr.write(`ipcloud: ${message}\n`);
    return 1;
  } finally {
    log?.close();
    lock?.release();
  }
}

/**
 * @param succeeds - whether this process goes on in the place of another; else it lets such a one pass.
 * @returns `undefined` if another node holds the lock and answers.
 */
async function takeLock(home: string, succeeds: boolean): Promise<NodeLock | undefined> {
  const deadline = performance.now() + lockDeadlineMs;
  for (;;) {
    const isOthers = !succeeds && isAwaited(home);
    const lock = isOthers ? undefined : takeNodeLock(nodeFiles(home).lock);
    if (lock !== undefined) return lock;
    const endpoint = readEndpoint(home);
    const socket = endpoint === undefined ? undefined : await dial(endpoint.address);
    if (socket !== undefined) {
      socket.destroy();
      return undefined;
    }
    if (performance.now() > deadline) {
      throw new CloudError("storage-busy", `another process holds ${home} and does not answer`);
    }
    await delay(20 + 30 * Math.random());
  }
}

/** From the lock to the end. */
async function live(options: NodeOptions, log: Log, before: HandedOver | undefined): Promise<void> {
  const { home, build = ownBuild } = options;
  const began = performance.now();
  const token = before?.token ?? randomBytes(tokenBytes);
  const over = Promise.withResolvers<undefined>();
  const closed = Promise.withResolvers<boolean>();
  const address = chooseSocketAddress(home);
  let serving: Serving | undefined;
  let endVanish = (): void => undefined;
  let stopping = false;
  const succession = new Succession(home, { address: address.path, token }, log);
  const stop = (why: "asked" | "signal" | "idle" | "vanished" | "succeeded"): void => {
    if (!stopping) log.info("stopping", { why });
    stopping = true;
    over.resolve(undefined);
  };
  const endWatch = watchProcess(log, () => {
    succession.withdraw();
    if (succession.isBegun) removeEndpoint(home, token);
    stop("signal");
  });
  const idle = idleTimer(options.idleMs, () => {
    if (succession.isBegun) return;
    if (parts.isBusy?.() === true) idle.start();
    else stop("idle");
  });
  const handOver = async (prepare: () => Promise<void>): Promise<boolean> => {
    if (!succession.isBegun && !stopping) {
      endVanish();
      succession.begin();
      serving?.refuse();
    }
    if (await succession.prepare(prepare)) stop("succeeded");
    return closed.promise;
  };
  const parts = await options.open({
    home,
    log,
    emit: (name, event) => serving?.emit(name, event),
    inherited: before?.parts,
    handOver,
  });
  try {
    idle.start();
    serving = await serve({
      address,
      handlers: parts.handlers,
      token,
      build,
      log,
      stop: () => {
        // Who goes on is stopped by the same request, sent once more.
        if (!succession.isBegun) stop("asked");
        return closed.promise;
      },
      handOver,
      onOccupied: (occupied) => {
        if (occupied) idle.end();
        else idle.start();
      },
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    writeEndpoint(home, { address: address.path, token });
    endVanish = watchFiles(home, serving, options.watchMs ?? 2_000, () => {
      stop("vanished");
    });
    keepReserve(home);
    log.info("ready", { pid: process.pid, ms: Math.round(performance.now() - began) });
    reportLaunch({ state: "ready" });

    await over.promise;
    endVanish();
    idle.end();
    if (!succession.hasHeir) removeEndpoint(home, token);
    await serving.drain(drainDeadlineMs, succession.hasHeir);
  } finally {
    const bequest = parts.bequest?.() ?? new Uint8Array(0);
    await Promise.race([
      parts.close().catch((error: unknown) => {
        log.error("close-failed", error);
      }),
      delay(closeDeadlineMs),
    ]);
    const isSucceeded = succession.hasHeir;
    if (isSucceeded) await succession.give(bequest);
    else removeEndpoint(home, token);
    closed.resolve(isSucceeded);
    await serving?.close(isSucceeded);
    endWatch();
    log.info("stopped");
  }
}

const endingSignals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Asks for a stop at the first signal, ends at the second, and logs what nobody caught. */
function watchProcess(log: Log, onSignal: () => void): () => void {
  let signals = 0;
  const signalled = (): void => {
    if (++signals > 1) endProcess(1);
    onSignal();
  };
  const uncaught = (error: unknown): void => {
    // What is durable is so by transactions: to start anew is safer than to go on.
    log.error("uncaught-error", error);
    // Only who started the node by hand sees what the error says, which may hold names.
    if (process.stderr.isTTY) process.stderr.write(`${inspect(error)}\n`);
    endProcess(1);
  };
  const rejected = (reason: unknown): void => {
    log.error("unhandled-rejection", reason);
  };
  for (const signal of endingSignals) process.on(signal, signalled);
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", rejected);
  return () => {
    for (const signal of endingSignals) process.off(signal, signalled);
    process.off("uncaughtException", uncaught);
    process.off("unhandledRejection", rejected);
  };
}

function idleTimer(idleMs: number | undefined, onIdle: () => void): { start(): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      clearTimeout(timer);
      if (idleMs !== undefined) timer = setTimeout(onIdle, idleMs);
    },
    end: () => {
      clearTimeout(timer);
    },
  };
}

/**
 * Looks now and then whether folder, lock and socket are still those of this node: without the lock
 * file a second node could start, without the socket no client comes.
 */
function watchFiles(
  home: string,
  serving: Serving,
  everyMs: number,
  onVanished: () => void,
): () => void {
  const { lock } = nodeFiles(home);
  const before = [fileIdentity(home), fileIdentity(lock)];
  const timer = setInterval(() => {
    const now = [fileIdentity(home), fileIdentity(lock)];
    if (now.every((identity, i) => identity === before[i]) && serving.isReachable()) return;
    clearInterval(timer);
    onVanished();
  }, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
