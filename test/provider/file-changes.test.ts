import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { EntryKind, PathChange } from "../../src/node/rpc/contract.ts";
import { fileChanges } from "../../src/provider/file-changes.ts";
import { pick, seeded } from "../blocks/random.ts";

function told(...events: PathChange[][]): string[] {
  return fileChanges(events)
    .map(({ kind, path }) => `${kind} ${path}`)
    .sort();
}

function change(type: PathChange["type"], path: string, kind: EntryKind = "file"): PathChange {
  return { type, kind, path };
}

function move(from: string, path: string, kind: EntryKind = "file"): PathChange {
  return { type: "moved", kind, path, from };
}

describe("changes as the editor's watchers know them", () => {
  it("tell what was created, changed and deleted", () => {
    assert.deepEqual(
      told([change("added", "/a"), change("changed", "/b"), change("removed", "/c")]),
      ["changed /b", "created /a", "deleted /c"],
    );
  });

  it("tell a move as a deletion and a creation", () => {
    assert.deepEqual(told([move("/from", "/to", "folder")]), ["created /to", "deleted /from"]);
  });

  it("tell a save by renaming over the file as a change, in one event or several", () => {
    const [made, gone, moved] = [
      change("added", "/a.tmp"),
      change("removed", "/a"),
      move("/a.tmp", "/a"),
    ];
    for (const events of [
      [[made], [gone, moved]],
      [[made], [moved, gone]],
      [[made], [gone], [moved]],
    ])
      assert.deepEqual(told(...events), ["changed /a", "deleted /a.tmp"]);
  });

  it("tell two files that changed places as changed", () => {
    assert.deepEqual(told([move("/a", "/b"), move("/b", "/a")]), ["changed /a", "changed /b"]);
  });

  it("tell a file that was made and then written as created, and then removed as deleted", () => {
    assert.deepEqual(told([change("added", "/a")], [change("changed", "/a")]), ["created /a"]);
    assert.deepEqual(told([change("added", "/a")], [change("removed", "/a")]), ["deleted /a"]);
  });

  it("tell a folder that was removed and made again as created, so that it is listed anew", () => {
    const [gone, made] = [change("removed", "/d", "folder"), change("added", "/d", "folder")];
    for (const events of [[[gone, made]], [[made, gone]], [[gone], [made]]])
      assert.deepEqual(told(...events), ["created /d"]);
  });

  it("say of nothing that stands that it was deleted, in whatever order an event tells it", () => {
    const random = seeded(11);
    const paths = ["/a", "/b", "/c", "/d"];
    for (let round = 0; round < 2000; round++) {
      const before = new Map(paths.filter(() => random() < 0.5).map((path) => [path, round]));
      const after = new Map(before);
      for (let step = 0; step < 4; step++)
        act(after, pick(random, ["put", "remove", "move"]), step);
      const expected = told(differences(before, after));
      const shuffled = differences(before, after).sort(() => random() - 0.5);
      assert.deepEqual(told(shuffled), expected);
      for (const path of paths) {
        const says = expected.find((line) => line.endsWith(path))?.split(" ")[0];
        if (says !== undefined) assert.equal(says === "deleted", !after.has(path), path);
      }
    }

    function act(files: Map<string, number>, verb: string, step: number): void {
      const [path, to] = [pick(random, paths), pick(random, paths)];
      const content = files.get(path);
      if (verb === "put") files.set(path, 10_000 + step + Math.floor(random() * 1e9));
      else files.delete(path);
      if (verb === "move" && content !== undefined) files.set(to, content);
    }
  });
});

/** What the node would tell: a content that went elsewhere has moved. */
function differences(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): PathChange[] {
  const changes: PathChange[] = [];
  const moved = new Set<string>();
  for (const [path, content] of after) {
    if (before.get(path) === content) continue;
    const from = [...before].find(([at, was]) => was === content && after.get(at) !== was)?.[0];
    if (from !== undefined && !moved.has(from)) {
      moved.add(from);
      changes.push(move(from, path));
      if (before.has(path)) changes.push(change("removed", path));
    } else changes.push(change(before.has(path) ? "changed" : "added", path));
  }
  for (const path of before.keys())
    if (!after.has(path) && !moved.has(path)) changes.push(change("removed", path));
  return changes;
}
