import { chmodSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { CloudError } from "../core/cloud-error.ts";
import { diskError } from "../platform/disk-error.ts";
import type { Log } from "../platform/log.ts";
import { fileIdentity, isPrivateFolder } from "../platform/private-folder.ts";
import type { SocketAddress } from "../platform/socket-address.ts";
import { marksOf, type RequestName } from "./contract.ts";
import type { Emit, Handlers } from "./handlers.ts";
import {
  defaultSessionLimits,
  openSession,
  type Session,
  type SessionHost,
  type SessionLimits,
} from "./session.ts";
import { openSharedRoom } from "./shared-room.ts";

/** What {@link serve} needs. */
export interface ServeOptions {
  readonly address: SocketAddress;
  readonly handlers: Handlers;
  /** 32 bytes. */
  readonly token: Uint8Array;
  readonly build: string;
  readonly log: Log;
  /** A client asks the node to stop; as in {@link SessionHost}. */
  readonly stop: SessionHost["stop"];
  /** A request ends this process for the sake of what it has held; as in {@link SessionHost}. */
  readonly handOver: SessionHost["handOver"];
  /** The last client has gone (`false`), or one has come (`true`). */
  onOccupied?(occupied: boolean): void;
  readonly limits?: Partial<SessionLimits>;
}

/** The listening side of a node. */
export interface Serving {
  readonly emit: Emit;
  /** Whether the socket is still there for new clients to find. */
  isReachable(): boolean;
  /** Begins no further request and takes no further client: who asks is told to ask the next node. */
  refuse(): void;
  /**
   * The same; interrupts what can be asked for again (reads, long walks) and waits until everything
   * else is done.
   * @param deadlineMs - after it, what still runs is aborted and not waited for much longer.
   * @param isSucceeded - whether what was interrupted is to be asked of the next node at once.
   */
  drain(deadlineMs: number, isSucceeded?: boolean): Promise<void>;
  /** Ends the connections, after their last answers. @param isSucceeded - whether another process goes on */
  close(isSucceeded?: boolean): Promise<void>;
}

/** More connections than these at one time are refused. */
const maxClients = 256;

/**
 * Listens at `address`, in the place of a socket that a killed node left. The caller holds the lock.
 * @throws storage, if others can enter the folder of the socket, or it can't be listened on there.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { address, log } = options;
  const limits: SessionLimits = { ...defaultSessionLimits, ...options.limits };
  const sessions = new Set<Session>();
  const shared = openSharedRoom(limits.patienceMs, () => {
    for (const session of sessions) session.endIfDeaf();
  });
  let lastNumber = 0;
  let stopping = false;
  let onQuiet: (() => void) | undefined;

  const server = createServer((socket) => {
    const session = openSession(socket, ++lastNumber, {
      handlers: options.handlers,
      token: options.token,
      build: options.build,
      log,
      limits,
      shared,
      isStopping: () => stopping,
      stop: () => options.stop(),
      handOver: (prepare) => options.handOver(prepare),
      onAnswered: () => onQuiet?.(),
      onEnd: () => {
        sessions.delete(session);
        if (sessions.size === 0) options.onOccupied?.(false);
      },
    });
    sessions.add(session);
    if (sessions.size === 1) options.onOccupied?.(true);
  });
  server.maxConnections = maxClients;
  await listen(server, address);
  const identity = fileIdentity(address.path);
  server.on("error", (error) => {
    log.error("server-failed", error);
  });

  const isReachable = (): boolean =>
    address.bindPath === undefined || fileIdentity(address.path) === identity;
  const isQuiet = (): boolean => ![...sessions].some((session) => session.isRunning());
  const abort = (which: (name: RequestName) => boolean, passesOn: boolean): void => {
    const reason = new CloudError("unavailable", "the local node is stopping");
    for (const session of sessions) session.abort(which, reason, passesOn);
  };
  /** Waits until no handler is at work. @returns whether that came before `ms` were over. */
  const quiet = (ms: number): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, ms);
      onQuiet = () => {
        if (!isQuiet()) return;
        clearTimeout(timer);
        onQuiet = undefined;
        resolve(true);
      };
      onQuiet();
    });

  const refuse = (): void => {
    if (stopping) return;
    stopping = true;
    server.close();
    if (address.bindPath !== undefined && isReachable()) removeSocket(address);
  };

  return {
    emit: (name, event) => {
      for (const session of sessions) session.emit(name, event);
    },
    isReachable,
    refuse,
    drain: async (deadlineMs, isSucceeded = false) => {
      refuse();
      abort((name) => marksOf(name).interruptible === true, isSucceeded);
      if (await quiet(deadlineMs)) return;
      abort(() => true, false);
      if (!(await quiet(2_000))) log.warn("requests-abandoned");
    },
    close: async (isSucceeded = false) => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      for (const session of sessions) session.close(isSucceeded);
      await closed;
    },
  };
}

/**
 * Binds under a name of its own and renames: the new socket takes the place of an old one in one
 * step and is never seen before it listens; and what the system removes when the server closes is
 * the first name, so that a node can't remove the socket of its successor.
 */
async function listen(server: Server, { path, bindPath }: SocketAddress): Promise<void> {
  if (bindPath !== undefined && !isPrivateFolder(dirname(path))) {
    const folder = dirname(path);
    throw new CloudError(
      "storage",
      `expected a folder that only this user can enter for the node's socket, and ${folder} is none`,
    );
  }
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(bindPath ?? path, () => {
        server.off("error", reject);
        resolve();
      });
    });
    if (bindPath === undefined) return;
    chmodSync(bindPath, 0o600);
    renameSync(bindPath, path);
  } catch (cause) {
    server.close();
    throw diskError(`can't listen on the socket ${path}`, cause);
  }
}

/** Removes the socket, and its folder if that was made for it alone. */
function removeSocket({ path, ownFolder }: SocketAddress): void {
  rmSync(path, { force: true });
  if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true });
}
