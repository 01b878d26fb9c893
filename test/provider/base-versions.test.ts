import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import type { BaseVersions } from "../../src/provider/documents/base-versions.ts";
import { digestOf } from "../../src/provider/documents/digest.ts";
import { MemoryNode } from "../support/memory-node.ts";
import { EditorOnDrive } from "./editor-on-drive.ts";

let node: MemoryNode;
let editor: EditorOnDrive;
let bases: BaseVersions;

beforeEach(() => {
  node = new MemoryNode();
  editor = new EditorOnDrive(node, new Map());
  ({ bases } = editor);
});

/** The editor shows a text that was not typed. */
function shows(text: string): boolean {
  return bases.shows("/a", digestOf(text));
}

/** Another program writes, and the editor reads it. */
async function theirs(content: string): Promise<void> {
  node.put("/a", content);
  await editor.files.read("/a");
}

/** The editor reads what another program wrote and shows it as this text, which rests. */
async function showsTheirs(content: string, text = content): Promise<void> {
  await theirs(content);
  if (!shows(text)) bases.rests("/a");
}

/** The person types; the change itself comes before it is told that it is an edit. */
function types(text: string): void {
  shows(text);
  bases.edited("/a");
  editor.unsaved.set("/a", text);
}

/** The person takes back what was typed. */
function undoes(text: string): void {
  editor.unsaved.delete("/a");
  if (!shows(text)) bases.rests("/a");
}

async function isStored(): Promise<void> {
  const text = editor.unsaved.get("/a");
  await editor.save("/a");
  assert.equal(node.text("/a"), text);
}

async function isRefused(): Promise<void> {
  await assert.rejects(editor.save("/a"), { code: "conflict" });
}

const mixed = "one\r\ntwo\n";
const mixedShown = "one\ntwo\n";

describe("a save of text that its bytes do not tell", () => {
  for (const later of ["plain\n", "mixed\r\nas well\n"]) {
    it(`is refused over ${JSON.stringify(later)}, which came too late to be shown`, async () => {
      await showsTheirs("one\n");
      await showsTheirs(mixed, mixedShown);
      await theirs(later);
      types("mine\n");
      bases.rests("/a");
      await isRefused();
    });
  }

  it("is refused over what was read while the text rested", async () => {
    await showsTheirs("one\n");
    await theirs(mixed);
    shows(mixedShown);
    await theirs("mixed\r\nas well\n");
    bases.rests("/a");
    types("mine\n");
    await isRefused();
  });

  it("is refused over what was compared with it before an undo", async () => {
    await showsTheirs(mixed, mixedShown);
    types("mine\n");
    await theirs("mixed\r\nas well\n");
    undoes(mixedShown);
    types("mine again\n");
    await isRefused();
  });

  it("is stored over what the editor loaded last, again and again", async () => {
    await showsTheirs("one\n");
    for (const word of ["two", "three", "four"]) {
      await showsTheirs(`${word}\r\nmixed\n`, `${word}\nmixed\n`);
      types(`mine after ${word}\n`);
      await isStored();
    }
  });

  it("is stored over a later version with a byte order mark", async () => {
    await showsTheirs("one\n");
    await showsTheirs("\uFEFFtwo\n", "two\n");
    types("mine\n");
    await isStored();
  });

  it("is stored over a later version where its encoding never let its bytes tell", async () => {
    await showsTheirs("one\n", "other signs\n");
    types("mine\n");
    await editor.files.write("/a", new TextEncoder().encode("mine\n"), {
      create: true,
      overwrite: true,
    });
    undoes("mine in other signs\n");
    await showsTheirs("two\n", "two in other signs\n");
    types("mine again\n");
    await isStored();
  });
});

describe("a save by an editor that is not of text", () => {
  it("stands on the newest reading after an earlier save", async () => {
    await theirs("picture");
    bases.edited("/a");
    editor.unsaved.set("/a", "painted");
    await editor.files.write("/a", new TextEncoder().encode("painted"), {
      create: true,
      overwrite: true,
    });
    editor.unsaved.delete("/a");
    bases.unedited("/a");
    await theirs("their picture");
    bases.edited("/a");
    editor.unsaved.set("/a", "painted over");
    await isStored();
  });
});
