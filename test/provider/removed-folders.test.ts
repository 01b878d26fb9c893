import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { CloudError } from "../../src/node/rpc/contract.ts";
import type { UndoableFiles } from "../../src/provider/undo/undoable-files.ts";
import { fill, MemoryNode } from "../support/memory-node.ts";
import { always, EditorOnDrive } from "./editor-on-drive.ts";

let node: MemoryNode;
let editor: EditorOnDrive;
let files: UndoableFiles;

describe("the removal of a folder", () => {
  /** A person deletes a folder in the Explorer. */
  async function remove(path: string): Promise<void> {
    editor.removed.announceRemoval(path);
    await files.remove(path, true);
  }

  async function namesIn(path: string): Promise<string[]> {
    return (await files.list(path)).map(({ name }) => name);
  }

  beforeEach(() => {
    node = new MemoryNode();
    editor = new EditorOnDrive(node, new Map());
    ({ files } = editor);
    fill(node, "/src", ["a.ts", "b.ts"]);
  });

  afterEach(() => {
    assert.deepEqual(editor.errors, []);
  });

  it("is undone with all that was in the folder", async () => {
    await remove("/src");
    assert.equal(node.has("/src/a.ts"), false);
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.equal(node.text("/src/a.ts"), "text of a.ts");
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts"]);
  });

  it("is undone again after a redo", async () => {
    await remove("/src");
    await files.createFolder("/src");
    await editor.afterAWhile();
    node.put("/src/a.ts", "newer");
    await files.remove("/src", true);
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.equal(node.text("/src/a.ts"), "newer");
  });

  it("stays redone where the redo came at once, and can be undone then", async () => {
    await remove("/src");
    await files.createFolder("/src");
    await files.remove("/src", true);
    await editor.afterAWhile();
    assert.equal(node.has("/src"), false);
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts"]);
  });

  it("is undone after that of a folder below it, each with what was in it", async () => {
    node.mkdir("/src/deep");
    node.put("/src/deep/c.ts", "text of c.ts");
    await remove("/src/deep");
    await remove("/src");
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts"]);
    await files.createFolder("/src/deep");
    await editor.afterAWhile();
    assert.equal(node.text("/src/deep/c.ts"), "text of c.ts");
  });

  it("is undone at once after that of a folder below it, and redone and undone again", async () => {
    node.mkdir("/src/deep");
    node.put("/src/deep/c.ts", "text of c.ts");
    await remove("/src/deep");
    await remove("/src");
    for (let times = 0; times < 3; times++) {
      await files.createFolder("/src");
      await files.createFolder("/src/deep");
      await editor.afterAWhile();
      assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts", "deep"]);
      assert.equal(node.text("/src/deep/c.ts"), "text of c.ts");
      await files.remove("/src/deep", true);
      await files.remove("/src", true);
      await editor.afterAWhile();
      assert.equal(node.has("/src"), false);
    }
    await files.createFolder("/src");
    await files.createFolder("/src/deep");
    await files.remove("/src/deep", true);
    await files.remove("/src", true);
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts"]);
  });

  it("is undone beside that of a folder below it, which makes the folder above too", async () => {
    node.mkdir("/src/deep");
    node.put("/src/deep/c.ts", "text of c.ts");
    await remove("/src/deep");
    await remove("/src");
    const below = async (): Promise<void> => {
      await assert.rejects(files.createFolder("/src"), { code: "exists" });
      await files.createFolder("/src/deep");
    };
    await Promise.all([files.createFolder("/src"), below()]);
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts", "deep"]);
    assert.equal(node.text("/src/deep/c.ts"), "text of c.ts");
  });

  it("is undone at once after that of a file in it", async () => {
    const content = await files.read("/src/a.ts");
    for (let times = 0; times < 2; times++) {
      await remove("/src/a.ts");
      await remove("/src");
      await files.createFolder("/src");
      await files.write("/src/a.ts", content, always);
      await editor.afterAWhile();
      assert.deepEqual(await namesIn("/src"), ["b.ts", "a.ts"]);
    }
  });

  it("is undone at once after a file was moved out of it", async () => {
    editor.removed.announceCreation("/a.ts");
    await files.rename("/src/a.ts", "/a.ts", false);
    await remove("/src");
    await files.createFolder("/src");
    await files.rename("/a.ts", "/src/a.ts", false);
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["b.ts", "a.ts"]);
  });

  it("is not undone by another content at the place of a file that was removed before", async () => {
    await remove("/src/a.ts");
    await remove("/src");
    await files.createFolder("/src");
    await files.write("/src/a.ts", new Uint8Array(1), always);
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts"]);
  });

  /** Answers to requests of one name wait for the function that it gives. */
  function holdBack(held: string): () => void {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    node.beforeAnswer = (name) => (name === held ? released : Promise.resolve());
    return () => {
      node.beforeAnswer = () => Promise.resolve();
      release();
    };
  }

  /** Lets a redo end that was held back: the folder is gone, and its undo brings all back. */
  async function checkRedone(redo: Promise<unknown>, release: () => void): Promise<void> {
    await editor.afterAWhile();
    release();
    await redo;
    await editor.afterAWhile();
    assert.equal(node.has("/src"), false);
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts"]);
  }

  it("stays redone where the redo is on its way when the contents would follow", async () => {
    await remove("/src");
    await files.createFolder("/src");
    const release = holdBack("remove");
    const redo = files.remove("/src", true);
    await checkRedone(redo, release);
  });

  it("stays redone where the contents were on their way, and can be undone then", async () => {
    await remove("/src");
    await files.createFolder("/src");
    const release = holdBack("restore");
    await editor.afterAWhile();
    const redo = files.remove("/src", true);
    await checkRedone(redo, release);
  });

  it("keeps what is written while the contents are on their way", async () => {
    await remove("/src");
    await files.createFolder("/src");
    const release = holdBack("restore");
    await editor.afterAWhile();
    const written = files.write("/src/a.ts", new TextEncoder().encode("newer"), always);
    await editor.afterAWhile();
    assert.equal(node.text("/src/a.ts"), "text of a.ts");
    release();
    await written;
    assert.equal(node.text("/src/a.ts"), "newer");
  });

  it("stays undone where the redo failed", async () => {
    await remove("/src");
    await files.createFolder("/src");
    node.beforeRequest = (name) => {
      if (name === "remove") throw new CloudError("unavailable", "the node ended");
    };
    await assert.rejects(files.remove("/src", true), { code: "unavailable" });
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts"]);
  });

  it("stays redone where somebody else has removed the folder before", async () => {
    await remove("/src");
    await files.createFolder("/src");
    node.remove("/src");
    await assert.rejects(files.remove("/src", true), { code: "not-found" });
    await editor.afterAWhile();
    assert.equal(node.has("/src"), false);
  });

  it("can be undone after a write there that was refused", async () => {
    await remove("/src");
    const options = { create: false, overwrite: true };
    await assert.rejects(files.write("/src/a.ts", new Uint8Array(1), options), {
      code: "not-found",
    });
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts"]);
  });

  it("can be undone where the folder could not be made at first", async () => {
    await remove("/src");
    node.beforeRequest = (name) => {
      if (name === "mkdir") throw new CloudError("unavailable", "the node ended");
    };
    await assert.rejects(files.createFolder("/src"), { code: "unavailable" });
    node.beforeRequest = () => undefined;
    assert.deepEqual(editor.removed.made(), []);
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), ["a.ts", "b.ts"]);
  });

  it("is undone with all that was in the folder when the window closes at once", async () => {
    await remove("/src");
    await files.createFolder("/src");
    await files.finishUndos();
    assert.equal(node.text("/src/a.ts"), "text of a.ts");
    await editor.afterAWhile();
    assert.equal(node.requests.filter((each) => each === "restore /src").length, 1);
  });

  it("takes with it what an undo brings back, moved or removed at once", async () => {
    node.mkdir("/src/deep");
    node.put("/src/deep/c.ts", "text of c.ts");
    await remove("/src/deep");
    await files.createFolder("/src/deep");
    await files.rename("/src", "/lib", false);
    await editor.afterAWhile();
    assert.equal(node.has("/src"), false);
    assert.equal(node.text("/lib/deep/c.ts"), "text of c.ts");
    await remove("/lib/deep");
    await files.createFolder("/lib/deep");
    await remove("/lib");
    await files.createFolder("/lib");
    await editor.afterAWhile();
    assert.equal(node.text("/lib/deep/c.ts"), "text of c.ts");
  });

  it("is not taken for brought back where that failed", async () => {
    await remove("/src");
    node.beforeAnswer = (name) =>
      name === "restore"
        ? Promise.reject(new CloudError("unavailable", "the node ended"))
        : Promise.resolve();
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.equal(editor.errors.length, 1);
    editor.errors.length = 0;
    assert.equal(editor.removed.isUndoable("/src"), false, "nothing was brought back");
  });

  it("is not undone by a person who makes a new folder of that name", async () => {
    await remove("/src");
    editor.removed.announceCreation("/src");
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), []);
  });

  it("is not undone by a new file, for which the editor makes the folder again", async () => {
    await remove("/src");
    editor.removed.announceCreation("/src/new.ts");
    await files.createFolder("/src");
    await editor.afterAWhile();
    await files.write("/src/new.ts", new Uint8Array(1), always);
    assert.deepEqual(await namesIn("/src"), ["new.ts"]);
  });

  it("is not undone by what another extension writes, moves, copies or makes there", async () => {
    node.put("/other", "text");
    const acts: (() => Promise<void>)[] = [
      () => files.write("/src/new.ts", new Uint8Array(1), always),
      () => files.copy("/other", "/src/new.ts", false),
      () => files.rename("/other", "/src/new.ts", false),
      () => files.createFolder("/src/new.ts"),
    ];
    for (const act of acts) {
      await remove("/src");
      await files.createFolder("/src");
      await act();
      await editor.afterAWhile();
      assert.deepEqual(await namesIn("/src"), ["new.ts"]);
    }
  });

  it("is not undone where somebody else has made that folder anew", async () => {
    await remove("/src");
    fill(node, "/src", ["theirs.ts"]);
    node.remove("/src");
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), []);
  });

  it("is not undone by the save of a file that was in it", async () => {
    await editor.edit("/src/a.ts", "mine");
    await remove("/src");
    await files.createFolder("/src");
    await editor.afterAWhile();
    await editor.save("/src/a.ts");
    assert.deepEqual(await namesIn("/src"), ["a.ts"]);
  });

  it("is not undone after more than an hour", async () => {
    await remove("/src");
    editor.now += 3_600_001;
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), []);
  });

  it("by another extension is not undone by its next folder of that name", async () => {
    await files.remove("/src", true);
    await files.createFolder("/src");
    await editor.afterAWhile();
    assert.deepEqual(await namesIn("/src"), []);
  });
});
