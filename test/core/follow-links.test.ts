import assert from "node:assert/strict";
import { followLinks, type LinkPort } from "../../src/node/core/follow-links.ts";

/** What stands where: a folder, a file, or what a link says. */
type Entries = Readonly<Record<string, "folder" | "file" | { readonly to: string }>>;

function driveOf(entries: Entries): LinkPort & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    kindAt: (path: string) => {
      asked.push(path);
      const found = path === "/" ? "folder" : entries[path];
      return Promise.resolve(typeof found === "object" ? "link" : found);
    },
    targetOf: (path: string) => {
      const found = entries[path];
      assert.ok(typeof found === "object", `${path} is no link`);
      return Promise.resolve(found.to);
    },
  };
}

describe("following symbolic links", () => {
  it("asks one question where there is none", async () => {
    const drive = driveOf({ "/a": "folder", "/a/b": "folder", "/a/b/c": "file" });
    assert.equal(await followLinks(drive, "/a/b/c", true), "/a/b/c");
    assert.deepEqual(drive.asked, ["/a/b/c"]);
  });

  it("follows one at the end only if asked to, and those in folders always", async () => {
    const drive = driveOf({
      "/d": "folder",
      "/d/f": "file",
      "/l": { to: "d" },
      "/d/m": { to: "f" },
    });
    assert.equal(await followLinks(drive, "/d/m", true), "/d/f");
    assert.equal(await followLinks(drive, "/d/m", false), "/d/m");
    assert.equal(await followLinks(drive, "/l/m", true), "/d/f");
    assert.equal(await followLinks(drive, "/l/m", false), "/d/m");
  });

  it("leads to where nothing stands, below a folder and below a file", async () => {
    const drive = driveOf({ "/f": "file", "/l": { to: "/absent" }, "/r": { to: "/" } });
    assert.equal(await followLinks(drive, "/l/x", true), "/absent/x");
    assert.equal(await followLinks(drive, "/f/x", true), "/f/x");
    assert.equal(await followLinks(drive, "/r/new", true), "/new");
  });

  it("follows 40 links, and gives up at one more", async () => {
    const links: Entries = Object.fromEntries(
      Array.from({ length: 41 }, (_, i) => [`/l${String(i + 1)}`, { to: `/l${String(i)}` }]),
    );
    const drive = driveOf({ "/l0": "file", ...links });
    assert.equal(await followLinks(drive, "/l40", true), "/l0");
    await assert.rejects(followLinks(drive, "/l41", true), { code: "not-found" });
  });
});
