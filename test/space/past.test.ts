import assert from "node:assert/strict";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { hasCode } from "../blocks/refuses.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

describe("the past of a drive", () => {
  let test: TestDrive;

  beforeEach(async () => {
    test = await makeTestDrive();
  });

  afterEach(async () => {
    await test.remove();
  });

  const minute = 60_000;
  const write = (path: string, text: string) => {
    test.clock.now += minute;
    return test.drive.write({ path, parents: true }, toUtf8(text));
  };
  const text = async (path: string, options: { at?: string; version?: string } = {}) =>
    fromUtf8(await test.drive.read(path, options));
  const names = async (path: string, at?: string) =>
    (await test.drive.list(path, at)).map(({ name }) => name);
  const removed = async (path = "/") =>
    (await test.drive.removed(path, 100)).map((item) => item.path);

  describe("what came back", () => {
    const log = async (path: string) =>
      (await test.drive.log(path, 100, true)).map(({ restoredFrom }) => restoredFrom);
    const came = async (path: string) =>
      (await test.drive.journal({ limit: 1, changesEach: 10 }))
        .flatMap(({ changes }) => changes)
        .find((change) => change.path === path)?.restoredFrom;

    it("is told in the log and the journal by the version that it came from", async () => {
      const one = await write("/a", "one");
      const written = test.clock.now;
      await write("/a", "two");
      assert.equal(await came("/a"), undefined);
      test.clock.now += minute;
      await test.drive.restore("/a", { version: one.version });
      assert.deepEqual(await log("/a"), [written, undefined, undefined]);
      assert.equal(await came("/a"), written);
    });

    it("is told of a file that was removed, and of those of a folder", async () => {
      await write("/a/b", "one");
      const written = test.clock.now;
      await write("/a/c", "other");
      await test.drive.remove("/a/b", false);
      test.clock.now += minute;
      await test.drive.restore("/a/b", {});
      assert.deepEqual(await log("/a/b"), [written, undefined]);
      assert.equal(await came("/a/b"), written);
      await test.drive.remove("/a", true);
      await test.drive.restore("/a", {});
      assert.equal(await came("/a/c"), written + minute);
    });

    it("is not told of a change of the time or mode alone, nor of what was emptied twice", async () => {
      await write("/a", "one");
      test.clock.now += minute;
      await test.drive.setMeta("/a", { mode: 0o600 });
      for (const text of ["", "two", ""]) await write("/b", text);
      assert.ok((await log("/a")).every((each) => each === undefined));
      assert.ok((await log("/b")).every((each) => each === undefined));
    });
  });

  describe("restore", () => {
    it("brings a removed folder back with all that went with it, and nothing else", async () => {
      await write("/a/earlier.txt", "gone before");
      await write("/a/b/c.txt", "deep");
      await write("/a/d.txt", "near");
      await test.drive.remove("/a/earlier.txt", false);
      await test.drive.remove("/a", true);
      assert.equal(await test.drive.restore("/a", {}), 4);
      assert.deepEqual(await names("/a"), ["b", "d.txt"]);
      assert.equal(await text("/a/b/c.txt"), "deep");
      assert.deepEqual(await removed(), ["/a/earlier.txt"]);
    });

    it("brings one file of a removed folder back, in that folder, without the others", async () => {
      await write("/a/b/c.txt", "deep");
      await write("/a/d.txt", "near");
      await test.drive.remove("/a", true);
      await test.drive.restore("/a/b/c.txt", {});
      assert.deepEqual(await names("/a"), ["b"]);
      assert.deepEqual(await removed("/a"), ["/a/d.txt"]);
    });

    it("leaves the name to what took it meanwhile", async () => {
      const old = await write("/a", "the old file");
      await test.drive.remove("/a", false);
      await write("/b", "another file");
      await test.drive.move("/b", "/a", false);
      await test.drive.restore("/a", {});
      assert.equal(await text("/a"), "another file");
      const [, beside] = await names("/");
      assert.match(beside ?? "", /^a~[0-9a-f]{8}$/u);
      assert.equal(await text(`/${beside ?? ""}`), "the old file");
      assert.notEqual(old.version, (await test.drive.stat("/a")).version);
    });

    it("brings a file back whose folder's name is a file's now", async () => {
      await write("/a/b.txt", "below");
      await test.drive.remove("/a", true);
      await write("/a", "now a file");
      await test.drive.restore("/a/b.txt", {});
      assert.equal(await text("/a"), "now a file");
      const folder = (await test.drive.list("/")).find(({ kind }) => kind === "folder");
      assert.equal(await text(`/${folder?.name ?? ""}/b.txt`), "below");
    });

    it("brings a version back of a file that was removed, by the version that `removed` tells", async () => {
      await write("/a", "one");
      await test.drive.remove("/a", false);
      await write("/b", "another");
      await test.drive.move("/b", "/a", false);
      const [item] = await test.drive.removed("/", 10);
      assert.equal(await text("/a", { version: item?.version ?? "" }), "one");
      await test.drive.restore("/a", { version: item?.version ?? "" });
      assert.equal((await names("/")).length, 2);
    });

    it("changes nothing where the version is the one shown", async () => {
      const { version } = await write("/a", "one");
      const { revision } = test.drive;
      assert.equal(await test.drive.restore("/a", { version }), 0);
      assert.equal(test.drive.revision, revision);
    });

    it("refuses what is there and was never removed, and what never was", async () => {
      await write("/a", "one");
      await assert.rejects(test.drive.restore("/a", {}), hasCode("usage"));
      await assert.rejects(test.drive.restore("/never", {}), hasCode("not-found"));
      await assert.rejects(test.drive.restore("/a", { at: "0" }), hasCode("not-found"));
    });

    it("brings a folder that was moved and renamed back to its place, as it was", async () => {
      await write("/work/plan.txt", "plan 1");
      await write("/work/list.txt", "list");
      await test.drive.tag("before", undefined);
      await test.drive.makeFolder("/archive", false);
      await test.drive.move("/work", "/archive/old work", false);
      await write("/archive/old work/plan.txt", "plan 2");
      await write("/archive/old work/new.txt", "came since");
      await test.drive.remove("/archive/old work/list.txt", false);
      await test.drive.restore("/work", { at: "before" });
      assert.deepEqual(await names("/work"), ["list.txt", "plan.txt"]);
      assert.equal(await text("/work/plan.txt"), "plan 1");
      assert.deepEqual(await names("/archive"), []);
      const saves = await test.drive.log("/work/plan.txt", 10, true);
      assert.deepEqual(
        saves.map(({ path }) => path),
        ["/work/plan.txt", "/archive/old work/plan.txt", "/work/plan.txt"],
      );
    });

    it("restores the whole drive to the empty tree before the first change", async () => {
      await write("/a/b", "one");
      await test.drive.restore("/", { at: "0" });
      assert.deepEqual(await names("/"), []);
      assert.deepEqual(await removed(), ["/a"]);
    });
  });

  describe("log", () => {
    it("goes on when a file is removed and made again", async () => {
      await write("/a", "one");
      await test.drive.remove("/a", false);
      await write("/a", "two");
      const versions = await test.drive.log("/a", 10, true);
      assert.deepEqual(
        versions.map(({ size, current }) => [size, current]),
        [
          [3, true],
          [3, false],
        ],
      );
    });

    it("is told of a removed file, by the path that it had, with nothing current", async () => {
      await write("/folder/a", "one");
      await write("/folder/a", "two");
      await test.drive.remove("/folder", true);
      const versions = await test.drive.log("/folder/a", 10, true);
      assert.deepEqual(
        versions.map(({ path, current }) => [path, current]),
        [
          ["/folder/a", false],
          ["/folder/a", false],
        ],
      );
      assert.equal(await text("/folder/a", { version: versions[1]?.version ?? "" }), "one");
    });

    it("is told of files alone", async () => {
      await write("/folder/a", "one");
      await assert.rejects(test.drive.log("/folder", 10, true), hasCode("is-a-folder"));
      await assert.rejects(test.drive.log("/", 10, true), hasCode("is-a-folder"));
      await assert.rejects(test.drive.log("/other", 10, true), hasCode("not-found"));
    });

    it("is not found under the name that a file had before, where nothing was removed", async () => {
      await write("/a", "one");
      await test.drive.move("/a", "/b", false);
      await assert.rejects(test.drive.log("/a", 10, true), hasCode("not-found"));
      assert.equal((await test.drive.log("/b", 10, true)).length, 1);
    });
  });

  describe("removed", () => {
    it("lists a folder once, and what went with it only if that folder is asked for", async () => {
      for (let i = 0; i < 30; i++) await write(`/a/inner/${i.toString()}.txt`, "x");
      await write("/a/top.txt", "y");
      await write("/kept/other.txt", "z");
      await test.drive.remove("/kept/other.txt", false);
      test.clock.now += minute;
      await test.drive.remove("/a", true);
      assert.deepEqual(await removed(), ["/a", "/kept/other.txt"]);
      assert.deepEqual(await removed("/kept"), ["/kept/other.txt"]);
      assert.deepEqual(await removed("/a"), ["/a", "/a/inner", "/a/top.txt"]);
      assert.equal((await removed("/a/inner")).length, 31);
      assert.deepEqual((await test.drive.removed("/", 1)).length, 1);
    });

    it("forgets what is back", async () => {
      await write("/a/b.txt", "x");
      await test.drive.remove("/a", true);
      await test.drive.restore("/a", {});
      assert.deepEqual(await removed(), []);
    });
  });

  describe("diff", () => {
    it("tells what came, went, changed and moved between two moments", async () => {
      await write("/stays", "1");
      await write("/changes", "1");
      await write("/goes", "1");
      await write("/moves", "1");
      const from = test.drive.revision;
      await write("/changes", "2");
      await test.drive.remove("/goes", false);
      await test.drive.move("/moves", "/moved", false);
      await write("/new/file", "1");
      const told = async (a: string, b: string | undefined, path?: string) =>
        (await test.drive.diff(a, b, path)).map((one) => `${one.type} ${one.path}`);
      const forth = ["changed /changes", "removed /goes", "moved /moved", "added /new"];
      assert.deepEqual(await told(from, undefined), [...forth, "added /new/file"]);
      assert.deepEqual(await told(from, undefined, "/new"), ["added /new", "added /new/file"]);
      assert.deepEqual(await told(from, undefined, "/moves"), ["moved /moved"]);
      assert.deepEqual(await told(test.drive.revision, from, "/goes"), ["added /goes"]);
      assert.deepEqual(await told(from, from), []);
      assert.equal((await told("0", undefined)).length, 5);
      assert.deepEqual(await told("0", undefined, "/stays/"), ["added /stays"]);
      await assert.rejects(told(from, undefined, "/typo"), hasCode("not-found"));
    });

    it("tells nothing of what changed and changed back", async () => {
      await write("/a", "1");
      const from = test.drive.revision;
      await write("/b", "2");
      await test.drive.remove("/b", false);
      assert.deepEqual(await test.drive.diff(from, undefined, undefined), []);
    });
  });

  describe("journal", () => {
    it("tells of one path and of what is below it, by both names of a move", async () => {
      await write("/a/x", "1");
      await write("/other", "1");
      await test.drive.move("/a", "/b", false);
      const told = async (path: string) =>
        (await test.drive.journal({ limit: 10, changesEach: 10, path })).flatMap(({ changes }) =>
          changes.map(({ type, path: where }) => `${type} ${where}`),
        );
      assert.deepEqual(await told("/a"), ["moved /b", "added /a", "added /a/x"]);
      assert.deepEqual(await told("/a/x"), ["added /a/x"]);
      assert.deepEqual(await told("/other/"), ["added /other"]);
      assert.deepEqual(await told("/no"), []);
    });

    it("tells of the first change that is kept only what it did itself", async () => {
      await write("/before", "1");
      await write("/changed", "1");
      await write("/moved", "1");
      test.clock.now += 86_400_000;
      await test.drive.write({ path: "/changed" }, new Uint8Array(9));
      const kept = test.drive.revision;
      test.clock.now += 86_400_000;
      const retention = { keepAllDays: 0, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 };
      test.settings = { ...test.settings, retention };
      await test.drive.collectGarbage(quietCall);
      const items = await test.drive.journal({ limit: 10, changesEach: 10 });
      assert.equal(items.at(-1)?.revision, kept);
      assert.deepEqual(items.at(-1)?.changes, [
        { type: "changed", kind: "file", path: "/changed" },
      ]);
    });
  });

  describe("paths", () => {
    it("are the same with and without a slash at either end", async () => {
      await write("/a/b", "1");
      assert.equal((await test.drive.stat("a/b/")).size, 1);
      assert.deepEqual(await names("a/"), ["b"]);
      assert.equal((await test.drive.stat("/")).kind, "folder");
      assert.equal((await test.drive.stat("")).kind, "folder");
      await assert.rejects(test.drive.stat("/a//b"), hasCode("invalid-name"));
      await assert.rejects(test.drive.list("/a/b"), hasCode("not-a-folder"));
      await assert.rejects(test.drive.stat("/a/b/c"), hasCode("not-a-folder"));
      await assert.rejects(test.drive.read("/", {}), hasCode("is-a-folder"));
    });

    it("differ by case and by normal form", async () => {
      const [composed, decomposed] = ["caf\u00e9", "cafe\u0301"];
      for (const name of ["Notes", "notes", composed, decomposed]) await write(`/${name}`, name);
      assert.equal((await names("/")).length, 4);
      assert.equal(await text("/Notes"), "Notes");
      assert.equal(await text(`/${decomposed}`), decomposed);
      await test.drive.remove(`/${composed}`, false);
      assert.equal(await text(`/${decomposed}`), decomposed);
      await test.drive.move("/notes", "/NOTES", false);
      assert.deepEqual(await names("/"), ["NOTES", "Notes", decomposed]);
    });
  });
});
