import assert from "node:assert/strict";
import { always, EditorOnDrive } from "../provider/editor-on-drive.ts";
import { MemoryNode } from "../support/memory-node.ts";
import { type Answers, run } from "./run-in-test.ts";

/** Where links lie and what they say. */
const links: Readonly<Record<string, string>> = {
  "/relative": "real/a",
  "/real/up": "../real/./a",
  "/absolute": "/real/a",
  "/real/deep/absolute": "/real//a",
  "/above-the-root": "../../real/a",
  "/to-folder": "/real",
  "/real/deep/to-folder": "..",
  "/chain": "absolute",
  "/circle": "circle",
  "/nowhere": "/etc/passwd",
};

/** What opens as `/real/a`. */
const open: readonly string[] = [
  "/real/a",
  "/relative",
  "/real/up",
  "/absolute",
  "/real/deep/absolute",
  "/above-the-root",
  "/to-folder/a",
  "/to-folder/deep/to-folder/a",
  "/chain",
];

/** What leads nowhere. */
const closed: readonly string[] = ["/circle", "/nowhere", "/nowhere/passwd", "/to-folder/absent"];

function makeDrive(): MemoryNode {
  const node = new MemoryNode();
  node.mkdir("/real");
  node.mkdir("/real/deep");
  node.put("/real/a", "text of a");
  for (const [path, target] of Object.entries(links)) node.link(path, target);
  return node;
}

function answersOf(node: MemoryNode): Answers {
  return {
    stat: (params) => node.request("stat", params),
    readLink: (params) => node.request("readLink", params),
    read: (params) => node.request("read", params),
  };
}

describe("a symbolic link leads to the same place for every client", () => {
  const node = makeDrive();
  const { files } = new EditorOnDrive(node, new Map());
  const answers = answersOf(node);

  for (const path of open) {
    it(`${path} opens`, async () => {
      assert.equal(new TextDecoder().decode(await files.read(path)), "text of a");
      const { status, stdout, stderr } = await run(["cat", path], { answers });
      assert.deepEqual([status, stdout, stderr], [0, "text of a", ""]);
    });
  }

  for (const path of closed) {
    it(`${path} leads nowhere, which is told and no fault`, async () => {
      await assert.rejects(files.read(path), { code: "not-found" });
      const { status, stderr } = await run(["cat", path], { answers });
      assert.equal(status, 3, stderr);
      assert.match(stderr, new RegExp(path));
    });
  }

  it("a write through one goes where it leads", async () => {
    const other = makeDrive();
    const editor = new EditorOnDrive(other, new Map());
    await editor.files.write("/absolute", new TextEncoder().encode("new"), always);
    assert.equal(other.text("/real/a"), "new");
  });
});
