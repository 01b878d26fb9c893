import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { CloudError, isCloudError } from "../../src/node/rpc/contract.ts";
import type { BaseVersions } from "../../src/provider/documents/base-versions.ts";
import { digestOf } from "../../src/provider/documents/digest.ts";
import type { SaveConflict } from "../../src/provider/documents/save-file.ts";
import type { FileCalls } from "../../src/provider/file-calls.ts";
import { fill, MemoryNode } from "../support/memory-node.ts";
import { always, EditorOnDrive } from "./editor-on-drive.ts";

let node: MemoryNode;
let editor: EditorOnDrive;
let files: FileCalls;
let bases: BaseVersions;
let kept: Map<string, string>;
let unsaved: Map<string, string>;
let conflicts: SaveConflict[];

/** A window opens; what was kept of an earlier one is still there. */
function open(): void {
  editor = new EditorOnDrive(node, kept);
  ({ files, bases, unsaved, conflicts } = editor);
}

beforeEach(() => {
  node = new MemoryNode();
  kept = new Map();
  open();
});

async function read(path: string): Promise<string> {
  return new TextDecoder().decode(await files.read(path));
}

const edit = (path: string, text: string): Promise<void> => editor.edit(path, text);
const save = (path: string): Promise<void> => editor.save(path);

describe("the calls of the editor", () => {
  it("are answered from memory after the first, absence included", async () => {
    fill(node, "/src", ["a.ts", "b.ts"]);
    for (let i = 0; i < 14; i++) {
      await files.list("/");
      await files.list("/src");
      await files.stat("/src/a.ts");
      assert.equal(await read("/src/b.ts"), "text of b.ts");
      await assert.rejects(files.read("/.vscode/settings.json"), { code: "not-found" });
      await assert.rejects(files.stat("/src/c.ts"), { code: "not-found" });
    }
    assert.equal(node.requests.length, 3 + 1, node.requests.join("\n"));
  });

  it("share one request when they come at the same time", async () => {
    node.put("/a", "one");
    await Promise.all([files.stat("/a"), files.stat("/a"), files.read("/a"), files.read("/a")]);
    assert.deepEqual(node.requests.sort(), ["read /a", "stat /a"]);
  });

  it("see at once what another window wrote", async () => {
    node.put("/a", "one");
    assert.equal(await read("/a"), "one");
    node.put("/a", "two, longer");
    assert.equal(await read("/a"), "two, longer");
    assert.equal((await files.stat("/a")).size, 11);
    node.remove("/a");
    await assert.rejects(files.stat("/a"), { code: "not-found" });
  });

  it("never keep an answer that a change overtook on its way", async () => {
    node.put("/a", "one");
    let changed = false;
    node.beforeAnswer = async (name) => {
      if (name !== "stat" || changed) return;
      changed = true;
      await Promise.resolve();
      node.put("/a", "two, longer");
    };
    await files.stat("/a");
    assert.ok(changed);
    assert.equal((await files.stat("/a")).size, 11);
  });

  it("ask anew after one whose answer was lost, which may have been done", async () => {
    await assert.rejects(files.stat("/d"), { code: "not-found" });
    node.onChanged = () => undefined;
    node.beforeAnswer = (name) =>
      name === "mkdir"
        ? Promise.reject(new CloudError("unavailable", "the connection ended"))
        : Promise.resolve();
    await assert.rejects(files.createFolder("/d"), { code: "unavailable" });
    assert.equal((await files.stat("/d")).kind, "folder");
  });

  it("follow symbolic links within the drive and survive circles", async () => {
    fill(node, "/real", ["a"]);
    node.link("/to-folder", "real");
    node.link("/real/to-file", "../real/a");
    node.link("/circle", "circle");
    node.link("/nowhere", "/absent");
    assert.equal(await read("/to-folder/to-file"), "text of a");
    assert.deepEqual(
      (await files.list("/")).map(({ name, kind, link }) => [name, kind, link]),
      [
        ["real", "folder", false],
        ["to-folder", "folder", true],
        ["circle", "link", true],
        ["nowhere", "link", true],
      ],
    );
    await files.write("/to-folder/a", new TextEncoder().encode("new"), always);
    assert.equal(node.text("/real/a"), "new");
    await files.remove("/to-folder", true);
    assert.equal(node.text("/real/a"), "new");
  });

  it("carry a large file in parts, both ways", async () => {
    const large = new Uint8Array(9_000_000).map((_, i) => i % 251);
    await files.write("/large", large, always);
    assert.deepEqual(await files.read("/large"), large);
    assert.equal(node.requests.filter((request) => request === "uploadPart").length, 3);
  });

  it("demand what their options say", async () => {
    const content = new Uint8Array(1);
    await assert.rejects(files.write("/a", content, { create: false, overwrite: true }), {
      code: "not-found",
    });
    await files.write("/a", content, { create: true, overwrite: false });
    await assert.rejects(files.write("/a", content, { create: true, overwrite: false }), {
      code: "exists",
    });
    await assert.rejects(files.read("/"), { code: "is-a-folder" });
  });
});

