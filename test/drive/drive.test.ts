import assert from "node:assert/strict";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import type { BlockId } from "../../src/node/core/ids.ts";
import { hasCode } from "../blocks/refuses.ts";
import { seededBytes } from "../store/blocks.ts";
import { damageBlock } from "../store/damage.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

describe("drive", () => {
  let test: TestDrive;

  beforeEach(async () => {
    test = await makeTestDrive();
  });

  afterEach(async () => {
    await test.remove();
  });

  const write = (path: string, text: string) => test.drive.write({ path }, toUtf8(text));
  const text = async (path: string, options: { at?: string; version?: string } = {}) =>
    fromUtf8(await test.drive.read(path, options));

  it("reads back what was written, also after it was opened again", async () => {
    await write("/notes.txt", "first");
    await test.drive.makeFolder("/a/b", true);
    await write("/a/b/c.txt", "deep");
    test = await test.reopen();
    assert.equal(await text("/notes.txt"), "first");
    assert.equal(await text("/a/b/c.txt"), "deep");
    const names = (await test.drive.list("/")).map(({ name, kind }) => `${kind} ${name}`);
    assert.deepEqual(names, ["folder a", "file notes.txt"]);
  });

  it("lists tags with the revisions that they name", async () => {
    await test.drive.tag("nothing", undefined);
    await write("/a", "one");
    const first = test.drive.revision;
    await write("/a", "two");
    const second = test.drive.revision;
    await test.drive.tag("latest", undefined);
    await test.drive.tag("then", first);
    const tags = (await test.drive.tags()).map(({ name, revision }) => [name, revision]);
    assert.deepEqual(tags, [
      ["latest", second],
      ["nothing", "0"],
      ["then", first],
    ]);
  });

  it("keeps large content and reads any part of it", async () => {
    const bytes = new Uint8Array(3 * 1024 * 1024 + 17);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2654435761) >>> 24;
    await test.drive.write({ path: "/large" }, bytes);
    assert.deepEqual(await test.drive.read("/large", {}), bytes);
    const part = await test.drive.read("/large", { offset: 262_140, length: 10 });
    assert.deepEqual(part, bytes.slice(262_140, 262_150));
    assert.equal((await test.drive.read("/large", { offset: bytes.length })).length, 0);
  });

  it("makes a version of each save and groups those within the window", async () => {
    for (const [i, content] of ["one", "two", "three"].entries()) {
      test.clock.now += i === 2 ? 60_000 : 1_000;
      await write("/notes.txt", content);
    }
    const grouped = await test.drive.log("/notes.txt", 10, false);
    assert.deepEqual(
      grouped.map(({ saves, current, size }) => ({ saves, current, size })),
      [
        { saves: 1, current: true, size: 5 },
        { saves: 2, current: false, size: 3 },
      ],
    );
    assert.equal((await test.drive.log("/notes.txt", 10, true)).length, 3);
    const [, older] = grouped;
    assert.equal(await text("/notes.txt", { version: older?.version ?? "" }), "two");
  });

  it("follows a file through renames and saves by rename", async () => {
    await write("/draft.txt", "one");
    test.clock.now += 60_000;
    await test.drive.move("/draft.txt", "/paper.txt", false);
    test.clock.now += 60_000;
    await write("/paper.txt.tmp", "two");
    await test.drive.move("/paper.txt.tmp", "/paper.txt", true);
    const versions = await test.drive.log("/paper.txt", 10, false);
    assert.deepEqual(
      versions.map(({ path, current }) => ({ path, current })),
      [
        { path: "/paper.txt", current: true },
        { path: "/draft.txt", current: false },
      ],
    );
    // Aside, then anew: how editors with backups save.
    test.clock.now += 60_000;
    await test.drive.move("/paper.txt", "/paper.txt~", false);
    await write("/paper.txt", "three");
    await test.drive.remove("/paper.txt~", false);
    assert.equal((await test.drive.log("/paper.txt", 10, false)).length, 3);
  });

  it("makes a symbolic link where a file was moved away from a moment ago", async () => {
    await write("/b", "content");
    await test.drive.move("/b", "/a", false);
    await test.drive.symlink("/b", toUtf8("a"));
    const kinds = (await test.drive.list("/")).map(({ name, kind }) => `${kind} ${name}`);
    assert.deepEqual(kinds, ["file a", "link b"]);
    assert.equal(await text("/a"), "content");
  });

  it("shows the tree as of a moment, a revision and a tag", async () => {
    await write("/a.txt", "old");
    const then = test.drive.revision;
    await test.drive.tag("before the change", undefined);
    const time = new Date(test.clock.now).toISOString();
    test.clock.now += 3_600_000;
    await write("/a.txt", "new");
    await write("/b.txt", "more");
    assert.equal(await text("/a.txt", { at: then }), "old");
    assert.equal(await text("/a.txt", { at: time }), "old");
    assert.equal(await text("/a.txt", { at: "before the change" }), "old");
    assert.deepEqual(
      (await test.drive.list("/", time)).map(({ name }) => name),
      ["a.txt"],
    );
    assert.equal(await text("/a.txt", { at: "30 minutes ago" }), "old");
    await assert.rejects(text("/a.txt", { at: "no such tag" }), hasCode("not-found"));
  });

  it("restores a file, a folder and the whole drive", async () => {
    await test.drive.makeFolder("/folder/inner", true);
    await write("/folder/inner/x.txt", "x1");
    await write("/folder/y.txt", "y1");
    await test.drive.tag("start", undefined);
    test.clock.now += 60_000;
    await write("/folder/inner/x.txt", "x2");
    await test.drive.remove("/folder", true);
    await write("/other.txt", "later");
    await test.drive.restore("/folder/inner/x.txt", {});
    assert.equal(await text("/folder/inner/x.txt"), "x2");
    await test.drive.restore("/folder", { at: "start" });
    assert.equal(await text("/folder/inner/x.txt"), "x1");
    assert.equal(await text("/folder/y.txt"), "y1");
    await test.drive.restore("/", { at: "start" });
    await assert.rejects(test.drive.stat("/other.txt"), hasCode("not-found"));
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("restores a folder that was moved without what came into it since", async () => {
    await test.drive.makeFolder("/top/inner", true);
    const then = test.drive.revision;
    await test.drive.move("/top/inner", "/elsewhere", false);
    await write("/elsewhere/new.txt", "new");
    await test.drive.restore("/top", { at: then });
    assert.deepEqual(await test.drive.list("/top/inner"), []);
    await assert.rejects(test.drive.stat("/elsewhere"), hasCode("not-found"));
  });

  it("never lets a time of modification go back", async () => {
    const first = await write("/a", "1");
    test.clock.now -= 86_400_000;
    const second = await write("/a", "2");
    assert.ok(second.mtime > first.mtime);
    const [version] = (await test.drive.log("/a", 1, true)).filter(({ current }) => current);
    test.clock.now -= 86_400_000;
    await test.drive.restore("/a", {
      version: (await test.drive.log("/a", 9, true)).at(-1)?.version ?? "",
    });
    assert.ok((await test.drive.stat("/a")).mtime > second.mtime);
    assert.ok(version !== undefined);
  });

  it("tells a stale writer instead of obeying it", async () => {
    const base = await write("/a", "1");
    await write("/a", "2");
    const stale = test.drive.write({ path: "/a", base: base.version }, toUtf8("3"));
    await assert.rejects(stale, hasCode("conflict"));
    await assert.rejects(
      test.drive.write({ path: "/a", base: null }, toUtf8("3")),
      hasCode("exists"),
    );
    assert.equal(await text("/a"), "2");
  });

  it("takes many saves at once, and one that fails leaves the others", async () => {
    const saves = Array.from({ length: 50 }, (_, i) => write(`/f${i.toString()}`, i.toString()));
    const failing = write("/no/such/folder", "x");
    const results = await Promise.allSettled([...saves, failing]);
    assert.equal(results.filter(({ status }) => status === "rejected").length, 1);
    assert.equal((await test.drive.list("/")).length, 50);
    assert.ok((await test.drive.revisions(100)).length < 10);
  });

  it("copies and moves folders without their content", async () => {
    await test.drive.makeFolder("/a/b", true);
    await write("/a/b/c", "x".repeat(10_000));
    const before = test.store.usage().blockBytes;
    await test.drive.copy("/a", "/a/b/copy", false);
    assert.equal((await text("/a/b/copy/b/c"))?.length, 10_000);
    await test.drive.move("/a", "/z", false);
    assert.equal((await text("/z/b/c"))?.length, 10_000);
    assert.ok(test.store.usage().blockBytes - before < 60_000);
    await assert.rejects(test.drive.move("/z", "/z/b/inside", false), hasCode("usage"));
    await assert.rejects(test.drive.remove("/z", false), hasCode("not-empty"));
  });

  it("replaces only what is alike, if that is asked for", async () => {
    await test.drive.makeFolder("/full/inner", true);
    await test.drive.makeFolder("/empty", false);
    await test.drive.makeFolder("/other", false);
    for (const path of ["/file", "/new", "/again"]) await write(path, path);
    for (const verb of ["move", "copy"] as const) {
      const replace = (from: string, to: string) => test.drive[verb](from, to, "alike");
      await assert.rejects(replace("/file", "/full"), hasCode("is-a-folder"));
      await assert.rejects(replace("/file", "/empty"), hasCode("is-a-folder"));
      await assert.rejects(replace("/full", "/file"), hasCode("not-a-folder"));
      await assert.rejects(replace("/empty", "/full"), hasCode("not-empty"));
    }
    await test.drive.copy("/new", "/file", "alike");
    assert.equal(await text("/file"), "/new");
    await test.drive.move("/again", "/file", "alike");
    assert.equal(await text("/file"), "/again");
    await test.drive.copy("/full", "/empty", "alike");
    await test.drive.move("/empty", "/other", "alike");
    assert.equal((await test.drive.list("/other")).length, 1);
    await test.drive.move("/file", "/full", true);
    assert.equal(await text("/full"), "/again");
  });

  it("replaces no folder by something that stands in it", async () => {
    await test.drive.makeFolder("/a/b", true);
    await write("/a/b/c", "c");
    for (const verb of ["move", "copy"] as const) {
      await assert.rejects(test.drive[verb]("/a/b/c", "/a", true), hasCode("usage"));
      await assert.rejects(test.drive[verb]("/a/b", "/a", true), hasCode("usage"));
    }
    const before = test.drive.revision;
    await write("/a/b/d", "d");
    await test.drive.copy("/a/b/c", "/a", true, before);
    assert.equal(await text("/a"), "c");
  });

  it("keeps a journal of what happened where", async () => {
    await write("/a", "1");
    await test.drive.move("/a", "/b", false);
    await test.drive.remove("/b", false);
    const journal = await test.drive.journal({ limit: 10, changesEach: 10 });
    assert.deepEqual(
      journal.map(({ changes, device }) => [
        device,
        ...changes.map(({ type, path }) => `${type} ${path}`),
      ]),
      [
        ["laptop", "removed /b"],
        ["laptop", "moved /b"],
        ["laptop", "added /a"],
      ],
    );
    const removed = await test.drive.removed("/", 10);
    assert.deepEqual(
      removed.map(({ path, kind }) => [path, kind]),
      [["/b", "file"]],
    );
  });

  it("tells exactly what changed", async () => {
    await write("/a", "1");
    await test.drive.move("/a", "/b", false);
    assert.deepEqual(test.events.at(-1)?.changes, [
      { type: "moved", kind: "file", path: "/b", from: "/a" },
    ]);
  });

  it("frees what retention let go of and nothing else", async () => {
    test.settings = {
      ...test.settings,
      retention: { keepAllDays: 1, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
    };
    await write("/kept", "k".repeat(50_000));
    for (let i = 0; i < 5; i++) {
      test.clock.now += 60_000;
      await test.drive.write(
        { path: "/changing" },
        new Uint8Array(100_000).fill(i).map((v, j) => v ^ (j * 31)),
      );
    }
    test.clock.now += 3 * 86_400_000;
    await write("/new", "new");
    const report = await test.drive.collectGarbage(quietCall);
    assert.equal(report.droppedVersions, 4);
    assert.ok(report.freedBytes > 0);
    assert.equal((await text("/kept"))?.length, 50_000);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
    test = await test.reopen();
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("purges a file out of all history and keeps its neighbours", async () => {
    await write("/secret", "the secret");
    await write("/neighbour", "stays");
    await write("/secret", "the secret again");
    await test.drive.remove("/secret", false);
    const purged = await test.drive.purge("/secret", quietCall);
    assert.equal(purged.versions, 2);
    assert.ok(purged.freedBytes > 0);
    await assert.rejects(test.drive.log("/secret", 10, false), hasCode("not-found"));
    assert.equal(await text("/neighbour"), "stays");
    for (const { revision } of await test.drive.revisions(10)) {
      const names = (await test.drive.list("/", revision)).map(({ name }) => name);
      assert.ok(!names.includes("secret"), revision);
    }
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("tells which files a damaged block concerns", async () => {
    await test.drive.write({ path: "/whole" }, seededBytes(1, 9_000));
    const before = [...test.store.ids()].map(showCid);
    await test.drive.write({ path: "/hurt" }, seededBytes(2, 9_001));
    await test.drive.copy("/hurt", "/copy", false);
    const sound = await test.drive.verify(quietCall);
    assert.deepEqual([sound.ok, sound.damaged], [true, []]);
    let content: BlockId | undefined;
    for (const id of test.store.ids()) {
      const isNew = !before.includes(showCid(id));
      if (isNew && (await test.store.get(id)).length > 9_000) content = id;
    }
    const hurt = content ?? assert.fail("no block holds the content");
    await test.close();
    await damageBlock(test.folder, hurt, (bytes) => bytes.with(100, 1 ^ (bytes[100] ?? 0)));
    test = await test.reopen();
    const report = await test.drive.verify(quietCall);
    assert.equal(report.ok, false);
    assert.deepEqual(report.damaged, [{ cid: showCid(hurt), paths: ["/copy", "/hurt"] }]);
    assert.deepEqual(await test.drive.read("/whole", {}), seededBytes(1, 9_000));
    await assert.rejects(test.drive.read("/copy", {}), hasCode("damaged"));
  });
});
