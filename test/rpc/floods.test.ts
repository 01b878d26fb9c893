import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../../src/node/rpc/client.ts";
import { dial } from "../../src/node/rpc/dial.ts";
import { readEndpoint } from "../../src/node/rpc/endpoint.ts";
import { encodeFrame } from "../../src/node/rpc/framing.ts";
import { introduce } from "../../src/node/rpc/introduce.ts";
import { openLink } from "../../src/node/rpc/link.ts";
import { eachNode } from "./started-nodes.ts";

const mebibyte = 1024 * 1024;
/** What an attack may add to the memory of the node at its peak: room for all, and its garbage. */
const allMiB = 260;
/** The same where the room is that of some connections for themselves. */
const fewMiB = 100;

describe("a node under a flood", () => {
  const nodes = eachNode();
  let other: Client;
  let pid: number;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    other = await nodes.enter(nodes.options({ TEST_STALL_MS: "1000" }));
    pid = await nodes.pidOf(other);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** A connection past the handshake, to be written to as one likes. */
  async function enter(): Promise<Socket> {
    const endpoint = readEndpoint(nodes.home);
    const socket = endpoint && (await dial(endpoint.address));
    assert.ok(endpoint && socket);
    sockets.push(socket);
    socket.on("error", () => undefined);
    await introduce(
      openLink(socket, () => undefined),
      { token: endpoint.token, build: "1.0.0" },
    );
    return socket;
  }

  /** At its peak where the system keeps it, else now. */
  function memoryMiB(): number {
    const kib =
      process.platform === "linux"
        ? /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid.toString()}/status`, "latin1"))?.[1]
        : execFileSync("ps", ["-o", "rss=", "-p", pid.toString()], { encoding: "utf8" });
    return Number(kib) / 1024;
  }

  /**
   * Attacks, and meanwhile and afterwards the node serves another client, as the same process and
   * within its memory.
   */
  async function bears(attack: () => Promise<unknown>, boundMiB = allMiB): Promise<void> {
    const before = memoryMiB();
    const seen = { over: false };
    const attacking = attack().finally(() => (seen.over = true));
    let slowestMs = 0;
    for (let rounds = 0; rounds < 20 || !seen.over; rounds++) {
      const began = performance.now();
      assert.equal((await other.request("stat", { path: "/" })).size, 3);
      slowestMs = Math.max(slowestMs, performance.now() - began);
      await delay(10);
    }
    await attacking;
    const content = new Uint8Array(8 * mebibyte);
    assert.equal((await other.request("write", { path: "/a", content })).size, content.length);
    assert.equal((await other.request("status", {})).pid, pid, "it is still the same node");
    const more = memoryMiB() - before;
    assert.ok(more < boundMiB, `${more.toFixed(0)} MiB more than before`);
    assert.ok(slowestMs < 3_000, `an answer took ${slowestMs.toFixed(0)} ms`);
  }

  /** Writes a piece. @returns whether the node took all of it within `ms`. */
  function send(socket: Socket, piece: Uint8Array, ms: number): Promise<boolean> {
    const taken = new Promise<boolean>((resolve) => {
      socket.write(piece, (error) => {
        resolve(!error);
      });
    });
    return Promise.race([taken, delay(ms, false, { ref: false })]);
  }

  /** Writes as much as the node takes, for some time. */
  async function pour(socket: Socket, piece: () => Uint8Array, ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end && !socket.destroyed) {
      if (!(await send(socket, piece(), end - performance.now()))) return;
    }
  }

  const framed = (message: object): Buffer =>
    Buffer.concat(encodeFrame({ jsonrpc: "2.0", ...message }, 96 * mebibyte));

  /** A request of so many empty lists. */
  function lists(count: number, id: number): Buffer {
    const params = `[${"[],".repeat(count)}[]]`;
    const text = `{"message":{"jsonrpc":"2.0","id":${id.toString()},"method":"stat","params":${params}}}`;
    const head = Buffer.alloc(8);
    head.writeUInt32BE(text.length + 4);
    head.writeUInt32BE(text.length, 4);
    return Buffer.concat([head, Buffer.from(text)]);
  }

  it("drops who sends twenty million empty lists", async () => {
    const frame = lists(20_000_000, 1);
    await bears(async () => {
      const socket = await enter();
      await send(socket, frame, 20_000);
      if (!socket.closed) await once(socket, "close");
    });
  });

  it("refuses as many in messages as long as a request may be", async () => {
    await bears(async () => {
      const attackers = await Promise.all(Array.from({ length: 6 }, enter));
      const frames = Array.from({ length: 8 }, (_, id) => lists(340_000, 100 + id));
      await Promise.all(
        attackers.map(async (socket) => {
          for (const frame of frames) await send(socket, frame, 10_000);
        }),
      );
    });
  });

  const notifications: Readonly<Record<string, object>> = {
    "of no meaning": { method: "x" },
    "that cancel nothing": { method: "$/cancelRequest", params: { id: 12_345 } },
    "that cancel what runs": { method: "$/cancelRequest", params: { id: 77 } },
  };
  for (const [what, message] of Object.entries(notifications)) {
    it(`takes no more notifications ${what} than it deals with`, async () => {
      const piece = Buffer.concat(Array.from({ length: 10_000 }, () => framed(message)));
      await bears(async () => {
        const attackers = await Promise.all(Array.from({ length: 6 }, enter));
        const params = [{ path: "/slow", content: new Uint8Array() }];
        await Promise.all(
          attackers.map((socket) => {
            socket.write(framed({ id: 77, method: "write", params }));
            return pour(socket, () => piece, 4_000);
          }),
        );
        nodes.mark("write-may-end");
      }, fewMiB);
    });
  }

  it("takes no more requests than it may hold, whoever does not wait for answers", async () => {
    await bears(async () => {
      let id = 100;
      const attackers = await Promise.all(Array.from({ length: 4 }, enter));
      const params = [{ path: "/slow", content: new Uint8Array() }];
      const some = (): Buffer =>
        Buffer.concat(
          Array.from({ length: 500 }, () => framed({ id: ++id, method: "write", params })),
        );
      await Promise.all(
        attackers.map((socket) => {
          socket.pause();
          return pour(socket, some, 3_000);
        }),
      );
      nodes.mark("write-may-end");
    });
  });

  it("holds few unfinished frames, over all connections, and not for long", async () => {
    const params = [{ path: "/x", content: new Uint8Array(64 * mebibyte) }];
    const frame = framed({ id: 1, method: "write", params });
    await bears(async () => {
      const attackers = await Promise.all(Array.from({ length: 8 }, enter));
      const closed = attackers.map((socket) => once(socket, "close"));
      for (const socket of attackers) socket.write(frame.subarray(0, -1));
      // Those that have room are dropped in time; then the next have.
      await Promise.race(closed);
    });
  });
});
