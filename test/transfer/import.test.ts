import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { type CloudErrorCode, isCloudError } from "../../src/node/core/cloud-error.ts";
import type { Progress } from "../../src/node/space/types.ts";
import type { ImportReport } from "../../src/node/transfer/reports.ts";
import { patternBytes, readTree, writeTree } from "../support/local-tree.ts";
import { makeTestDrive, openTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

const hasCode =
  (code: CloudErrorCode) =>
  (error: unknown): boolean =>
    isCloudError(error, code);

describe("import", () => {
  let test: TestDrive;
  let folder: string;
  let source: string;

  beforeEach(async () => {
    test = await makeTestDrive();
    test.clock.now = Date.now();
    folder = mkdtempSync(join(tmpdir(), "ipcloud-import-"));
    source = join(folder, "source");
    mkdirSync(source);
  });

  afterEach(async () => {
    await test.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const take = (dest = "/"): Promise<ImportReport> => test.drive.import(source, dest, quietCall);
  const text = async (path: string) => fromUtf8(await test.drive.read(path, {}));
  const paths = async (path = "/"): Promise<string[]> => {
    const found: string[] = [];
    for (const { name, kind } of await test.drive.list(path)) {
      const inner = path === "/" ? `/${name}` : `${path}/${name}`;
      found.push(inner);
      if (kind === "folder") found.push(...(await paths(inner)));
    }
    return found;
  };

  it("takes in files of every size, folders and links, with modes and times", async () => {
    const sizes = [0, 1, 4096, 4097, 262_143, 262_144, 262_145, 4_194_304, 4_194_305, 9_000_001];
    writeTree(source, {
      ...Object.fromEntries(sizes.map((size) => [`sizes/${size.toString()}`, patternBytes(size)])),
      "empty/": "",
      "names/日本 語 ünïcödé ~x": "a",
      "names/-rf *": "b",
      "links/dangling": { link: "no/where" },
      "links/bytes": { link: Uint8Array.of(0x61, 0xff, 0x62) },
      "links/up": { link: "../sizes/1" },
    });
    chmodSync(join(source, "sizes/1"), 0o4711);
    chmodSync(join(source, "empty"), 0o700);
    const report = await take();
    assert.deepEqual(report.notes, []);
    const { files, folders, links, unchanged } = report;
    assert.deepEqual(
      { files, folders, links, unchanged },
      { files: 12, folders: 4, links: 3, unchanged: 0 },
    );
    assert.equal(report.bytes, sizes.reduce((a, b) => a + b) + 2);
    assert.equal(report.revision, test.drive.revision);
    for (const [path, local] of Object.entries(readTree(source))) {
      const stat = await test.drive.stat(`/${path}`);
      assert.equal(stat.kind, local.kind, path);
      assert.equal(stat.mode, local.mode, path);
      assert.equal(Math.round(stat.mtime * 1000), local.mtime, path);
    }
    assert.deepEqual(await test.drive.read("/sizes/9000001", {}), patternBytes(9_000_001));
    assert.deepEqual(await test.drive.read("/sizes/4194305", {}), patternBytes(4_194_305));
    assert.deepEqual(await test.drive.readLink("/links/bytes"), Uint8Array.of(0x61, 0xff, 0x62));
    assert.deepEqual((await test.drive.verify(quietCall)).ok, true);
  });

  it("makes one revision of a whole tree and none of an unchanged one", async () => {
    writeTree(source, { "a/b/c.txt": "deep", "d.txt": "flat", "e/": "" });
    const first = await take();
    assert.equal(first.revision.split("-")[0], "1");
    const again = await take();
    assert.equal(again.revision, first.revision);
    assert.equal(again.unchanged, 2);
    test = await test.reopen();
    assert.equal((await take()).unchanged, 2);
    assert.equal(test.drive.revision, first.revision);
  });

  it("finds an equal tree unchanged that it takes in from another place", async () => {
    writeTree(source, { "a/b.txt": "b", large: new Uint8Array(300_000).fill(7) });
    const { revision } = await take();
    const moved = join(folder, "moved");
    renameSync(source, moved);
    const report = await test.drive.import(moved, "/", quietCall);
    assert.equal(report.unchanged, 2);
    assert.equal(report.revision, revision);
  });

  it("takes what changed on either side, and leaves all else as it is", async () => {
    writeTree(source, { "a/one": "1", "a/two": "2", "b/three": "3" });
    await take();
    writeFileSync(join(source, "a/one"), "1 changed");
    await test.drive.write({ path: "/b/three" }, toUtf8("changed in the drive"));
    await test.drive.write({ path: "/b/four" }, toUtf8("only in the drive"));
    unlinkSync(join(source, "a/two"));
    const report = await take();
    assert.equal(report.unchanged, 0);
    assert.equal(await text("/a/one"), "1 changed");
    assert.equal(await text("/a/two"), "2");
    assert.equal(await text("/b/three"), "3");
    assert.equal(await text("/b/four"), "only in the drive");
    assert.equal((await test.drive.log("/a/one", 10, true)).length, 2);
    assert.equal((await take()).unchanged, 2);
  });

  it("sees a change that keeps size and time", async () => {
    writeTree(source, { file: "before" });
    await take();
    const { atimeMs, mtimeMs } = lstatSync(join(source, "file"));
    writeFileSync(join(source, "file"), "after!");
    utimesSync(join(source, "file"), atimeMs / 1000, mtimeMs / 1000);
    assert.equal((await take()).unchanged, 0);
    assert.equal(await text("/file"), "after!");
  });

  it("never lets a time go back", async () => {
    writeTree(source, { file: "old" });
    const later = test.clock.now + 1_000_000;
    await test.drive.write({ path: "/file", mtime: later }, toUtf8("newer"));
    await take();
    assert.equal(await text("/file"), "old");
    assert.equal((await test.drive.stat("/file")).mtime, later + 1);
    const { revision } = await take();
    assert.equal((await take()).revision, revision);
    chmodSync(join(source, "file"), 0o755);
    await take();
    assert.equal((await test.drive.stat("/file")).mode, 0o755);
    assert.equal((await test.drive.stat("/file")).mtime, later + 2);
  });

  it("goes on with the timeline of what had been removed", async () => {
    writeTree(source, { "a/file": "one" });
    await take();
    await test.drive.remove("/a", true);
    writeFileSync(join(source, "a/file"), "two");
    await take();
    assert.equal(await text("/a/file"), "two");
    assert.equal((await test.drive.log("/a/file", 10, true)).length, 2);
  });

  it("makes the folder that it goes into, with the source's mode and time", async () => {
    writeTree(source, { file: "x" });
    chmodSync(source, 0o750);
    utimesSync(source, 1_500_000_000, 1_500_000_000);
    await take("/new/place/");
    assert.deepEqual(await paths(), ["/new", "/new/place", "/new/place/file"]);
    const { mode, mtime } = await test.drive.stat("/new/place");
    assert.deepEqual({ mode, mtime }, { mode: 0o750, mtime: 1_500_000_000_000 });
    assert.equal((await take("/new/place")).unchanged, 1);
    await take("/other");
    assert.equal(await text("/other/file"), "x");
  });

  it("leaves a folder of the drive where the source has a file, and the reverse, and tells", async () => {
    writeTree(source, { "folder/inner": "x", other: "file", fine: "y" });
    await test.drive.write({ path: "/folder" }, toUtf8("a file"));
    await test.drive.makeFolder("/other/inner", true);
    const report = await take();
    assert.deepEqual(await paths(), ["/fine", "/folder", "/other", "/other/inner"]);
    assert.equal(report.files, 1);
    assert.equal(report.notes.length, 2);
    assert.match(
      report.notes.join("\n"),
      /"folder" was left out: a file of the drive stands there/,
    );
    assert.match(
      report.notes.join("\n"),
      /"other" was left out: a folder of the drive stands there/,
    );
  });

  it("puts a link in place of a file and a file in place of a link", async () => {
    writeTree(source, { a: "file", b: { link: "a" } });
    await take();
    unlinkSync(join(source, "a"));
    unlinkSync(join(source, "b"));
    symlinkSync("b", join(source, "a"));
    writeFileSync(join(source, "b"), "file now");
    await take();
    assert.deepEqual(await paths(), ["/a", "/b"]);
    assert.equal((await test.drive.stat("/a")).kind, "link");
    assert.equal(await text("/b"), "file now");
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("heeds .ipcloudignore files, the inner ones first, and takes them in", async () => {
    writeTree(source, {
      ".ipcloudignore": "*.log\n/build/\n!keep.log\n# a comment\nUpper\n",
      "a.log": "",
      "keep.log": "",
      "build/x": "",
      "src/build/y": "",
      "src/.ipcloudignore": "!b.log\nsecret\n",
      "src/b.log": "",
      "src/c.log": "",
      "src/deep/b.log": "",
      "src/deep/secret": "",
      secret: "",
      upper: "",
    });
    const report = await take();
    assert.deepEqual((await paths()).sort(), [
      "/.ipcloudignore",
      "/keep.log",
      "/secret",
      "/src",
      "/src/.ipcloudignore",
      "/src/b.log",
      "/src/build",
      "/src/build/y",
      "/src/deep",
      "/src/deep/b.log",
      "/upper",
    ]);
    assert.equal(report.ignored, 4);
  });

  it("takes in what is in a folder that an inner .ipcloudignore brings back", async () => {
    writeTree(source, {
      ".ipcloudignore": "b/\n*.log\n",
      "b/left out": "",
      "a/.ipcloudignore": "!b/\n",
      "a/b/file": "",
      "a/b/x.log": "",
      "a/b/c/file": "",
      "a/b/c/b/left out": "",
      "a/b/c/.ipcloudignore": "b/\n!x.log\n",
      "a/b/c/x.log": "",
    });
    const report = await take();
    assert.deepEqual((await paths("/a/b")).sort(), [
      "/a/b/c",
      "/a/b/c/.ipcloudignore",
      "/a/b/c/file",
      "/a/b/c/x.log",
      "/a/b/file",
    ]);
    assert.equal(report.ignored, 3);
  });

  it("tells what no drive can hold, and what is not kept", async function () {
    if (process.platform === "win32") this.skip();
    writeTree(source, { file: "x" });
    linkSync(join(source, "file"), join(source, "second name"));
    execFileSync("mkfifo", [join(source, "pipe")]);
    writeFileSync(Buffer.concat([Buffer.from(`${source}/n`), Buffer.of(0xff)]), "");
    const server = createServer().listen(join(source, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    const { notes, files, failed, fault } = await take();
    server.close();
    assert.equal(files, 2);
    assert.equal(notes.length, 4);
    assert.deepEqual([failed, fault], [1, "invalid-name"]);
    const told = notes.join("\n");
    assert.match(told, /"pipe" was left out: it is a pipe/);
    assert.match(told, /"socket" was left out: it is a socket/);
    assert.match(told, /"nÿ" was left out: its name is not UTF-8/);
    assert.match(told, /2 files have more than one name/);
    assert.equal(await text("/second name"), "x");
  });

  it("says what can't be read and takes in the rest", async function () {
    if (process.getuid?.() === 0) this.skip(); // root reads everything
    writeTree(source, { "closed/inner": "x", unreadable: "y", fine: "z" });
    chmodSync(join(source, "unreadable"), 0);
    chmodSync(join(source, "closed"), 0);
    const { notes, failed, fault } = await take();
    chmodSync(join(source, "closed"), 0o700);
    assert.deepEqual([failed, fault], [2, "storage"]);
    assert.match(notes.join("\n"), /"unreadable" can't be read: permission denied/);
    assert.match(notes.join("\n"), /"closed" can't be read: permission denied/);
    assert.equal(await text("/fine"), "z");
  });

  it("leaves out the folder in which the drive itself is kept", async () => {
    writeTree(source, { file: "x" });
    const inside = join(source, "data");
    await test.remove();
    test = await openTestDrive(inside, test.contents, test.clock);
    const report = await take();
    assert.match(report.notes.join(), /"data" was left out: it is the folder in which the drive/);
    assert.deepEqual(await paths(), ["/file"]);
    await assert.rejects(test.drive.import(inside, "/", quietCall), hasCode("usage"));
  });

  it("leaves the drive as it was when it is cancelled, wherever that happens", async () => {
    const spec: Record<string, string> = {};
    for (let i = 0; i < 1500; i++)
      spec[`${(i % 37).toString()}/${i.toString()}`] = `file ${i.toString()}`;
    writeTree(source, spec);
    appendFileSync(join(source, "large"), new Uint8Array(9_000_000));
    await test.drive.write({ path: "/before" }, toUtf8("x"));
    const { revision } = test.drive;
    for (const phase of ["at once", "reading", "placing"]) {
      const abort = new AbortController();
      if (phase === "at once") abort.abort();
      const progress = (told: Progress): void => {
        if (told.phase === phase) abort.abort();
      };
      const call = { signal: abort.signal, progress };
      await assert.rejects(test.drive.import(source, "/", call), hasCode("cancelled"));
      assert.equal(test.drive.revision, revision, phase);
      assert.deepEqual(await paths(), ["/before"], phase);
    }
    assert.equal((await take()).files, 1501);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("answers others meanwhile, and keeps what they change", async () => {
    const spec: Record<string, string> = {};
    for (let i = 0; i < 3000; i++)
      spec[`${(i % 100).toString()}/${i.toString()}`] = `file ${i.toString()}`;
    writeTree(source, spec);
    await test.drive.write({ path: "/other" }, toUtf8("x"));
    await test.drive.write({ path: "/0/0", parents: true }, toUtf8("before"));
    const state = { isDone: false };
    let answers = 0;
    const importing = take().finally(() => {
      state.isDone = true;
    });
    await test.drive.write({ path: "/0/0" }, toUtf8("meanwhile"));
    while (!state.isDone) {
      await test.drive.stat("/other");
      answers++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const report = await importing;
    assert.ok(answers > 10, answers.toString());
    assert.equal(await text("/0/0"), "meanwhile");
    assert.match(report.notes.join(), /"0\/0" was left out: its place in the drive was changed/);
    assert.equal(await text("/1/1"), "file 1");
  });

  it("takes in two folders at once, one after the other", async () => {
    writeTree(source, { a: "1", b: "2" });
    const reports = await Promise.all([take("/x"), take("/y"), take("/x")]);
    assert.deepEqual(
      reports.map(({ unchanged }) => unchanged),
      [0, 0, 2],
    );
  });

  it("refuses a source that is none and a place that is a file", async () => {
    await test.drive.write({ path: "/file" }, toUtf8("x"));
    await assert.rejects(take("/file"), hasCode("not-a-folder"));
    await assert.rejects(take("/file/inner"), hasCode("not-a-folder"));
    await assert.rejects(take("/a/../b"), hasCode("invalid-name"));
    const { drive } = test;
    await assert.rejects(drive.import(join(folder, "none"), "/", quietCall), hasCode("not-found"));
    await assert.rejects(drive.import("source", "/", quietCall), hasCode("usage"));
    writeFileSync(join(folder, "plain"), "");
    await assert.rejects(
      drive.import(join(folder, "plain"), "/", quietCall),
      hasCode("not-a-folder"),
    );
    assert.deepEqual(await paths(), ["/file"]);
  });

  it("brings times that no version can hold into range, and says so", async () => {
    writeTree(source, { file: "f", "folder/": "", large: patternBytes(4_194_305) });
    const far = Date.UTC(2300) / 1000;
    for (const name of ["file", "folder", "large"]) utimesSync(join(source, name), far, far);
    utimesSync(source, far, far);
    const report = await take("/new");
    assert.equal(report.failed, 0);
    assert.match(report.notes.join(), /^3 things have times that no version can hold/);
    for (const path of ["/new", "/new/file", "/new/folder", "/new/large"]) {
      assert.equal((await test.drive.stat(path)).mtime, Date.UTC(2200), path);
    }
    assert.equal((await take("/new")).unchanged, 2);
  });

  it("counts what it could not take in, and takes in all else", async () => {
    await test.drive.write({ path: "/tree" }, toUtf8("a file"));
    writeTree(source, { "tree/inside": "1", "other/inside": "2" });
    const report = await take();
    assert.deepEqual([report.failed, report.fault], [1, "conflict"]);
    assert.equal(await text("/tree"), "a file");
    assert.equal(await text("/other/inside"), "2");
    const again = await take();
    assert.deepEqual([again.failed, again.unchanged], [1, 1]);
  });

  it("leaves out hard links to the files by which the node holds the drive", async () => {
    writeTree(source, { mine: "m" });
    linkSync(join(test.folder, "store.db"), join(source, "copy.db"));
    const report = await take();
    assert.deepEqual(await paths(), ["/mine"]);
    assert.equal(report.failed, 0);
    assert.match(report.notes.join(), /"copy.db" was left out: it is a file by which the drive/);
  });
});
