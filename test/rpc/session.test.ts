import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError, isCloudError } from "../../src/node/core/cloud-error.ts";
import { protocolVersion } from "../../src/node/rpc/contract.ts";
import { decodeFrame, encodeFrame } from "../../src/node/rpc/framing.ts";
import { introduce } from "../../src/node/rpc/introduce.ts";
import { NotBegun, openLink } from "../../src/node/rpc/link.ts";
import { clientProof } from "../../src/node/rpc/proof.ts";
import { eachServer, mebibyte, someStat, untilEnd, waitFor } from "./listening-server.ts";

describe("a session", () => {
  const { token, listen, dial, open, enter } = eachServer();

  describe("before the handshake", () => {
    it("drops who sends no frames, and serves the others on", async () => {
      await listen({ stat: () => Promise.resolve(someStat) }, { greetingMs: 150 });
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

    it("refuses a wrong proof of any length, and ends the connection", async () => {
      await listen();
      for (const wrong of [randomBytes(32), token, new Uint8Array()]) {
        const link = openLink(await dial(), () => undefined);
        await link.request("challenge", { nonce: randomBytes(32) });
        await assert.rejects(
          link.request("initialize", { protocol: 1, build: "", proof: wrong }),
          (error) => isCloudError(error, "unavailable") && !error.message.includes("32"),
        );
        await link.closed;
      }
    });

    it("refuses the proof of another connection, and the node's own", async () => {
      await listen();
      const nonce = randomBytes(32);
      const challenge = async () => {
        const link = await open();
        return { link, ...(await link.request("challenge", { nonce })) };
      };
      const [first, second] = [await challenge(), await challenge()];
      assert.notDeepEqual(first.nonce, second.nonce);
      const proof = clientProof(token, { client: nonce, node: first.nonce });
      const given = { protocol: protocolVersion, build: "", proof };
      await assert.rejects(second.link.request("initialize", given), { code: "unavailable" });
      const { link, proof: own } = await challenge();
      const returned = link.request("initialize", { ...given, proof: own });
      await assert.rejects(returned, { code: "unavailable" });
      await first.link.request("initialize", given);
    });

    it("proves itself once on a connection, to a nonce of 32 bytes", async () => {
      await listen();
      for (const nonces of [[31], [33], [0], [32, 32]]) {
        const link = await open();
        const asked = nonces.map((length) =>
          link.request("challenge", { nonce: new Uint8Array(length) }),
        );
        await assert.rejects(asked.at(-1) ?? Promise.resolve(), { code: "usage" });
        await link.closed;
      }
    });

    it("answers another protocol with its own, and then serves only stop", async () => {
      await listen({ stat: () => Promise.resolve(someStat) });
      const link = await open();
      await assert.rejects(introduce(link, { protocol: 99, build: "9.0.0", token }), {
        code: "newer",
      });
      await assert.rejects(link.request("stat", { path: "/" }), NotBegun);
      await link.request("stop", {});
    });
  });

  it("takes a frame in any pieces, and drops who stops in the middle of one", async () => {
    let ended = 0;
    await listen({
      stat: () => Promise.resolve(someStat),
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
    const nonce = new Uint8Array(32);
    const writeSlowly = async (bytes: Buffer): Promise<void> => {
      for (const byte of bytes) {
        socket.write(Uint8Array.of(byte));
        await nextTurn();
      }
    };
    await writeSlowly(frame(0, "challenge", { nonce }));
    await waitFor(() => chunks.length === 1);
    const answer = decodeFrame(chunks[0]?.subarray(4) ?? Buffer.alloc(0));
    const { result } = answer as { result: { nonce: Uint8Array } };
    const proof = clientProof(token, { client: nonce, node: result.nonce });
    await writeSlowly(frame(1, "initialize", { protocol: protocolVersion, build: "", proof }));
    await waitFor(() => chunks.length === 2);
    const [first, second] = [frame(2, "stat", { path: "/" }), frame(3, "uploadBegin", {})];
    socket.write(Buffer.concat([first, second, first.subarray(0, 7)]));
    socket.write(first.subarray(7, 30));
    await untilEnd(socket);
    const answers = Buffer.concat(chunks).toString("latin1");
    assert.deepEqual(answers.match(/"id":\d/g), ['"id":0', '"id":1', '"id":2', '"id":3']);
    await waitFor(() => ended === 1);
  });

  it("ends who sends what no client has reason to send", async () => {
    await listen({ stat: () => Promise.resolve(someStat), verify: () => new Promise(() => 0) });
    const messages: Readonly<Record<string, readonly object[]>> = {
      "an answer": [{ id: 1, result: {} }],
      "an error": [{ id: null, error: { code: 1, message: "" } }],
      "two requests of one number": [
        { id: 7, method: "verify", params: [{}] },
        { id: 7, method: "stat", params: [{ path: "/" }] },
      ],
      "two whose numbers read alike": [
        { id: 8, method: "verify", params: [{}] },
        { id: "8", method: "stat", params: [{ path: "/" }] },
      ],
      "neither request nor answer": [{ id: 1 }],
    };
    for (const [what, sent] of Object.entries(messages)) {
      const socket = await dial();
      await enter(undefined, socket);
      const frames = sent.flatMap((message) => encodeFrame({ jsonrpc: "2.0", ...message }, 1000));
      socket.write(Buffer.concat(frames));
      await untilEnd(socket);
      assert.ok(socket.destroyed, what);
    }
    assert.equal((await (await enter()).request("stat", { path: "/" })).size, 1);
  });

  it("carries bytes, fractions and absent fields both ways", async () => {
    const content = randomBytes(300_000);
    await listen({
      write: ({ content, base, mtime }) => {
        assert.equal(base, null);
        return Promise.resolve({ ...someStat, size: content.length, mtime: mtime ?? 0 });
      },
      read: () => Promise.resolve(content),
    });
    const link = await enter();
    const written = await link.request("write", { path: "/a", content, base: null, mtime: 0.125 });
    assert.deepEqual(written, { ...someStat, size: 300_000, mtime: 0.125 });
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
    const path = "/x".repeat(mebibyte / 2);
    await assert.rejects(link.request("stat", { path }), { code: "usage", message: /the text/ });
    await assert.rejects(link.request("stat", { path: "/" }), { code: "not-found" });
  });
});
