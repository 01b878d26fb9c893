import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { CloudError, isCloudError } from "../../src/node/rpc/contract.ts";
import {
  type ConnectionHooks,
  NodeLink,
  type ReconnectingClient,
} from "../../src/provider/link/node-link.ts";
import { MemoryNode } from "../support/memory-node.ts";

/** A node that can be reached or not, and a client of it whose connections can be cut. */
class World {
  readonly node = new MemoryNode();
  readonly states: string[] = [];
  connections = 0;
  connected = false;
  failing: CloudError | undefined;
  /** The node is stopped on purpose. */
  isStopped = false;
  /** The connection ends while such a request is under way. */
  cutAt: string | undefined;
  readonly link = new NodeLink((hooks) => this.#connect(hooks), {
    onState: ({ kind }) => this.states.push(kind),
    onConnected: () => this.connections++,
    mayAskAgain: () => !this.isStopped,
    onChanged: () => undefined,
    onStatus: () => undefined,
  });
  #hooks: ConnectionHooks | undefined;

  cut(): void {
    this.connected = false;
    this.#hooks?.onDisconnect();
  }

  async #connect(hooks: ConnectionHooks): Promise<ReconnectingClient> {
    this.#hooks = hooks;
    await this.#reach(hooks);
    return {
      request: async (name, params) => {
        await this.#reach(hooks);
        const answer = await this.node.request(name, params);
        if (this.cutAt !== name) return answer;
        this.cutAt = undefined;
        this.cut();
        throw new CloudError("unavailable", "the connection ended");
      },
      on: () => undefined,
      close: () => undefined,
    };
  }

  async #reach(hooks: ConnectionHooks): Promise<void> {
    await Promise.resolve();
    if (this.connected) return;
    if (this.failing !== undefined) throw this.failing;
    this.connected = true;
    await hooks.onConnect();
  }
}

describe("the link to the node", () => {
  it("connects when it is first needed, once for all who ask", async () => {
    const { link, states, ...world } = new World();
    assert.deepEqual(states, []);
    assert.equal(world.connections, 0);
    await Promise.all([link.request("status", {}), link.request("list", { path: "/" })]);
    assert.deepEqual(states, ["connecting", "connected"]);
  });

  it("tells of an end, and connects anew when it is next needed", async () => {
    const world = new World();
    await world.link.request("status", {});
    world.cut();
    assert.equal(world.states.at(-1), "idle");
    await world.link.request("status", {});
    assert.equal(world.connections, 2);
    assert.deepEqual(world.states.slice(-2), ["connecting", "connected"]);
  });

  it("sends a question again when the connection ends under it", async () => {
    const world = new World();
    world.node.put("/a", "one");
    world.cutAt = "stat";
    assert.equal((await world.link.request("stat", { path: "/a" })).size, 3);
  });

  it("does not start a node again for a question under which it was stopped", async () => {
    const world = new World();
    world.node.put("/a", "one");
    await world.link.request("status", {});
    world.cutAt = "stat";
    world.isStopped = true;
    await assert.rejects(world.link.request("stat", { path: "/a" }), { code: "unavailable" });
    assert.deepEqual([world.connections, world.states.at(-1)], [1, "idle"]);
  });

  it("does not send a write again, and says that it may have been stored", async () => {
    const world = new World();
    world.cutAt = "write";
    const write = world.link.request("write", { path: "/a", content: new Uint8Array(1) });
    await assert.rejects(write, { code: "unavailable", message: /not known/ });
    assert.equal(world.node.requests.filter((request) => request === "write /a").length, 1);
  });

  it("tells all who waited for one connection the same, and the state once", async () => {
    const world = new World();
    world.failing = new CloudError("storage", "/home is not a folder");
    const asked = Array.from({ length: 3 }, () => world.link.request("list", { path: "/" }));
    for (const end of await Promise.allSettled(asked)) {
      assert.ok(end.status === "rejected" && isCloudError(end.reason, "unavailable"));
      assert.equal(end.reason.message, "/home is not a folder");
    }
    assert.deepEqual(world.states, ["connecting", "unavailable"]);
  });

  it("says why the node can't be reached, and tries again at the next request", async () => {
    const world = new World();
    world.failing = new CloudError("newer", "the store needs a newer IPCloud");
    await assert.rejects(world.link.request("status", {}), {
      code: "unavailable",
      message: world.failing.message,
    });
    assert.equal(world.states.at(-1), "unavailable");
    world.failing = undefined;
    await world.link.request("status", {});
    world.cut();
    world.failing = new CloudError("unavailable", "no node");
    await assert.rejects(world.link.request("status", {}), { message: "no node" });
    assert.equal(world.states.at(-1), "unavailable");
  });
});
