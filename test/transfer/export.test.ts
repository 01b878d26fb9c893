import assert from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { type CloudErrorCode, isCloudError } from "../../src/node/core/cloud-error.ts";
import type { Progress } from "../../src/node/space/types.ts";
import type { ExportReport } from "../../src/node/transfer/reports.ts";
import { damageBlock } from "../store/damage.ts";
import { patternBytes, readTree, writeTree } from "../support/local-tree.ts";
import { makeTestDrive, openTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

const hasCode =
  (code: CloudErrorCode) =>
  (error: unknown): boolean =>
    isCloudError(error, code);

describe("export", () => {
  let test: TestDrive;
  let folder: string;
  let source: string;
  let dest: string;

  beforeEach(async () => {
    test = await makeTestDrive();
    test.clock.now = Date.now();
    folder = mkdtempSync(join(tmpdir(), "ipcloud-export-"));
    source = join(folder, "source");
    dest = join(folder, "dest");
    mkdirSync(source);
  });

  afterEach(async () => {
    await test.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const give = (path = "/", at?: string): Promise<ExportReport> =>
    test.drive.export(path, dest, at, quietCall);
  const write = (path: string, content: string | Uint8Array) =>
    test.drive.write(
      { path, parents: true },
      typeof content === "string" ? toUtf8(content) : content,
    );
  const local = (path: string): string => readFileSync(join(dest, path), "utf8");

  it("writes back what was taken in: files, folders and links, modes and times", async () => {
    const sizes = [0, 1, 4096, 4097, 262_144, 262_145, 4_194_304, 4_194_305, 20_000_001];
    writeTree(source, {
      ...Object.fromEntries(sizes.map((size) => [`sizes/${size.toString()}`, patternBytes(size)])),
      zeros: new Uint8Array(9_000_000),
      "empty/": "",
      "closed/inner/file": "x",
      "names/日本 語 ünïcödé ~x": "a",
      "links/dangling": { link: "no/where" },
      "links/bytes": { link: Uint8Array.of(0x61, 0xff, 0x62) },
      "links/up": { link: "../sizes" },
    });
    for (const path of ["closed/inner", "closed"]) chmodSync(join(source, path), 0o555);
    chmodSync(join(source, "sizes/1"), 0o4711);
    await test.drive.import(source, "/", quietCall);
    const report = await give();
    const expected = readTree(source);
    assert.deepEqual(readTree(dest), expected);
    const { files, folders, links, notes } = report;
    assert.deepEqual(
      { files, folders, links, notes },
      { files: 12, folders: 6, links: 3, notes: [] },
    );
    assert.deepEqual(await give(), report);
    assert.deepEqual(readTree(dest), expected);
    for (const at of [source, dest]) chmodSync(join(at, "closed"), 0o755);
    for (const at of [source, dest]) chmodSync(join(at, "closed/inner"), 0o755);
  });

  it("writes a folder as it was", async () => {
    await write("/a/file", "then");
    const { revision } = test.drive;
    await write("/a/file", "now");
    await write("/a/later", "x");
    await give("/a", revision);
    assert.deepEqual(readdirSync(dest), ["file"]);
    assert.equal(local("file"), "then");
    await give("/a");
    assert.deepEqual(readdirSync(dest), ["file", "later"]);
    assert.equal(local("file"), "now");
  });

  it("puts one file into a folder or at a new path, and a link as a link", async () => {
    await write("/a/file", "x");
    await test.drive.symlink("/a/link", toUtf8("file"));
    mkdirSync(dest);
    await give("/a/file");
    assert.equal(local("file"), "x");
    await give("/a/link");
    assert.equal(readlinkSync(join(dest, "link")), "file");
    await test.drive.export("/a/file", join(dest, "new name"), undefined, quietCall);
    assert.equal(local("new name"), "x");
    const nowhere = join(dest, "none/new");
    await assert.rejects(
      test.drive.export("/a/file", nowhere, undefined, quietCall),
      hasCode("not-found"),
    );
  });

  it("never writes to where a link leads that stands in its way", async () => {
    writeTree(source, {
      "sub/file": "x",
      file: "y",
      large: new Uint8Array(5_000_000),
      l: { link: "a" },
    });
    await test.drive.import(source, "/", quietCall);
    const outside = join(folder, "outside");
    writeTree(outside, { file: "mine", "sub/file": "mine too" });
    const before = readTree(outside);
    mkdirSync(dest);
    symlinkSync(join(outside, "sub"), join(dest, "sub"));
    for (const name of ["file", "large", "l"]) symlinkSync(join(outside, "file"), join(dest, name));
    await give();
    assert.deepEqual(readTree(outside), before);
    assert.deepEqual(readTree(dest), readTree(source));
  });

  it("replaces files, keeps what else is there, and tells where a folder is in the way", async () => {
    writeTree(source, { same: "new", blocked: "x", "folder/inner": "y", "z/deep": "z" });
    await test.drive.import(source, "/", quietCall);
    writeTree(dest, { same: "old and longer", "blocked/mine": "1", folder: "2", "z/other": "3" });
    const { notes } = await give();
    assert.equal(local("same"), "new");
    assert.equal(local("z/deep"), "z");
    assert.equal(local("z/other"), "3");
    assert.equal(local("blocked/mine"), "1");
    assert.equal(local("folder"), "2");
    assert.match(notes.join("\n"), /"\/blocked" can't be written: a folder stands there/);
    assert.match(notes.join("\n"), /the folder "\/folder" can't be made: something stands there/);
    assert.deepEqual(
      readdirSync(dest).filter((name) => name.includes("ipcloud")),
      [],
    );
  });

  it("tells names that differ only in case or normal form, and keeps both", async () => {
    await write("/readme", "1");
    await write("/README", "2");
    await write("/caf\u00e9", "3");
    await write("/cafe\u0301", "4");
    const { notes, files } = await give();
    assert.equal(files, 4);
    assert.equal(notes.length, 2);
    assert.match(notes.join("\n"), /differs from "README" only in case or normal form/);
    const contents = readdirSync(dest).map(local).sort();
    assert.deepEqual(contents, ["1", "2", "3", "4"]);
  });

  it("gives folders that were only ever made in the drive a mode that others can read", async () => {
    await test.drive.makeFolder("/a/b", true);
    await give();
    assert.equal(lstatSync(join(dest, "a/b")).mode & 0o777, 0o755);
  });

  it("names what has lost its blocks and writes all else", async () => {
    const large = (seed: number): Uint8Array => patternBytes(300_000, seed);
    await write("/a/lost", large(1));
    const before = new Set([...test.store.ids()].map(toHex));
    await write("/a/broken", large(2));
    const added = [...test.store.ids()].filter((id) => !before.has(toHex(id)));
    const sizes = await Promise.all(added.map(async (id) => (await test.store.get(id)).length));
    const chunk = added[sizes.indexOf(Math.max(...sizes))];
    await write("/a/whole", large(3));
    await test.close();
    assert.ok(chunk !== undefined);
    await damageBlock(test.folder, chunk, (bytes) => bytes.fill(0, 100, 110));
    test = await openTestDrive(test.folder, test.contents, test.clock);
    await assert.rejects(give(), (error) => {
      assert.ok(isCloudError(error, "damaged"));
      assert.match(
        error.message,
        /1 thing has lost blocks and could not be written: "\/a\/broken"/,
      );
      return true;
    });
    assert.deepEqual(readdirSync(join(dest, "a")), ["lost", "whole"]);
    assert.deepEqual(new Uint8Array(readFileSync(join(dest, "a/whole"))), large(3));
  });

  it("stops when it is cancelled and leaves no half-written file", async () => {
    const spec: Record<string, string> = {};
    for (let i = 0; i < 2000; i++)
      spec[`${(i % 50).toString()}/${i.toString()}`] = `x${i.toString()}`;
    writeTree(source, spec);
    await test.drive.import(source, "/", quietCall);
    await write("/0/large", new Uint8Array(30_000_000));
    const abort = new AbortController();
    const progress = ({ done }: Progress): void => {
      if (done > 0) abort.abort();
    };
    const call = { signal: abort.signal, progress };
    await assert.rejects(test.drive.export("/", dest, undefined, call), hasCode("cancelled"));
    for (const [path, { content }] of Object.entries(readTree(dest))) {
      if (spec[path] !== undefined) assert.equal(local(path), spec[path]);
      assert.ok(!path.includes("ipcloud"), `${path} ${content}`);
    }
    await give();
    assert.equal(Object.keys(readTree(dest)).length, 2051);
  });

  it("refuses a destination that is a file or no absolute path, and a path that is not there", async () => {
    await write("/a/file", "x");
    writeFileSync(join(folder, "plain"), "mine");
    const to = (path: string, target: string) =>
      test.drive.export(path, target, undefined, quietCall);
    await assert.rejects(to("/a", join(folder, "plain")), hasCode("not-a-folder"));
    await assert.rejects(to("/a", join(folder, "plain/below")), hasCode("not-a-folder"));
    await assert.rejects(to("/a", "dest"), hasCode("usage"));
    await assert.rejects(to("/none", dest), hasCode("not-found"));
    assert.equal(readFileSync(join(folder, "plain"), "utf8"), "mine");
  });

  it("counts what something else stands in the way of, and writes all else", async () => {
    await write("/a", "a file");
    await write("/b/inside", "1");
    await test.drive.symlink("/c", toUtf8("a"));
    await write("/d", new Uint8Array(5_000_000));
    await write("/e", "e");
    mkdirSync(join(dest, "a/inside"), { recursive: true });
    for (const name of ["c", "d"]) mkdirSync(join(dest, name));
    writeFileSync(join(dest, "b"), "a file of the disk");
    const report = await give();
    assert.deepEqual([report.failed, report.fault], [4, "conflict"]);
    assert.equal(local("b"), "a file of the disk");
    assert.equal(local("e"), "e");
  });

  it("writes nothing into the folder in which the drive is kept", async () => {
    await write("/instance/store.db", "not a store");
    mkdirSync(join(test.folder, "inner"));
    symlinkSync(test.folder, join(folder, "link"));
    const refused = [test.folder, "inner", "inner/new/deep", "../link", "../link/new", "segments"];
    for (const name of refused) {
      dest =
        name === test.folder
          ? name
          : join(name.startsWith("..") ? folder : test.folder, name.replace("../", ""));
      await assert.rejects(give("/instance"), hasCode("usage"), name);
      await assert.rejects(give("/instance/store.db"), hasCode("usage"), name);
    }
    await write("/around/home/store.db", "not a store");
    renameSync(test.folder, join(folder, "home"));
    symlinkSync(join(folder, "home"), test.folder);
    dest = folder;
    await assert.rejects(give("/around"), hasCode("usage"));
    unlinkSync(test.folder);
    renameSync(join(folder, "home"), test.folder);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });
});
