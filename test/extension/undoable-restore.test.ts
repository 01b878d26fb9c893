import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { restoreFileTo, restoreFolderTo } from "../../src/extension/versions/undoable-restore.ts";
import { CloudError } from "../../src/node/rpc/contract.ts";
import { fill, MemoryNode } from "../support/memory-node.ts";

let node: MemoryNode;

beforeEach(() => {
  node = new MemoryNode();
  fill(node, "/plan", ["a.md", "b.md"]);
});

async function present(): Promise<string> {
  return (await node.request("status", {})).revision ?? "";
}

describe("the restore of a file", () => {
  it("is undone, and knows whether somebody has written since", async () => {
    const { version } = node.put("/plan/a.md", "first");
    node.put("/plan/a.md", "second");
    const restored = await restoreFileTo(node, "/plan/a.md", version);
    assert.equal(node.text("/plan/a.md"), "first");
    node.put("/plan/b.md", "another file");
    assert.equal(await restored.isChanged(), false);
    node.put("/plan/a.md", "third");
    assert.equal(await restored.isChanged(), true);
    await restored.undo?.();
    assert.equal(node.text("/plan/a.md"), "second");
  });

  it("that had been removed is undone by its removal", async () => {
    const { version } = node.put("/plan/a.md", "first");
    node.remove("/plan/a.md");
    const restored = await restoreFileTo(node, "/plan/a.md", version);
    assert.equal(node.text("/plan/a.md"), "first");
    await restored.undo?.();
    assert.equal(node.has("/plan/a.md"), false);
    assert.equal(await restored.isChanged(), true);
    await restored.undo?.();
  });
});

describe("the restore of a folder", () => {
  it("is undone, and knows whether somebody has changed anything below it since", async () => {
    const then = await present();
    node.put("/plan/c.md", "later");
    const restored = await restoreFolderTo(node, "/plan", then);
    assert.equal(node.has("/plan/c.md"), false);
    node.put("/elsewhere", "text");
    assert.equal(await restored.isChanged(), false);
    node.put("/plan/a.md", "edited");
    assert.equal(await restored.isChanged(), true);
    await restored.undo?.();
    assert.equal(node.text("/plan/c.md"), "later");
  });

  it("counts as changed where its revision is gone", async () => {
    const restored = await restoreFolderTo(node, "/plan", await present());
    node.beforeRequest = (name) => {
      if (name === "diff") throw new CloudError("not-found", "retention let go of it");
    };
    assert.equal(await restored.isChanged(), true);
  });

  it("offers no undo where nobody knows what was there before", async () => {
    const then = await present();
    node.withoutRevision = true;
    assert.equal((await restoreFolderTo(node, "/plan", then)).undo, undefined);
  });
});