describe("a very large file", () => {
  it("is refused at first while its size is told, and served when asked again", async () => {
    await files.write("/large", new Uint8Array(50_000_001), always);
    await assert.rejects(files.read("/large"), { code: "unavailable" });
    assert.equal((await files.stat("/large")).size, 50_000_001);
    assert.equal((await files.read("/large")).length, 50_000_001);
    await assert.rejects(files.read("/large"), { code: "unavailable" });
  });

  it("is refused anew when the second call comes late", async () => {
    await files.write("/large", new Uint8Array(50_000_001), always);
    await assert.rejects(files.read("/large"), { code: "unavailable" });
    editor.now += 121_000;
    await assert.rejects(files.read("/large"), { code: "unavailable" });
  });

  it("that is shown is loaded again at once, until its editor is closed", async () => {
    await files.write("/large", new Uint8Array(50_000_001), always);
    editor.shown.add("/large");
    await assert.rejects(files.read("/large"), { code: "unavailable" });
    await files.read("/large");
    await files.write("/large", new Uint8Array(50_000_002), always);
    assert.equal((await files.read("/large")).length, 50_000_002);
    editor.gate.closed("/large");
    await assert.rejects(files.read("/large"), { code: "unavailable" });
  });

  it("that was shown when it was small is loaded again at once", async () => {
    await files.write("/log", new Uint8Array(1), always);
    editor.shown.add("/log");
    await files.read("/log");
    await files.write("/log", new Uint8Array(50_000_001), always);
    assert.equal((await files.read("/log")).length, 50_000_001);
  });
});

