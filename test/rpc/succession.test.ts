import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { connectRunning } from "../../src/node/rpc/client.ts";
import { readEndpoint } from "../../src/node/rpc/endpoint.ts";
import { stopNode } from "../../src/node/rpc/stop-node.ts";
import { eachNode, isAlive, kill, until, untilGone } from "./started-nodes.ts";

/** Of the file that says where a node is. */
interface EndpointFile {
  readonly process: { readonly pid: number };
  readonly successor?: { readonly pid: number };
}

describe("a process that goes on in the place of a node", () => {
  const at = eachNode();
  const { enter, pidOf, mark, inHome, options } = at;
  const content = new Uint8Array();

  const endpointFile = (): EndpointFile =>
    JSON.parse(readFileSync(join(at.home, "node.json"), "utf8")) as EndpointFile;
  /** The process that is named to go on, once one is. */
  const named = async (): Promise<number> => {
    await until(() => endpointFile().successor !== undefined);
    const pid = endpointFile().successor?.pid ?? 0;
    at.pids.add(pid);
    return pid;
  };
  const rejected = (request: Promise<unknown>): Promise<string> =>
    request.then(
      () => "done",
      (error: unknown) => (error as Error & { readonly code: string }).code,
    );

  it("begins when the other has ended, and keeps its token", async () => {
    const client = await enter();
    const pid = await pidOf(client);
    const before = readEndpoint(at.home);
    await client.request("lock", {});
    assert.ok(!isAlive(pid));
    const after = readEndpoint(at.home);
    assert.ok(after !== undefined && inHome("parts-closed"));
    assert.deepEqual(after.token, before?.token);
    assert.equal(after.process?.pid, await pidOf(client));
    assert.equal(after.successor, undefined);
  });

  it("is asked what the other did not begin or broke off; writes that run are finished there", async () => {
    const [client, other] = [await enter(), await enter()];
    const write = client.request("write", { path: "/slow", content });
    const walk = other.request("verify", {});
    await until(() => inHome("write-began"));
    const lock = client.request("lock", {});
    const next = await named();
    const late = [client.request("stat", { path: "/late" }), other.request("stat", { path: "/" })];
    assert.ok(!inHome("parts-closed"), "it waits for the write");
    mark("write-may-end");
    assert.equal((await write).mtime, 2, "it was not aborted");
    await lock;
    assert.equal((await walk).blocks, 0, "the walk was walked there");
    for (const { size } of await Promise.all(late)) assert.equal(size, 3);
    assert.deepEqual([await pidOf(client), await pidOf(other)], [next, next]);
  });

  it("is waited for by a client that starts none", async () => {
    const client = await enter();
    const write = client.request("write", { path: "/slow", content });
    await until(() => inHome("write-began"));
    const lock = client.request("lock", {});
    const next = await named();
    const coming = connectRunning({ home: at.home, build: "1.0.0" });
    mark("write-may-end");
    await Promise.all([write, lock]);
    const came = (await coming) ?? assert.fail("it was there all the time");
    at.clients.push(came);
    assert.equal(await pidOf(came), next);
  });

  it("answers for the other only where it is asked to", async () => {
    const client = await enter();
    const pid = await pidOf(client);
    const secret = { key: new Uint8Array(32) };
    await client.request("confirmWords", { secret, account: "a" });
    assert.notEqual(await pidOf(client), pid);
    await untilGone(pid);
  });

  it("is stopped with it", async () => {
    const client = await enter();
    const pid = await pidOf(client);
    const write = client.request("write", { path: "/slow", content });
    await until(() => inHome("write-began"));
    const lock = rejected(client.request("lock", {}));
    const next = await named();
    const stopped = stopNode(at.home);
    mark("write-may-end");
    await write;
    assert.equal(await stopped, "stopped");
    await lock;
    await untilGone(pid);
    await untilGone(next);
    assert.ok(!inHome("node.json") && !inHome("node.sock"));
  });

  it("does not come if the other is told by a signal to end", async () => {
    const client = await enter();
    const pid = await pidOf(client);
    const write = client.request("write", { path: "/slow", content });
    await until(() => inHome("write-began"));
    const lock = rejected(client.request("lock", {}));
    const next = await named();
    kill(pid, "SIGTERM");
    await untilGone(next);
    mark("write-may-end");
    await write;
    await untilGone(pid);
    assert.equal(await lock, "done");
    assert.ok(!inHome("node.json"));
  });

  it("does not come if the other was halted and is stopped", async () => {
    const pid = await pidOf(await enter());
    for (const each of at.clients.splice(0)) each.close();
    const client = await connectRunning({ home: at.home, build: "1.0.0" });
    assert.ok(client !== undefined);
    at.clients.push(client);
    const write = client.request("write", { path: "/slow", content });
    await until(() => inHome("write-began"));
    const lock = rejected(client.request("lock", {}));
    const next = await named();
    kill(pid, "SIGSTOP");
    mark("write-may-end");
    const patience = { answerMs: 200, finishMs: 10_000, signalMs: 2_000 };
    assert.equal(await stopNode(at.home, patience), "stopped");
    await Promise.all([write, lock, untilGone(pid), untilGone(next)]);
    assert.equal(await connectRunning({ home: at.home }), undefined);
  });

  it("does not begin if the other was killed: the next client starts a node", async () => {
    const client = await enter();
    const pid = await pidOf(client);
    const write = rejected(client.request("write", { path: "/slow", content }));
    await until(() => inHome("write-began"));
    const lock = rejected(client.request("lock", {}));
    const next = await named();
    kill(pid, "SIGKILL");
    await untilGone(next);
    assert.deepEqual([await write, await lock], ["unavailable", "unavailable"]);
    const after = await pidOf(client);
    assert.ok(![pid, next].includes(after));
  });

  it("is not waited for once it is gone", async () => {
    const given = options();
    const client = await enter(given);
    const write = client.request("write", { path: "/slow", content });
    await until(() => inHome("write-began"));
    const lock = client.request("lock", {});
    const next = await named();
    kill(next, "SIGKILL");
    mark("write-may-end");
    await write;
    await lock;
    rmSync(join(at.home, "write-may-end"));
    assert.notEqual(await pidOf(client), next);
  });
});
