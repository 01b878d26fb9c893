import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { hasCode } from "../blocks/refuses.ts";
import { writeTree } from "../support/local-tree.ts";
import { openTestDrive, quietCall } from "../support/open-drive.ts";
import { TestTransfer } from "../support/test-transfer.ts";

describe("what an import leaves out", () => {
  let here: TestTransfer;

  beforeEach(async () => {
    here = await TestTransfer.make();
  });

  afterEach(() => here.remove());

  it("leaves a folder of the drive where the source has a file, and the reverse, and tells", async () => {
    writeTree(here.source, { "folder/inner": "x", other: "file", fine: "y" });
    await here.drive.write({ path: "/folder" }, toUtf8("a file"));
    await here.drive.makeFolder("/other/inner", true);
    const report = await here.take();
    assert.deepEqual(await here.paths(), ["/fine", "/folder", "/other", "/other/inner"]);
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

  it("heeds .ipcloudignore files, the inner ones first, and takes them in", async () => {
    writeTree(here.source, {
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
    const report = await here.take();
    assert.deepEqual((await here.paths()).sort(), [
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

  for (const [what, rules, why] of [
    ["are longer than 1 MiB", "#".repeat(1024 * 1024 + 1), /1,048,577 bytes; the longest allowed/],
    ["are too many", "a\n".repeat(10_000), /10,001 rules, with those of the folders above/],
  ] as const) {
    it(`takes nothing from a folder whose rules ${what}, and names them`, async () => {
      writeTree(here.source, {
        ".ipcloudignore": "secret\n",
        fine: "",
        "long/.ipcloudignore": rules,
        "long/b": "",
        "long/deeper/c": "",
        "other/d": "",
      });
      const { failed, fault, notes } = await here.take();
      assert.deepEqual((await here.paths()).sort(), [
        "/.ipcloudignore",
        "/fine",
        "/long",
        "/other",
        "/other/d",
      ]);
      assert.deepEqual([failed, fault, notes.length], [1, "usage", 1]);
      assert.match(notes[0] ?? "", /^what is in "long" was left out.*"long\/\.ipcloudignore"/);
      assert.match(notes[0] ?? "", why);
    });
  }

  it("takes in what is in a folder that an inner .ipcloudignore brings back", async () => {
    writeTree(here.source, {
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
    const report = await here.take();
    assert.deepEqual((await here.paths("/a/b")).sort(), [
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
    writeTree(here.source, { file: "x" });
    linkSync(join(here.source, "file"), join(here.source, "second name"));
    execFileSync("mkfifo", [join(here.source, "pipe")]);
    writeFileSync(Buffer.concat([Buffer.from(`${here.source}/n`), Buffer.of(0xff)]), "");
    const server = createServer().listen(join(here.source, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    const { notes, files, failed, fault } = await here.take();
    server.close();
    assert.equal(files, 2);
    assert.equal(notes.length, 4);
    assert.deepEqual([failed, fault], [1, "invalid-name"]);
    const told = notes.join("\n");
    assert.match(told, /"pipe" was left out: it is a pipe/);
    assert.match(told, /"socket" was left out: it is a socket/);
    assert.match(told, /"nÿ" was left out: its name is not UTF-8/);
    assert.match(told, /2 files have more than one name/);
    assert.equal(await here.text("/second name"), "x");
  });

  it("says what can't be read and takes in the rest", async function () {
    if (process.getuid?.() === 0) this.skip(); // root reads everything
    writeTree(here.source, { "closed/inner": "x", unreadable: "y", fine: "z" });
    chmodSync(join(here.source, "unreadable"), 0);
    chmodSync(join(here.source, "closed"), 0);
    const { notes, failed, fault } = await here.take();
    chmodSync(join(here.source, "closed"), 0o700);
    assert.deepEqual([failed, fault], [2, "storage"]);
    assert.match(notes.join("\n"), /"unreadable" can't be read: permission denied/);
    assert.match(notes.join("\n"), /"closed" can't be read: permission denied/);
    assert.equal(await here.text("/fine"), "z");
  });

  it("leaves out the folder in which the drive itself is kept", async () => {
    writeTree(here.source, { file: "x" });
    const inside = join(here.source, "data");
    await here.test.remove();
    here.test = await openTestDrive(inside, here.test.contents, here.test.clock);
    const report = await here.take();
    assert.match(report.notes.join(), /"data" was left out: it is the folder in which the drive/);
    assert.deepEqual(await here.paths(), ["/file"]);
    await assert.rejects(here.drive.import(inside, "/", quietCall), hasCode("usage"));
  });

  it("counts what it could not take in, and takes in all else", async () => {
    await here.drive.write({ path: "/tree" }, toUtf8("a file"));
    writeTree(here.source, { "tree/inside": "1", "other/inside": "2" });
    const report = await here.take();
    assert.deepEqual([report.failed, report.fault], [1, "conflict"]);
    assert.equal(await here.text("/tree"), "a file");
    assert.equal(await here.text("/other/inside"), "2");
    const again = await here.take();
    assert.deepEqual([again.failed, again.unchanged], [1, 1]);
  });

  it("leaves out hard links to the files by which the node holds the drive", async () => {
    writeTree(here.source, { mine: "m" });
    linkSync(join(here.test.folder, "store.db"), join(here.source, "copy.db"));
    const report = await here.take();
    assert.deepEqual(await here.paths(), ["/mine"]);
    assert.equal(report.failed, 0);
    assert.match(report.notes.join(), /"copy.db" was left out: it is a file by which the drive/);
  });
});
