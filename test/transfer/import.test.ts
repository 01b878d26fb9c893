import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import type { Progress } from "../../src/node/space/types.ts";
import { hasCode } from "../blocks/refuses.ts";
import { patternBytes, readTree, writeTree } from "../support/local-tree.ts";
import { quietCall } from "../support/open-drive.ts";
import { TestTransfer } from "../support/test-transfer.ts";

describe("import", () => {
  let here: TestTransfer;

  beforeEach(async () => {
    here = await TestTransfer.make();
  });

  afterEach(() => here.remove());

  it("takes in files of every size, folders and links, with modes and times", async () => {
    const sizes = [0, 1, 4096, 4097, 262_143, 262_144, 262_145, 4_194_304, 4_194_305, 9_000_001];
    writeTree(here.source, {
      ...Object.fromEntries(sizes.map((size) => [`sizes/${size.toString()}`, patternBytes(size)])),
      "empty/": "",
      "names/日本 語 ünïcödé ~x": "a",
      "names/-rf *": "b",
      "links/dangling": { link: "no/where" },
      "links/bytes": { link: Uint8Array.of(0x61, 0xff, 0x62) },
      "links/up": { link: "../sizes/1" },
    });
    chmodSync(join(here.source, "sizes/1"), 0o4711);
    chmodSync(join(here.source, "empty"), 0o700);
    const report = await here.take();
    assert.deepEqual(report.notes, []);
    const { files, folders, links, unchanged } = report;
    assert.deepEqual(
      { files, folders, links, unchanged },
      { files: 12, folders: 4, links: 3, unchanged: 0 },
    );
    assert.equal(report.bytes, sizes.reduce((a, b) => a + b) + 2);
    assert.equal(report.revision, here.drive.revision);
    for (const [path, local] of Object.entries(readTree(here.source))) {
      const stat = await here.drive.stat(`/${path}`);
      assert.equal(stat.kind, local.kind, path);
      assert.equal(stat.mode, local.mode, path);
      assert.equal(Math.round(stat.mtime * 1000), local.mtime, path);
    }
    assert.deepEqual(await here.drive.read("/sizes/9000001", {}), patternBytes(9_000_001));
    assert.deepEqual(await here.drive.read("/sizes/4194305", {}), patternBytes(4_194_305));
    assert.deepEqual(await here.drive.readLink("/links/bytes"), Uint8Array.of(0x61, 0xff, 0x62));
    assert.deepEqual((await here.drive.verify(quietCall)).ok, true);
  });

  it("makes one revision of a whole tree and none of an unchanged one", async () => {
    writeTree(here.source, { "a/b/c.txt": "deep", "d.txt": "flat", "e/": "" });
    const first = await here.take();
    assert.equal(first.revision.split("-")[0], "1");
    const again = await here.take();
    assert.equal(again.revision, first.revision);
    assert.equal(again.unchanged, 2);
    here.test = await here.test.reopen();
    assert.equal((await here.take()).unchanged, 2);
    assert.equal(here.drive.revision, first.revision);
  });

  it("finds an equal tree unchanged that it takes in from another place", async () => {
    writeTree(here.source, { "a/b.txt": "b", large: new Uint8Array(300_000).fill(7) });
    const { revision } = await here.take();
    const moved = join(here.folder, "moved");
    renameSync(here.source, moved);
    const report = await here.drive.import(moved, "/", quietCall);
    assert.equal(report.unchanged, 2);
    assert.equal(report.revision, revision);
  });

  it("takes what changed on either side, and leaves all else as it is", async () => {
    writeTree(here.source, { "a/one": "1", "a/two": "2", "b/three": "3" });
    await here.take();
    writeFileSync(join(here.source, "a/one"), "1 changed");
    await here.drive.write({ path: "/b/three" }, toUtf8("changed in the drive"));
    await here.drive.write({ path: "/b/four" }, toUtf8("only in the drive"));
    unlinkSync(join(here.source, "a/two"));
    const report = await here.take();
    assert.equal(report.unchanged, 0);
    assert.equal(await here.text("/a/one"), "1 changed");
    assert.equal(await here.text("/a/two"), "2");
    assert.equal(await here.text("/b/three"), "3");
    assert.equal(await here.text("/b/four"), "only in the drive");
    assert.equal((await here.drive.log("/a/one", 10, true)).length, 2);
    assert.equal((await here.take()).unchanged, 2);
  });

  it("sees a change that keeps size and time", async () => {
    writeTree(here.source, { file: "before" });
    await here.take();
    const { atimeMs, mtimeMs } = lstatSync(join(here.source, "file"));
    writeFileSync(join(here.source, "file"), "after!");
    utimesSync(join(here.source, "file"), atimeMs / 1000, mtimeMs / 1000);
    assert.equal((await here.take()).unchanged, 0);
    assert.equal(await here.text("/file"), "after!");
  });

  it("never lets a time go back", async () => {
    writeTree(here.source, { file: "old" });
    const later = here.test.clock.now + 1_000_000;
    await here.drive.write({ path: "/file", mtime: later }, toUtf8("newer"));
    await here.take();
    assert.equal(await here.text("/file"), "old");
    assert.equal((await here.drive.stat("/file")).mtime, later + 1);
    const { revision } = await here.take();
    assert.equal((await here.take()).revision, revision);
    chmodSync(join(here.source, "file"), 0o755);
    await here.take();
    assert.equal((await here.drive.stat("/file")).mode, 0o755);
    assert.equal((await here.drive.stat("/file")).mtime, later + 2);
  });

  it("goes on with the timeline of what had been removed", async () => {
    writeTree(here.source, { "a/file": "one" });
    await here.take();
    await here.drive.remove("/a", true);
    writeFileSync(join(here.source, "a/file"), "two");
    await here.take();
    assert.equal(await here.text("/a/file"), "two");
    assert.equal((await here.drive.log("/a/file", 10, true)).length, 2);
  });

  it("goes on in a folder that took the place of one it had remembered", async () => {
    writeTree(here.source, { "a/file": "one" });
    here.test.clock.now = Date.now() + 60_000;
    await here.take();
    await here.drive.copy("/a", "/copy", false);
    await here.drive.remove("/a", true);
    await here.drive.move("/copy", "/a", false);
    assert.equal((await here.take()).unchanged, 1);
    writeFileSync(join(here.source, "a/file"), "two");
    await here.take();
    assert.deepEqual(await here.paths(), ["/a", "/a/file"]);
    assert.equal(await here.text("/a/file"), "two");
  });

  it("makes the folder that it goes into, with the source's mode and time", async () => {
    writeTree(here.source, { file: "x" });
    chmodSync(here.source, 0o750);
    utimesSync(here.source, 1_500_000_000, 1_500_000_000);
    await here.take("/new/place/");
    assert.deepEqual(await here.paths(), ["/new", "/new/place", "/new/place/file"]);
    const { mode, mtime } = await here.drive.stat("/new/place");
    assert.deepEqual({ mode, mtime }, { mode: 0o750, mtime: 1_500_000_000_000 });
    assert.equal((await here.take("/new/place")).unchanged, 1);
    await here.take("/other");
    assert.equal(await here.text("/other/file"), "x");
  });

  it("puts a link in place of a file and a file in place of a link", async () => {
    writeTree(here.source, { a: "file", b: { link: "a" } });
    await here.take();
    unlinkSync(join(here.source, "a"));
    unlinkSync(join(here.source, "b"));
    symlinkSync("b", join(here.source, "a"));
    writeFileSync(join(here.source, "b"), "file now");
    await here.take();
    assert.deepEqual(await here.paths(), ["/a", "/b"]);
    assert.equal((await here.drive.stat("/a")).kind, "link");
    assert.equal(await here.text("/b"), "file now");
    assert.equal((await here.drive.verify(quietCall)).ok, true);
  });

  it("leaves the drive as it was when it is cancelled, wherever that happens", async () => {
    const spec: Record<string, string> = {};
    for (let i = 0; i < 1500; i++)
      spec[`${(i % 37).toString()}/${i.toString()}`] = `file ${i.toString()}`;
    writeTree(here.source, spec);
    appendFileSync(join(here.source, "large"), new Uint8Array(9_000_000));
    await here.drive.write({ path: "/before" }, toUtf8("x"));
    const { revision } = here.drive;
    for (const phase of ["at once", "reading", "placing"]) {
      const abort = new AbortController();
      if (phase === "at once") abort.abort();
      const progress = (told: Progress): void => {
        if (told.phase === phase) abort.abort();
      };
      const call = { signal: abort.signal, progress };
      await assert.rejects(here.drive.import(here.source, "/", call), hasCode("cancelled"));
      assert.equal(here.drive.revision, revision, phase);
      assert.deepEqual(await here.paths(), ["/before"], phase);
    }
    assert.equal((await here.take()).files, 1501);
    assert.equal((await here.drive.verify(quietCall)).ok, true);
  });

  it("that is cancelled later says what of it stays", async () => {
    for (let i = 0; i < 17_000; i++) {
      const folder = join(here.source, (i % 10).toString());
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, i.toString()), `file ${i.toString()}`);
    }
    const abort = new AbortController();
    const { revision } = here.drive;
    const progress = (): void => {
      if (here.drive.revision !== revision) abort.abort();
    };
    const call = { signal: abort.signal, progress };
    await assert.rejects(here.drive.import(here.source, "/", call), (error: Error) => {
      const [, files = ""] =
        /^the import was cancelled: ([\d,]+) files that were in by then stay/u.exec(
          error.message,
        ) ?? assert.fail(error.message);
      assert.ok(Number(files.replaceAll(",", "")) >= 7980, files);
      return true;
    });
  });

  it("answers others meanwhile, and keeps what they change", async () => {
    const spec: Record<string, string> = {};
    for (let i = 0; i < 3000; i++)
      spec[`${(i % 100).toString()}/${i.toString()}`] = `file ${i.toString()}`;
    writeTree(here.source, spec);
    await here.drive.write({ path: "/other" }, toUtf8("x"));
    await here.drive.write({ path: "/0/0", parents: true }, toUtf8("before"));
    const state = { isDone: false };
    let answers = 0;
    const importing = here.take().finally(() => {
      state.isDone = true;
    });
    await here.drive.write({ path: "/0/0" }, toUtf8("meanwhile"));
    while (!state.isDone) {
      await here.drive.stat("/other");
      answers++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const report = await importing;
    assert.ok(answers > 10, answers.toString());
    assert.equal(await here.text("/0/0"), "meanwhile");
    assert.match(report.notes.join(), /"0\/0" was left out: its place in the drive was changed/);
    assert.equal(await here.text("/1/1"), "file 1");
  });

  it("takes in two folders at once, one after the other", async () => {
    writeTree(here.source, { a: "1", b: "2" });
    const reports = await Promise.all([here.take("/x"), here.take("/y"), here.take("/x")]);
    // In whichever order their sources were opened.
    assert.deepEqual(reports.map(({ unchanged }) => unchanged).sort(), [0, 0, 2]);
  });

  it("refuses a source that is none and a place that is a file", async () => {
    await here.drive.write({ path: "/file" }, toUtf8("x"));
    await assert.rejects(here.take("/file"), hasCode("not-a-folder"));
    await assert.rejects(here.take("/file/inner"), hasCode("not-a-folder"));
    await assert.rejects(here.take("/a/../b"), hasCode("invalid-name"));
    const { drive } = here;
    await assert.rejects(
      drive.import(join(here.folder, "none"), "/", quietCall),
      hasCode("not-found"),
    );
    await assert.rejects(drive.import("source", "/", quietCall), hasCode("usage"));
    writeFileSync(join(here.folder, "plain"), "");
    await assert.rejects(
      drive.import(join(here.folder, "plain"), "/", quietCall),
      hasCode("not-a-folder"),
    );
    assert.deepEqual(await here.paths(), ["/file"]);
  });

  it("brings times that no version can hold into range, and says so", async () => {
    writeTree(here.source, { file: "f", "folder/": "", large: patternBytes(4_194_305) });
    const far = Date.UTC(2300) / 1000;
    for (const name of ["file", "folder", "large"]) utimesSync(join(here.source, name), far, far);
    utimesSync(here.source, far, far);
    const report = await here.take("/new");
    assert.equal(report.failed, 0);
    assert.match(report.notes.join(), /^3 things have times that no version can hold/);
    for (const path of ["/new", "/new/file", "/new/folder", "/new/large"]) {
      assert.equal((await here.drive.stat(path)).mtime, Date.UTC(2200), path);
    }
    assert.equal((await here.take("/new")).unchanged, 2);
  });
});
