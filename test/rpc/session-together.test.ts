import assert from "node:assert/strict";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { type ChangedEvent, type Progress } from "../../src/node/rpc/contract.ts";
import type { Call } from "../../src/node/rpc/handlers.ts";
import { NotBegun, type OnEvent } from "../../src/node/rpc/link.ts";
import { eachServer, mebibyte, someStat, waitFor } from "./listening-server.ts";

describe("a session among others", () => {
  const { listen, serving, dial, enter } = eachServer();

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
    serving().emit("changed", {
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
      stat: () => Promise.resolve(someStat),
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
      serving().emit("changed", { space, revision: i.toString(), changes: [], everything: false });
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
          return { ...someStat, size: content.length };
        },
        status: () => Promise.reject(new CloudError("locked", "still answered")),
      },
      { requestBytes: 5 * mebibyte, ownBytes: 0 },
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
        return someStat;
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
    const drained = serving().drain(10_000);
    await assert.rejects(walk, { code: "unavailable" });
    await assert.rejects(link.request("stat", { path: "/" }), NotBegun);
    open.resolve(undefined);
    await drained;
    assert.deepEqual(await write, someStat);
  });
});