describe("a save", () => {
  it("is stored over the version it is based on, again and again", async () => {
    node.put("/a", "one");
    for (const text of ["two", "three", "four"]) {
      await edit("/a", text);
      await save("/a");
      assert.equal(node.text("/a"), text);
    }
  });

  it("is refused when another window was faster, and told to the person", async () => {
    node.put("/a", "one");
    await edit("/a", "mine");
    const theirs = node.put("/a", "theirs");
    const before = await files.stat("/a");
    assert.equal(before.size, 3, "stat tells the base while the document is edited");
    await assert.rejects(save("/a"), (error) => {
      assert.ok(isCloudError(error, "conflict"));
      assert.match(error.message, /"a" was changed on laptop/);
      return true;
    });
    assert.equal(node.text("/a"), "theirs");
    assert.deepEqual(
      conflicts.map(({ path, current }) => [path, current.version]),
      [["/a", theirs.version]],
    );
  });

  it("replaces the other version once the person has said so, and no later one", async () => {
    node.put("/a", "one");
    await edit("/a", "mine");
    const theirs = node.put("/a", "theirs");
    await assert.rejects(save("/a"), { code: "conflict" });
    bases.rebase("/a", theirs.version);
    assert.equal((await files.stat("/a")).size, 3, "the editor would ask a second time");
    node.put("/a", "later still");
    await assert.rejects(save("/a"), { code: "conflict" });
    bases.rebase("/a", conflicts[1]?.current.version ?? "");
    await save("/a");
    assert.equal(node.text("/a"), "mine");
  });

  it("is not refused for a change that holds the same text", async () => {
    node.put("/a", "one");
    await edit("/a", "two");
    node.put("/a", "two");
    await save("/a");
    await edit("/a", "three");
    await save("/a");
    assert.equal(node.text("/a"), "three");
  });

  it("brings back a file that was deleted meanwhile", async () => {
    node.put("/a", "one");
    await edit("/a", "mine");
    node.remove("/a");
    await save("/a");
    assert.equal(node.text("/a"), "mine");
  });

  it("keeps its base when the edited file is read for a comparison", async () => {
    node.put("/a", "one");
    await edit("/a", "mine");
    node.put("/a", "theirs");
    assert.equal(await read("/a"), "theirs");
    await assert.rejects(save("/a"), { code: "conflict" });
  });

  it("stands on what the editor shows, not on what was read too late to be shown", async () => {
    node.put("/a", "one");
    bases.shows("/a", digestOf(await files.read("/a")));
    node.put("/a", "theirs");
    assert.equal(await read("/a"), "theirs");
    bases.edited("/a");
    unsaved.set("/a", "mine");
    await assert.rejects(save("/a"), { code: "conflict" });
  });

  it("stands on the newer version when a clean document was loaded again", async () => {
    node.put("/a", "one");
    bases.shows("/a", digestOf(await files.read("/a")));
    node.put("/a", "theirs");
    bases.shows("/a", digestOf(await files.read("/a")));
    await edit("/a", "mine");
    await save("/a");
    assert.equal(node.text("/a"), "mine");
  });

  it("stands on what a revert has brought, and on the old text after an undo", async () => {
    node.put("/a", "one");
    await edit("/a", "mine");
    node.put("/a", "theirs");
    const reverted = digestOf(await files.read("/a"));
    bases.shows("/a", digestOf("one"));
    unsaved.delete("/a");
    bases.edited("/a");
    unsaved.set("/a", "mine");
    await assert.rejects(save("/a"), { code: "conflict" });
    await files.read("/a");
    bases.shows("/a", reverted);
    unsaved.delete("/a");
    await edit("/a", "mine, on theirs");
    await save("/a");
    assert.equal(node.text("/a"), "mine, on theirs");
  });

  it("goes on after a revert, as the editor was told another time and size for what it read", async () => {
    node.put("/a", "one");
    await edit("/a", "mine");
    node.put("/a", "theirs, which is longer");
    await assert.rejects(save("/a"), { code: "conflict" });
    // A revert reads while the text still counts as edited.
    const told = await files.stat("/a");
    bases.shows("/a", digestOf(await files.read("/a")));
    bases.edited("/a");
    unsaved.set("/a", "mine, on theirs");
    assert.deepEqual(await files.stat("/a"), told, "the editor would take it for newer");
    await save("/a");
    assert.equal(node.text("/a"), "mine, on theirs");
  });

  it("stands on the newest reading where the text can't be told by its bytes", async () => {
    node.put("/a", "one");
    await files.read("/a");
    bases.shows("/a", digestOf("another encoding"));
    node.put("/a", "two");
    await files.read("/a");
    bases.edited("/a");
    unsaved.set("/a", "mine");
    await save("/a");
    assert.equal(node.text("/a"), "mine");
  });

  it("stands on the newest reading once the text can no longer be told by its bytes", async () => {
    const asShown = "eins\nzwei\ndrei\n";
    for (const theirs of ["eins\r\nzwei\ndrei\n", "eins\rzwei\rdrei\r"]) {
      node.put("/a", "eins\n");
      bases.shows("/a", digestOf(await files.read("/a")));
      node.put("/a", theirs);
      await files.read("/a");
      assert.equal(bases.shows("/a", digestOf(asShown)), false);
      bases.rests("/a");
      bases.edited("/a");
      unsaved.set("/a", "mine\n");
      await save("/a");
      assert.equal(node.text("/a"), "mine\n");
    }
  });

  it("stands on what the editor shows, where what was read too late can't be told", async () => {
    node.put("/a", "one\n");
    bases.shows("/a", digestOf(await files.read("/a")));
    node.put("/a", "mixed\r\nline ends\n");
    await files.read("/a");
    bases.shows("/a", digestOf("one\nm"));
    bases.edited("/a");
    bases.rests("/a");
    unsaved.set("/a", "one\nmine\n");
    await assert.rejects(save("/a"), { code: "conflict" });
  });

  it("is checked against the base from before a restart", async () => {
    node.put("/a", "one");
    await edit("/a", "mine");
    node.put("/a", "their longer text");
    open();
    bases.edited("/a");
    unsaved.set("/a", "mine");
    assert.equal((await files.stat("/a")).size, 3);
    await assert.rejects(save("/a"), { code: "conflict" });
  });

  it("leaves no base behind once it is stored", async () => {
    node.put("/a", "one");
    await edit("/a", "two");
    assert.equal(kept.size, 1);
    await save("/a");
    assert.equal(kept.size, 0);
  });

  it("keeps its base across a rename of the file or its folder", async () => {
    fill(node, "/d", ["a"]);
    await edit("/d/a", "mine");
    await files.rename("/d", "/e", false);
    unsaved.delete("/d/a");
    unsaved.set("/e/a", "mine");
    const other = node.put("/e/a", "theirs");
    await assert.rejects(save("/e/a"), { code: "conflict" });
    bases.rebase("/e/a", other.version);
    await save("/e/a");
    assert.equal(node.text("/e/a"), "mine");
  });

  it("by another extension goes through and makes an edited document stale", async () => {
    node.put("/a", "one");
    await edit("/a", "mine");
    await files.write("/a", new TextEncoder().encode("generated"), always);
    assert.equal(node.text("/a"), "generated");
    await assert.rejects(save("/a"), { code: "conflict" });
  });
});
