import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { CloudError } from "../../src/node/rpc/contract.ts";
import type { NodeClient } from "../../src/provider/link/node-client.ts";
import { Announced, type Need } from "../../src/provider/patience/announced.ts";
import { PatientClient } from "../../src/provider/patience/patient-client.ts";
import { MemoryNode } from "../support/memory-node.ts";

let node: MemoryNode;
let locked: boolean;
let shut: boolean;
let announced: Announced;
/** For each request that found the drive locked: who needs it. */
let asked: Need[];
let client: PatientClient;

beforeEach(() => {
  node = new MemoryNode();
  node.put("/a", "one");
  locked = true;
  shut = false;
  announced = new Announced(() => 0);
  asked = [];
  const lockable: NodeClient = {
    request: (name, params) =>
      locked
        ? Promise.reject(new CloudError("locked", "the drive is locked"))
        : node.request(name, params),
  };
  client = new PatientClient(lockable, {
    isShut: () => shut,
    unlocking: (need) => {
      asked.push(need);
      if (need === "look") return undefined;
      locked = false;
      return Promise.resolve(true);
    },
    need: (_, path) => announced.need(path),
  });
});

describe("a request that finds the drive locked", () => {
  it("is answered once it is unlocked", async () => {
    announced.add("/d", "work");
    await client.request("mkdir", { path: "/d" });
    assert.ok(node.has("/d"));
    assert.deepEqual(asked, ["work"]);
  });

  it("fails where the editor only looks and nobody is asked", async () => {
    await assert.rejects(client.request("stat", { path: "/a" }), { code: "locked" });
    await assert.rejects(client.request("list", { path: "/b" }), { code: "locked" });
    assert.deepEqual(asked, ["look", "look"]);
  });

  it("fails where another extension writes by itself", async () => {
    const content = new Uint8Array();
    await assert.rejects(client.request("mkdir", { path: "/d" }), { code: "locked" });
    await assert.rejects(client.request("move", { from: "/a", to: "/b" }), { code: "locked" });
    await assert.rejects(client.request("copy", { from: "/a", to: "/b" }), { code: "locked" });
    await assert.rejects(client.request("remove", { path: "/a" }), { code: "locked" });
    await assert.rejects(client.request("write", { path: "/a", content }), { code: "locked" });
    assert.deepEqual(asked, ["look", "look", "look", "look", "look"]);
  });

  it("does not reach a node that was stopped, unless somebody needs it", async () => {
    [locked, shut] = [false, true];
    await assert.rejects(client.request("stat", { path: "/a" }), { code: "locked" });
    assert.deepEqual([node.requests, asked], [[], []]);
    announced.add("/a", "auto-save");
    await client.request("stat", { path: "/a" });
    assert.deepEqual(node.requests, ["stat /a"]);
  });

  it("is somebody's work where either end of a rename was announced", async () => {
    announced.add("/b", "work");
    await client.request("move", { from: "/a", to: "/b" });
    assert.deepEqual(asked, ["work"]);
  });

  it("is somebody's work where the editor looks because it saves a file there", async () => {
    announced.add("/saved", "work");
    assert.equal((await client.request("list", { path: "/" })).length, 1);
    assert.deepEqual(asked, ["work"]);
  });

  it("is told apart where the editor saves by itself", async () => {
    announced.add("/a", "auto-save");
    await client.request("stat", { path: "/a" });
    assert.deepEqual(asked, ["auto-save"]);
  });
});
