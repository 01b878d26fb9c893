import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { silentLog } from "../../src/node/platform/log.ts";
import { chooseSocketAddress } from "../../src/node/platform/socket-address.ts";
import type { Stat } from "../../src/node/rpc/contract.ts";
import type { Handlers } from "../../src/node/rpc/handlers.ts";
import { introduce } from "../../src/node/rpc/introduce.ts";
import { type Link, type OnEvent, openLink } from "../../src/node/rpc/link.ts";
import { type Serving, serve } from "../../src/node/rpc/server.ts";
import type { SessionLimits } from "../../src/node/rpc/session.ts";
import { refuseAll } from "./refuse-all.ts";

export const mebibyte = 1024 * 1024;

/** What a handler answers that was asked for a file. */
export const someStat: Stat = {
  kind: "file",
  size: 1,
  mtime: 1_763_683_200_123.456,
  ctime: 0,
  mode: 0o644,
  version: "1-00000000",
};

/** A server of its own for each test of a suite, and those who enter it. */
export interface ListeningServer {
  /** What the server lets in. */
  readonly token: Buffer;
  /** Serves `handlers`; what they lack is refused. */
  readonly listen: (handlers?: Partial<Handlers>, limits?: Partial<SessionLimits>) => Promise<void>;
  /** What {@link listen} began. */
  readonly serving: () => Serving;
  /** A connection on which nothing was said yet. */
  readonly dial: () => Promise<Socket>;
  /** A link before the handshake. */
  readonly open: (onEvent?: OnEvent, socket?: Socket) => Promise<Link>;
  /** A link after the handshake. */
  readonly enter: (onEvent?: OnEvent, socket?: Socket) => Promise<Link>;
}

/** Has each test of the suite at hand make a server, and ends it after the test. */
export function eachServer(): ListeningServer {
  const token = randomBytes(32);
  let folder: string;
  let serving: Serving;
  let path: string;
  const links: Link[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-test-"));
  });
  afterEach(async () => {
    for (const link of links.splice(0)) link.close();
    await serving.drain(0);
    await serving.close();
    rmSync(folder, { recursive: true });
  });

  const dial = async (): Promise<Socket> => {
    const socket = connectSocket(path);
    await once(socket, "connect");
    return socket;
  };
  const open = async (onEvent: OnEvent = () => undefined, socket?: Socket): Promise<Link> => {
    const link = openLink(socket ?? (await dial()), onEvent);
    links.push(link);
    return link;
  };
  return {
    token,
    listen: async (handlers = {}, limits = {}) => {
      const address = chooseSocketAddress(folder);
      path = address.path;
      serving = await serve({
        address,
        handlers: { ...refuseAll(new CloudError("not-found", "not served")), ...handlers },
        token,
        build: "1.0.0",
        log: silentLog,
        stop: () => Promise.resolve(false),
        handOver: (prepare) => prepare().then(() => false),
        limits: { stallMs: 100, closeMs: 200, ...limits },
      });
    },
    serving: () => serving,
    dial,
    open,
    enter: async (onEvent, socket) => {
      const link = await open(onEvent, socket);
      await introduce(link, { token, build: "1.0.0" });
      return link;
    },
  };
}

/** What a raw client got until the node ended the connection. */
export async function untilEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  if (!socket.closed) await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

/** Polls until `condition` holds; mocha's own limit is the deadline. */
export async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}
