import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError, isCloudError } from "../../src/node/core/cloud-error.ts";
import { silentLog } from "../../src/node/platform/log.ts";
import { chooseSocketAddress } from "../../src/node/platform/socket-address.ts";
import {
  type ChangedEvent,
  type Progress,
  protocolVersion,
  type Stat,
} from "../../src/node/rpc/contract.ts";
import { encodeFrame } from "../../src/node/rpc/framing.ts";
import type { Call, Handlers } from "../../src/node/rpc/handlers.ts";
import { type Link, NotBegun, type OnEvent, openLink } from "../../src/node/rpc/link.ts";
import { type Serving, serve } from "../../src/node/rpc/server.ts";
import type { SessionLimits } from "../../src/node/rpc/session.ts";
import { refuseAll } from "./refuse-all.ts";

const mebibyte = 1024 * 1024;
const stat: Stat = {
  kind: "file",
  size: 1,
  mtime: 1_763_683_200_123.456,
  ctime: 0,
  mode: 0o644,
  version: "1-00000000",
};

describe("a session", () => {
  const token = randomBytes(32);
  let folder: string;
  let serving: Serving;
  let path: string;
  const links: Link[] = [];

  /** Serves `handlers`; what they lack is refused. */
  async function listen(
    handlers: Partial<Handlers> = {},
    limits: Partial<SessionLimits> = {},
  ): Promise<void> {
    const address = chooseSocketAddress(folder);
    path = address.path;
    serving = await serve({
      address,
      handlers: { ...refuseAll(new CloudError("not-found", "not served")), ...handlers },
      token,
      build: "1.0.0",
      log: silentLog,
      stop: () => Promise.resolve(),
      limits: { stallMs: 100, closeMs: 200, ...limits },
    });
  }

  async function dial(): Promise<Socket> {
    const socket = connectSocket(path);
    await once(socket, "connect");
    return socket;
  }

  /** A link after the handshake. */
  async function enter(onEvent: OnEvent = () => undefined, socket?: Socket): Promise<Link> {
    const link = openLink(socket ?? (await dial()), onEvent);
    links.push(link);
    await link.request("initialize", { protocol: protocolVersion, build: "1.0.0", token });
    return link;
  }

  /** What a raw client got until the node ended the connection. */
  async function untilEnd(socket: Socket): Promise<string> {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", () => undefined);
    if (!socket.closed) await once(socket, "close");
    return Buffer.concat(chunks).toString("latin1");
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-test-"));
  });
  afterEach(async () => {
    for (const link of links.splice(0)) link.close();
    await serving.drain(0);
    await serving.close();
    rmSync(folder, { recursive: true });
  });

  describe("before the handshake", () => {
    it("drops who sends no frames, and serves the others on", async () => {
      await listen({ stat: () => Promise.resolve(stat) }, { greetingMs: 150 });
      const good = await enter();
      const length = Buffer.alloc(4);
      const bad: Readonly<Record<string, Uint8Array>> = {
        "a request of the web": Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        "random bytes": Buffer.from("9fd3b1f44d1f9c6a23", "hex"),
        "4 GiB": Buffer.from([0xff, 0xff, 0xff, 0xff]),
        "more than a greeting may have": Buffer.from([0, 0, 0x10, 0x01]),
        "an empty frame": length,
        "half a length": Buffer.from([0, 0]),
        "half a frame": Buffer.from([0, 0, 0, 100, 0, 0, 0, 90, 0x7b]),
        "a frame that is no JSON": Buffer.from([0, 0, 0, 5, 0, 0, 0, 1, 0x7b]),
        "JSON that is no message": Buffer.concat(encodeFrame([1, 2], 100)),
        "a message of no form": Buffer.concat(encodeFrame({ jsonrpc: "2.0" }, 100)),
        "a cancellation of nothing": Buffer.concat(
          encodeFrame({ jsonrpc: "2.0", method: "$/cancelRequest" }, 100),
        ),
        "a notification": Buffer.concat(encodeFrame({ jsonrpc: "2.0", method: "changed" }, 100)),
        nothing: new Uint8Array(),
      };
      for (const [what, bytes] of Object.entries(bad)) {
        const socket = await dial();
        socket.write(bytes);
        await untilEnd(socket);
        assert.equal((await good.request("stat", { path: "/" })).size, 1, what);
      }
    });

    it("refuses any other request first, and ends the connection", async () => {
      let served = false;
      await listen({
        status: () => {
          served = true;
          throw new CloudError("not-found", "never");
        },
      });
      for (const name of ["status", "stop", "nonsense"] as const) {
        const link = openLink(await dial(), () => undefined);
        await assert.rejects(link.request(name as "status", {}), { code: "usage" });
        await link.closed;
      }
      assert.equal(served, false);
    });

    it("refuses a wrong token of any length, and ends the connection", async () => {
      await listen();
      for (const wrong of [randomBytes(32), token.subarray(1), new Uint8Array()]) {
        const link = openLink(await dial(), () => undefined);
        await assert.rejects(
          link.request("initialize", { protocol: 1, build: "", token: wrong }),
          (error) => isCloudError(error, "unavailable") && !error.message.includes("32"),
        );
        await link.closed;
      }
    });

    it("answers another protocol with its own, and then serves only stop", async () => {
      await listen({ stat: () => Promise.resolve(stat) });
      const link = openLink(await dial(), () => undefined);
      links.push(link);
      await assert.rejects(link.request("initialize", { protocol: 99, build: "9.0.0", token }), {
        code: "newer",
      });
      await assert.rejects(link.request("stat", { path: "/" }), NotBegun);
      await link.request("stop", {});
    });
  });

  it("takes a frame in any pieces, and drops who stops in the middle of one", async () => {
    let ended = 0;
    await listen({
      stat: () => Promise.resolve(stat),
      uploadBegin: (_, { client }) => {
        client.onDisconnect(() => ended++);
        return Promise.resolve({ upload: 1 });
      },
    });
    const socket = await dial();
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const frame = (id: number, method: string, params: object): Buffer =>
      Buffer.concat(encodeFrame({ jsonrpc: "2.0", id, method, params: [params] }, mebibyte));
    const greeting = { protocol: protocolVersion, build: "", token };
    for (const byte of frame(1, "initialize", greeting)) {
      socket.write(Uint8Array.of(byte));
      await nextTurn();
    }
    await waitFor(() => chunks.length === 1);
    const [first, second] = [frame(2, "stat", { path: "/" }), frame(3, "uploadBegin", {})];
    socket.write(Buffer.concat([first, second, first.subarray(0, 7)]));
    socket.write(first.subarray(7, 30));
    await untilEnd(socket);
    const answers = Buffer.concat(chunks).toString("latin1");
    assert.deepEqual(answers.match(/"id":\d/g), ['"id":1', '"id":2', '"id":3']);
    await waitFor(() => ended === 1);
  });

  it("carries bytes, fractions and absent fields both ways", async () => {
    const content = randomBytes(300_000);
    await listen({
      write: ({ content, base, mtime }) => {
        assert.equal(base, null);
        return Promise.resolve({ ...stat, size: content.length, mtime: mtime ?? 0 });
      },
      read: () => Promise.resolve(content),
    });
    const link = await enter();
    const written = await link.request("write", { path: "/a", content, base: null, mtime: 0.125 });
    assert.deepEqual(written, { ...stat, size: 300_000, mtime: 0.125 });
    const read = await link.request("read", { path: "/a" });
    assert.ok(read instanceof Uint8Array);
    assert.ok(content.equals(read));
    assert.equal((await link.request("read", { path: "/a" })).length, 300_000);
  });

  it("carries errors by code, and nothing of those that nobody foresaw", async () => {
    await listen({
      stat: ({ path }) => {
        throw path === "/locked"
          ? new CloudError("locked", "the account is locked")
          : new TypeError("diary.txt");
      },
    });
    const link = await enter();
    await assert.rejects(link.request("stat", { path: "/locked" }), {
      code: "locked",
      message: "the account is locked",
    });
    await assert.rejects(
      link.request("stat", { path: "/" }),
      (error) => isCloudError(error, "unexpected") && !error.message.includes("diary"),
    );
    await assert.rejects(link.request("list", { path: "/" }), { code: "not-found" });
    await assert.rejects(link.request("nonsense" as "status", {}), { code: "usage" });
    await assert.rejects(link.request("stat", {} as { path: string }), { code: "usage" });
  });

  it("answers with an error what is too long to be sent, either way", async () => {
    await listen({ readLink: () => Promise.resolve({ target: "x".repeat(97 * mebibyte) }) });
    const link = await enter();
    await assert.rejects(link.request("readLink", { path: "/" }), { code: "usage" });
    const content = new Uint8Array(97 * mebibyte);
    await assert.rejects(link.request("write", { path: "/", content }), { code: "usage" });
    await assert.rejects(link.request("stat", { path: "/" }), { code: "not-found" });
  });

  it("aborts the handler's signal when the client cancels, and no other's", async () => {
    const calls: Call[] = [];
    const began = Promise.withResolvers<undefined>();
    await listen({
      verify: async (_, call) => {
        calls.push(call);
        if (calls.length === 2) began.resolve(undefined);
        await once(call.signal, "abort");
        throw call.signal.reason;
      },
    });
    const link = await enter();
    const [first, second] = [new AbortController(), new AbortController()];
    const requests = [first, second].map(({ signal }) => link.request("verify", {}, { signal }));
    await began.promise;
    first.abort();
    await assert.rejects(requests[0] ?? Promise.resolve(), { code: "cancelled" });
    assert.deepEqual(
      calls.map(({ signal }) => signal.aborted),
      [true, false],
    );
    second.abort();
    await assert.rejects(requests[1] ?? Promise.resolve(), { code: "cancelled" });
    await assert.rejects(link.request("verify", {}, { signal: AbortSignal.abort() }), {
      code: "cancelled",
    });
  });

  it("passes on progress, few and in order, to those who ask", async () => {
    await listen(
      {
        verify: async (_, { progress }) => {
          for (let done = 0; done <= 1_000; done++) {
            progress({ phase: "checking", done, total: 1_000, unit: "blocks" });
            await nextTurn();
          }
          return { ok: true, blocks: 1_000, damaged: [], problems: [] };
        },
      },
      { progressMs: 1 },
    );
    const link = await enter();
    const seen: Progress[] = [];
    await link.request("verify", {}, { onProgress: (progress) => seen.push(progress) });
    assert.ok(seen.length > 0 && seen.length < 1_000, seen.length.toString());
    assert.equal(seen[0]?.done, 0);
    assert.ok(seen.every(({ done }, i) => i === 0 || done > (seen[i - 1]?.done ?? 0)));
    await link.request("verify", {});
  });

  it("tells every client of an event", async () => {
    await listen();
    const told: string[] = [];
    const both = Promise.withResolvers<undefined>();
    const tellAs =
      (name: string): OnEvent =>
      (event, content) => {
        told.push(`${name} ${event} ${"everything" in content ? content.revision : ""}`);
        if (told.length === 2) both.resolve(undefined);
      };
    await enter(tellAs("first"));
    await enter(tellAs("second"));
    serving.emit("changed", {
      space: "a1".repeat(32),
      revision: "3-00000000",
      changes: [],
      everything: false,
    });
    await both.promise;
    assert.deepEqual(told.sort(), ["first changed 3-00000000", "second changed 3-00000000"]);
  });

  it("aborts what a client asked for when it is gone, and runs its onDisconnect actions", async () => {
    const gone = Promise.withResolvers<undefined>();
    const late = Promise.withResolvers<undefined>();
    const aborted = Promise.withResolvers<undefined>();
    const began = Promise.withResolvers<undefined>();
    let takenBack = false;
    await listen({
      uploadBegin: (_, { client }) => {
        client.onDisconnect(() => {
          gone.resolve(undefined);
        });
        const takeBack = client.onDisconnect(() => {
          takenBack = true;
        });
        takeBack();
        return Promise.resolve({ upload: client.number });
      },
      verify: async (_, { signal, client }) => {
        began.resolve(undefined);
        await once(signal, "abort");
        aborted.resolve(undefined);
        await gone.promise;
        client.onDisconnect(() => {
          late.resolve(undefined);
        });
        throw signal.reason;
      },
    });
    const other = await enter();
    const link = await enter();
    const { upload } = await link.request("uploadBegin", {});
    assert.notEqual(upload, (await other.request("uploadBegin", {})).upload);
    const walk = link.request("verify", {});
    await began.promise;
    link.close();
    await assert.rejects(walk, { code: "unavailable" });
    await Promise.all([gone.promise, aborted.promise, late.promise]);
    assert.equal(takenBack, false);
  });

  it("holds little for a client that does not read, and serves the others", async () => {
    let begun = 0;
    await listen({
      stat: () => Promise.resolve(stat),
      read: () => {
        begun++;
        return Promise.resolve(new Uint8Array(mebibyte));
      },
    });
    const other = await enter();
    const told: ChangedEvent[] = [];
    const socket = await dial();
    const link = await enter((_, event) => {
      if ("everything" in event) told.push(event);
    }, socket);
    socket.pause();
    const reads = Array.from({ length: 100 }, () => link.request("read", { path: "/" }));
    let before: number;
    do {
      before = begun;
      // In as many turns as these take, the node could have begun all.
      for (let i = 0; i < 200; i++) await other.request("stat", { path: "/" });
    } while (begun > before);
    assert.ok(begun > 0 && begun < 20, begun.toString());
    for (let i = 1; i <= 2_000; i++) {
      const space = (i % 2 === 0 ? "a1" : "b2").repeat(32);
      serving.emit("changed", { space, revision: i.toString(), changes: [], everything: false });
    }
    assert.equal(told.length, 0);
    socket.resume();
    assert.equal((await Promise.all(reads)).length, 100);
    assert.deepEqual(told, [
      { space: "b2".repeat(32), revision: "1999", changes: [], everything: true },
      { space: "a1".repeat(32), revision: "2000", changes: [], everything: true },
    ]);
  });

  it("admits reserved answers one after the other when they are large", async () => {
    let [atWork, most] = [0, 0];
    await listen(
      {
        read: async (_, { reserve }) => {
          await reserve(3 * mebibyte);
          most = Math.max(most, ++atWork);
          const answer = new Uint8Array(3 * mebibyte);
          await nextTurn();
          atWork--;
          return answer;
        },
      },
      { reservedBytes: 7 * mebibyte },
    );
    const link = await enter();
    const reads = Array.from({ length: 20 }, () => link.request("read", { path: "/" }));
    assert.equal((await Promise.all(reads)).length, 20);
    assert.equal(most, 2);
  });

  it("stops reading while too much waits to be answered, and goes on after", async () => {
    const open = Promise.withResolvers<undefined>();
    let [begun, bytes] = [0, 0];
    await listen(
      {
        write: async ({ content }) => {
          begun++;
          bytes += content.length;
          await open.promise;
          return { ...stat, size: content.length };
        },
        status: () => Promise.reject(new CloudError("locked", "still answered")),
      },
      { requestBytes: 4 * mebibyte },
    );
    const link = await enter();
    const other = await enter();
    const content = new Uint8Array(mebibyte);
    const writes = Array.from({ length: 30 }, () => link.request("write", { path: "/", content }));
    await waitFor(() => begun >= 4);
    for (let i = 0; i < 50; i++) {
      await assert.rejects(other.request("status", {}), { code: "locked" });
    }
    assert.ok(bytes < 8 * mebibyte, bytes.toString());
    open.resolve(undefined);
    assert.equal((await Promise.all(writes)).length, 30);
  });

  it("lets running writes finish when the node stops, and begins no other request", async () => {
    const open = Promise.withResolvers<undefined>();
    const walking = Promise.withResolvers<undefined>();
    const began = Promise.withResolvers<undefined>();
    await listen({
      write: async (_, { signal }) => {
        began.resolve(undefined);
        await open.promise;
        assert.equal(signal.aborted, false);
        return stat;
      },
      verify: async (_, { signal }) => {
        walking.resolve(undefined);
        await once(signal, "abort");
        throw signal.reason;
      },
    });
    const link = await enter();
    const write = link.request("write", { path: "/", content: new Uint8Array() });
    const walk = link.request("verify", {});
    await Promise.all([began.promise, walking.promise]);
    const drained = serving.drain(10_000);
    await assert.rejects(walk, { code: "unavailable" });
    await assert.rejects(link.request("stat", { path: "/" }), NotBegun);
    open.resolve(undefined);
    await drained;
    assert.deepEqual(await write, stat);
  });
});

/** Polls until `condition` holds; mocha's own limit is the deadline. */
async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}
