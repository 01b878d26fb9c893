import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { CloudError } from "../../src/node/rpc/contract.ts";
import { NodeLink, type NodeConnection } from "../../src/provider/node-link.ts";
import { MemoryNode } from "./memory-node.ts";

/** A node that can be reached or not, and whose connections can be cut. */
function reachable(node: MemoryNode) {
  const world = {
    connections: 0,
    failing: undefined as CloudError | undefined,
    cut: () => undefined as unknown,
    /** The connection ends while such a request is under way. */
    cutAt: undefined as string | undefined,
  };
  const connect = async (): Promise<NodeConnection> => {
    await Promise.resolve();
    if (world.failing !== undefined) throw world.failing;
    world.connections++;
    const closed = Promise.withResolvers<undefined>();
    world.cut = () => {
      closed.resolve(undefined);
    };
    return {
      request: async (name, params) => {
        const answer = await node.request(name, params);
        if (world.cutAt !== name) return answer;
        world.cutAt = undefined;
        world.cut();
        throw new CloudError("unavailable", "the connection ended");
      },
      on: () => undefined,
      closed: closed.promise,
      close: () => {
        world.cut();
      },
    };
  };
  return { world, connect };
}

function linkTo(node: MemoryNode) {
  const { world, connect } = reachable(node);
  const states: string[] = [];
  const listener = {
    onState: ({ kind }: { kind: string }) => states.push(kind),
    onConnected: () => undefined,
  };
  return { world, states, link: new NodeLink(connect, listener, 50) };
}

describe("the link to the node", () => {
  it("connects once for all who ask", async () => {
    const { world, states, link } = linkTo(new MemoryNode());
    assert.deepEqual(states, []);
    await Promise.all([link.request("status", {}), link.request("list", { path: "/" })]);
    assert.equal(world.connections, 1);
    assert.deepEqual(states, ["connecting", "connected"]);
  });

  it("connects anew after an end", async () => {
    const { world, states, link } = linkTo(new MemoryNode());
    await link.open();
    world.cut();
    await Promise.resolve();
    await link.request("status", {});
    assert.equal(world.connections, 2);
    assert.deepEqual(states, ["connecting", "connected", "idle", "connecting", "connected"]);
  });

  it("sends a question again when the connection ends under it", async () => {
    const node = new MemoryNode();
    node.put("/a", "one");
    const { world, link } = linkTo(node);
    world.cutAt = "stat";
    assert.equal((await link.request("stat", { path: "/a" })).size, 3);
  });

  it("does not send a write again, and says that it may have been stored", async () => {
    const node = new MemoryNode();
    const { world, link } = linkTo(node);
    world.cutAt = "write";
    const write = link.request("write", { path: "/a", content: new Uint8Array(1) });
    await assert.rejects(write, { code: "unavailable", message: /not known/ });
    assert.equal(node.requests.filter((request) => request === "write /a").length, 1);
  });

  it("passes on why the node can't be reached, and tries again at the next request", async () => {
    const { world, states, link } = linkTo(new MemoryNode());
    world.failing = new CloudError("newer", "the store needs a newer IPCloud");
    await assert.rejects(link.request("status", {}), world.failing);
    assert.equal(states.at(-1), "unavailable");
    world.failing = undefined;
    await link.request("status", {});
    assert.equal(states.at(-1), "connected");
  });

  it("gives up waiting at the deadline, and is there when the node comes late", async () => {
    const late = Promise.withResolvers<NodeConnection>();
    const { connect } = reachable(new MemoryNode());
    const states: string[] = [];
    const listener = {
      onState: ({ kind }: { kind: string }) => states.push(kind),
      onConnected: () => undefined,
    };
    const link = new NodeLink(() => late.promise, listener, 5);
    await assert.rejects(link.request("status", {}), { code: "unavailable" });
    assert.equal(states.at(-1), "unavailable");
    late.resolve(await connect());
    await link.request("status", {});
    assert.equal(states.at(-1), "connected");
  });
});
