import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { EntryKind, PathChange } from "../../src/node/rpc/contract.ts";
import { fileChanges } from "../../src/provider/file-changes.ts";

function told(...changes: PathChange[]): string[] {
  return fileChanges(changes).map(({ kind, path }) => `${kind} ${path}`);
}

function change(type: PathChange["type"], path: string, kind: EntryKind = "file"): PathChange {
  return { type, kind, path };
}

describe("changes as the editor's watchers know them", () => {
  it("tell what was created, changed and deleted", () => {
    assert.deepEqual(
      told(change("added", "/a"), change("changed", "/b"), change("removed", "/c")),
      ["created /a", "changed /b", "deleted /c"],
    );
  });

  it("tell a move as a deletion and a creation", () => {
    assert.deepEqual(told({ type: "moved", kind: "folder", path: "/to", from: "/from" }), [
      "deleted /from",
      "created /to",
    ]);
  });

  it("tell a save by renaming over the file as a change", () => {
    assert.deepEqual(
      told(change("added", "/a.tmp"), change("removed", "/a"), {
        type: "moved",
        kind: "file",
        path: "/a",
        from: "/a.tmp",
      }),
      ["deleted /a.tmp", "changed /a"],
    );
  });

  it("tell a file that was made and written at once as created", () => {
    assert.deepEqual(told(change("added", "/a"), change("changed", "/a")), ["created /a"]);
  });

  it("tell a folder that was removed and made again as created, so that it is listed anew", () => {
    assert.deepEqual(told(change("removed", "/d", "folder"), change("added", "/d", "folder")), [
      "created /d",
    ]);
  });
});
