import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { CloudError } from "../../src/node/rpc/contract.ts";
import type { NodeClient } from "../../src/provider/node-client.ts";
import { PatientClient } from "../../src/provider/patient-client.ts";
import { MemoryNode } from "./memory-node.ts";

let node: MemoryNode;
let locked: boolean;
/** For each request that found the drive locked: whether it was part of somebody's work. */
let asked: boolean[];
let client: PatientClient;

beforeEach(() => {
  node = new MemoryNode();
  node.put("/a", "one");
  locked = true;
  asked = [];
  const lockable: NodeClient = {
    request: (name, params) =>
      locked
        ? Promise.reject(new CloudError("locked", "the drive is locked"))
        : node.request(name, params),
  };
  client = new PatientClient(
    lockable,
    (isWork) => {
      asked.push(isWork);
      if (!isWork) return undefined;
      locked = false;
      return Promise.resolve(true);
    },
    (path) => path === "/" || path === "/saved",
  );
});

describe("a request that finds the drive locked", () => {
  it("is answered once it is unlocked", async () => {
    await client.request("mkdir", { path: "/d" });
    assert.ok(node.has("/d"));
    assert.deepEqual(asked, [true]);
  });

  it("fails where the editor only looks and nobody is asked", async () => {
    await assert.rejects(client.request("stat", { path: "/a" }), { code: "locked" });
    await assert.rejects(client.request("list", { path: "/b" }), { code: "locked" });
    assert.deepEqual(asked, [false, false]);
  });

  it("is somebody's work where the editor looks because it saves a file there", async () => {
    assert.equal((await client.request("list", { path: "/" })).length, 1);
    assert.deepEqual(asked, [true]);
  });
});
