import assert from "node:assert/strict";
import type { PathQuery } from "../../../src/node/space/find/path-search.ts";
import { refuses } from "../../blocks/refuses.ts";
import { makeTestDrive, type TestDrive } from "../../support/open-drive.ts";

const { signal } = new AbortController();

describe("finding files by what is typed", () => {
  let test: TestDrive;

  beforeEach(async () => {
    test = await makeTestDrive();
  });

  afterEach(() => test.remove());

  const find = async (query: string, more: Partial<PathQuery> = {}): Promise<string[]> => {
    const wanted = { query, path: "/", limit: 100, folders: false, partial: false, ...more };
    const { items } = await test.drive.findFiles(wanted, signal);
    return items.map(({ path }) => path);
  };
  const write = (path: string): Promise<unknown> =>
    test.drive.write({ path, parents: true }, new Uint8Array(1));

  it("finds the same files as were there when it is asked, after any change", async () => {
    await write("/projects/drive/main.ts");
    await write("/projects/drive/deep/maintain.md");
    assert.deepEqual(await find("main"), [
      "/projects/drive/main.ts",
      "/projects/drive/deep/maintain.md",
    ]);
    await write("/new/main.c");
    assert.equal((await find("main")).length, 3);
    await test.drive.move("/projects/drive", "/moved", false);
    assert.deepEqual(await find("maintai"), ["/moved/deep/maintain.md"]);
    assert.deepEqual(await find("drive/main"), []);
    await test.drive.move("/moved/deep/maintain.md", "/moved/other.md", false);
    assert.deepEqual(await find("maintai"), []);
    assert.deepEqual(await find("other"), ["/moved/other.md"]);
    await test.drive.remove("/moved", true);
    assert.deepEqual(await find(""), ["/new/main.c"]);
    await write("/moved/other.md");
    assert.deepEqual(await find("other"), ["/moved/other.md"]);
  });

  it("names things as they are listed, of several of one name each", async () => {
    await write("/a/one.txt");
    await write("/b/one.txt");
    await test.drive.findFiles(
      { query: "", path: "/", limit: 1, folders: false, partial: false },
      signal,
    );
    const listed = (await test.drive.list("/a")).map(({ name }) => `/a/${name}`);
    assert.deepEqual(await find("one", { path: "/a" }), listed);
  });

  it("keeps to a folder, to its limit, and to files unless folders are wanted", async () => {
    for (let i = 0; i < 30; i++) await write(`/folder/file${i.toString()}.txt`);
    await write("/elsewhere/file.txt");
    assert.equal((await find("file", { path: "/folder" })).length, 30);
    const wanted = { query: "file", path: "/", limit: 10, folders: false, partial: false };
    const found = await test.drive.findFiles(wanted, signal);
    assert.equal(found.items.length, 10);
    assert.ok(found.more && found.isComplete);
    assert.deepEqual(await find("folder"), await find("folder/f"));
    assert.equal((await find("folder", { folders: true }))[0], "/folder");
    await refuses(() => find("x", { path: "/nowhere" }), "not-found", /nowhere/);
  });

  it("answers soon with what it knows, and completely when asked again", async () => {
    for (let i = 0; i < 20; i++) await write(`/f${i.toString()}/a.txt`);
    const wanted = { query: "a", path: "/", limit: 100, folders: false, partial: true };
    for (;;) {
      const { items, isComplete } = await test.drive.findFiles(wanted, signal);
      if (!isComplete) continue;
      assert.equal(items.length, 20);
      return;
    }
  });
});
