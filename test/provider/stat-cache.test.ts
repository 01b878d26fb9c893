import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isWithin, movedPath, parentOf } from "../../src/node/core/path.ts";
import type { EntryKind, PathChange, Stat } from "../../src/node/rpc/contract.ts";
import { StatCache } from "../../src/provider/memory/stat-cache.ts";
import { pick, seeded } from "../blocks/random.ts";

let serial = 0;

function statOf(kind: EntryKind): Stat {
  serial++;
  return { kind, size: serial, mtime: serial, ctime: 0, mode: 0o644, version: String(serial) };
}

function change(type: PathChange["type"], path: string, kind: EntryKind = "file"): PathChange {
  return { type, kind, path };
}

describe("the cache of stats", () => {
  it("knows nothing at first", () => {
    const cache = new StatCache();
    assert.equal(cache.stat("/a"), undefined);
    assert.equal(cache.listing("/"), undefined);
  });

  it("answers from a listing what stands in a folder and what does not", () => {
    const cache = new StatCache();
    const item = { ...statOf("file"), name: "a" };
    cache.putListing("/", [item]);
    assert.equal(cache.stat("/a"), item);
    assert.equal(cache.stat("/b"), null);
    assert.equal(cache.stat("/b/c/d"), null);
  });

  it("knows that nothing stands below a file or below nothing", () => {
    const cache = new StatCache();
    cache.putStat("/file", statOf("file"));
    cache.putStat("/.vscode", null);
    assert.equal(cache.stat("/file/x"), null);
    assert.equal(cache.stat("/.vscode/settings.json"), null);
  });

  it("does not know what stands below a link", () => {
    const cache = new StatCache();
    cache.putListing("/", [{ ...statOf("link"), name: "link" }]);
    assert.equal(cache.stat("/link/x"), undefined);
  });

  it("forgets a changed file and the folders above it, and keeps the names", () => {
    const cache = new StatCache();
    const neighbour = { ...statOf("file"), name: "b" };
    cache.putStat("/", statOf("folder"));
    cache.putListing("/", [{ ...statOf("folder"), name: "d" }]);
    cache.putListing("/d", [{ ...statOf("file"), name: "a" }, neighbour]);
    cache.invalidate(change("changed", "/d/a"));
    assert.equal(cache.stat("/"), undefined);
    assert.equal(cache.stat("/d"), undefined);
    assert.equal(cache.stat("/d/a"), undefined);
    assert.equal(cache.stat("/d/b"), neighbour);
    assert.deepEqual([...(cache.listing("/d")?.keys() ?? [])], ["a", "b"]);
    assert.equal(cache.stat("/d/c"), null);
  });

  it("forgets the listing of a folder where a name came, and that it was absent", () => {
    const cache = new StatCache();
    cache.putListing("/", []);
    cache.putStat("/a", null);
    cache.invalidate(change("added", "/a"));
    assert.equal(cache.listing("/"), undefined);
    assert.equal(cache.stat("/a"), undefined);
  });

  it("forgets everything below a folder that moved, and below its new place", () => {
    const cache = new StatCache();
    cache.putStat("/from/x/y", statOf("file"));
    cache.putStat("/to", null);
    cache.invalidate({ type: "moved", path: "/to", from: "/from" });
    assert.equal(cache.stat("/from/x/y"), undefined);
    assert.equal(cache.stat("/to/x/y"), undefined);
  });

  it("forgets all when it would grow beyond its limit", () => {
    const cache = new StatCache(3);
    for (const path of ["/a", "/b", "/c"]) cache.putStat(path, statOf("file"));
    cache.putStat("/d", statOf("file"));
    assert.equal(cache.stat("/a"), undefined);
    assert.notEqual(cache.stat("/d"), undefined);
  });

  it("never contradicts a plain model, whatever changes and whatever is asked", () => {
    const random = seeded(7);
    const paths = ["/a", "/b", "/a/a", "/a/b", "/b/a", "/a/a/a", "/a/a/b", "/b/a/b"];
    for (let round = 0; round < 300; round++) {
      const cache = new StatCache(40);
      const model = new Map<string, Stat>([["/", statOf("folder")]]);
      for (let step = 0; step < 60; step++) {
        const path = pick(random, paths);
        act(pick(random, ["ask", "ask", "list", "write", "write", "remove", "move"]), path);
        for (const any of paths) {
          const known = cache.stat(any);
          if (known !== undefined) assert.equal(known, model.get(any) ?? null, any);
        }
      }

      function act(verb: string, path: string): void {
        if (verb === "ask") cache.putStat(path, model.get(path) ?? null);
        else if (verb === "list" && model.get(parentOf(path))?.kind === "folder") {
          const folder = parentOf(path);
          const items = [...model].filter(([p]) => p !== "/" && parentOf(p) === folder);
          const listed = items.map(([p, s]) =>
            Object.assign(s, { name: p.split("/").at(-1) ?? "" }),
          );
          cache.putListing(folder, listed);
        } else if (verb === "write" && model.get(parentOf(path))?.kind === "folder") {
          const before = model.get(path);
          if (before !== undefined && before.kind !== "file") return;
          const kind = before === undefined && random() < 0.5 ? "folder" : "file";
          model.set(path, statOf(kind));
          cache.invalidate(change(before === undefined ? "added" : "changed", path, kind));
        } else if (verb === "remove" && model.has(path)) {
          for (const p of [...model.keys()]) if (isWithin(p, path)) model.delete(p);
          cache.invalidate(change("removed", path));
        } else if (verb === "move" && model.has(path)) {
          const to = pick(random, paths);
          if (model.has(to) || model.get(parentOf(to))?.kind !== "folder" || isWithin(to, path))
            return;
          for (const [p, s] of [...model]) {
            if (!isWithin(p, path)) continue;
            model.delete(p);
            model.set(movedPath(p, path, to), s);
          }
          cache.invalidate({ type: "moved", path: to, from: path });
        }
      }
    }
  });
});
