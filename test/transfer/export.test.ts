import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import type { Progress } from "../../src/node/space/types.ts";
import { hasCode } from "../blocks/refuses.ts";
import { seededBytes } from "../store/blocks.ts";
import { damageBlock } from "../store/damage.ts";
import { patternBytes, readTree, writeTree } from "../support/local-tree.ts";
import { openTestDrive, quietCall } from "../support/open-drive.ts";
import { TestTransfer } from "../support/test-transfer.ts";

describe("export", () => {
  let here: TestTransfer;

  beforeEach(async () => {
    here = await TestTransfer.make();
  });

  afterEach(() => here.remove());

  it("writes back what was taken in: files, folders and links, modes and times", async () => {
    const sizes = [0, 1, 4096, 4097, 262_144, 262_145, 4_194_304, 4_194_305, 20_000_001];
    writeTree(here.source, {
      ...Object.fromEntries(sizes.map((size) => [`sizes/${size.toString()}`, patternBytes(size)])),
      zeros: new Uint8Array(9_000_000),
      "empty/": "",
      "closed/inner/file": "x",
      "names/日本 語 ünïcödé ~x": "a",
      "links/dangling": { link: "no/where" },
      "links/bytes": { link: Uint8Array.of(0x61, 0xff, 0x62) },
      "links/up": { link: "../sizes" },
    });
    for (const path of ["closed/inner", "closed"]) chmodSync(join(here.source, path), 0o555);
    chmodSync(join(here.source, "sizes/1"), 0o4711);
    await here.take();
    const report = await here.give();
    const expected = readTree(here.source);
    assert.deepEqual(readTree(here.dest), expected);
    const { files, folders, links, notes } = report;
    assert.deepEqual(
      { files, folders, links, notes },
      { files: 12, folders: 6, links: 3, notes: [] },
    );
    assert.deepEqual(await here.give(), report);
    assert.deepEqual(readTree(here.dest), expected);
    for (const at of [here.source, here.dest]) chmodSync(join(at, "closed"), 0o755);
    for (const at of [here.source, here.dest]) chmodSync(join(at, "closed/inner"), 0o755);
  });

  it("writes a folder as it was", async () => {
    await here.write("/a/file", "then");
    const { revision } = here.drive;
    await here.write("/a/file", "now");
    await here.write("/a/later", "x");
    await here.give("/a", revision);
    assert.deepEqual(readdirSync(here.dest), ["file"]);
    assert.equal(here.local("file"), "then");
    await here.give("/a");
    assert.deepEqual(readdirSync(here.dest), ["file", "later"]);
    assert.equal(here.local("file"), "now");
  });

  it("puts one file into a folder or at a new path, and a link as a link", async () => {
    await here.write("/a/file", "x");
    await here.drive.symlink("/a/link", toUtf8("file"));
    mkdirSync(here.dest);
    await here.give("/a/file");
    assert.equal(here.local("file"), "x");
    await here.give("/a/link");
    assert.equal(readlinkSync(join(here.dest, "link")), "file");
    await here.drive.export(
      { path: "/a/file", dest: join(here.dest, "new name"), replaceNewer: false },
      undefined,
      quietCall,
    );
    assert.equal(here.local("new name"), "x");
    const nowhere = join(here.dest, "none/new");
    await assert.rejects(
      here.drive.export(
        { path: "/a/file", dest: nowhere, replaceNewer: false },
        undefined,
        quietCall,
      ),
      hasCode("not-found"),
    );
  });

  it("never writes to where a link leads that stands in its way", async () => {
    writeTree(here.source, {
      "sub/file": "x",
      file: "y",
      large: new Uint8Array(5_000_000),
      l: { link: "a" },
    });
    await here.take();
    const outside = join(here.folder, "outside");
    writeTree(outside, { file: "mine", "sub/file": "mine too" });
    const before = readTree(outside);
    mkdirSync(here.dest);
    symlinkSync(join(outside, "sub"), join(here.dest, "sub"));
    for (const name of ["file", "large", "l"]) {
      symlinkSync(join(outside, "file"), join(here.dest, name));
    }
    await here.give();
    assert.deepEqual(readTree(outside), before);
    assert.deepEqual(readTree(here.dest), readTree(here.source));
  });

  it("keeps files that are newer on the disk, and says which, unless they may be replaced", async () => {
    const sizes = { small: 10, chunked: 300_000, large: 5_000_000 };
    const names = Object.keys(sizes) as (keyof typeof sizes)[];
    writeTree(
      here.source,
      Object.fromEntries(names.map((name) => [name, patternBytes(sizes[name], 1)])),
    );
    writeTree(here.source, { equal: "equal" });
    await here.take();
    await here.give();
    assert.equal((await here.give("/", undefined, false)).newer, 0, "as it was given");
    const later = Date.now() / 1000 + 3600;
    for (const name of names) {
      appendFileSync(join(here.dest, name), "mine");
      utimesSync(join(here.dest, name), later, later);
    }
    const kept = readTree(here.dest);
    const report = await here.give("/", undefined, false);
    assert.deepEqual(
      [report.newer, report.failed, report.fault, report.files],
      [3, 3, "conflict", 1],
    );
    for (const name of names)
      assert.match(
        report.notes.join("\n"),
        new RegExp(`/${name}" can't be written: the file there is newer`),
      );
    assert.deepEqual(readTree(here.dest), kept, "nor is anything left beside them");
    assert.equal((await here.give()).newer, 0);
    assert.deepEqual(readTree(here.dest), readTree(here.source));
  });

  it("replaces files, keeps what else is there, and tells where a folder is in the way", async () => {
    writeTree(here.source, { same: "new", blocked: "x", "folder/inner": "y", "z/deep": "z" });
    await here.take();
    writeTree(here.dest, {
      same: "old and longer",
      "blocked/mine": "1",
      folder: "2",
      "z/other": "3",
    });
    const { notes } = await here.give();
    assert.equal(here.local("same"), "new");
    assert.equal(here.local("z/deep"), "z");
    assert.equal(here.local("z/other"), "3");
    assert.equal(here.local("blocked/mine"), "1");
    assert.equal(here.local("folder"), "2");
    assert.match(notes.join("\n"), /"\/blocked" can't be written: a folder stands there/);
    assert.match(notes.join("\n"), /the folder "\/folder" can't be made: something stands there/);
    assert.deepEqual(
      readdirSync(here.dest).filter((name) => name.includes("ipcloud")),
      [],
    );
  });

  it("tells names that differ only in case or normal form, and keeps both", async () => {
    await here.write("/readme", "1");
    await here.write("/README", "2");
    await here.write("/caf\u00e9", "3");
    await here.write("/cafe\u0301", "4");
    const { notes, files } = await here.give();
    assert.equal(files, 4);
    assert.equal(notes.length, 2);
    assert.match(notes.join("\n"), /differs from "README" only in case or normal form/);
    const contents = readdirSync(here.dest)
      .map((name) => here.local(name))
      .sort();
    assert.deepEqual(contents, ["1", "2", "3", "4"]);
  });

  it("gives folders that were only ever made in the drive a mode that others can read", async () => {
    await here.drive.makeFolder("/a/b", true);
    await here.give();
    assert.equal(lstatSync(join(here.dest, "a/b")).mode & 0o777, 0o755);
  });

  it("names what has lost its blocks and writes all else", async () => {
    const large = (seed: number): Uint8Array => patternBytes(300_000, seed);
    await here.write("/a/lost", large(1));
    const before = new Set([...here.test.store.ids()].map(toHex));
    await here.write("/a/broken", large(2));
    const added = [...here.test.store.ids()].filter((id) => !before.has(toHex(id)));
    const sizes = await Promise.all(
      added.map(async (id) => (await here.test.store.get(id)).length),
    );
    const chunk = added[sizes.indexOf(Math.max(...sizes))];
    await here.write("/a/whole", large(3));
    await here.test.close();
    assert.ok(chunk !== undefined);
    await damageBlock(here.test.folder, chunk, (bytes) => bytes.fill(0, 100, 110));
    here.test = await openTestDrive(here.test.folder, here.test.contents, here.test.clock);
    await assert.rejects(here.give(), (error) => {
      assert.ok(isCloudError(error, "damaged"));
      assert.match(
        error.message,
        /1 thing has lost blocks and could not be written: "\/a\/broken"/,
      );
      return true;
    });
    assert.deepEqual(readdirSync(join(here.dest, "a")), ["lost", "whole"]);
    assert.deepEqual(new Uint8Array(readFileSync(join(here.dest, "a/whole"))), large(3));
  });

  it("finds blocks that are not where they were when it asked", async () => {
    writeTree(here.source, {
      "several chunks": seededBytes(1, 700_000),
      large: seededBytes(2, 20_000_000),
      ...Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [i.toString(), seededBytes(3 + i, 4000)]),
      ),
    });
    await here.take();
    const { store } = here.test;
    const locate = store.locate.bind(store);
    let asked = 0;
    store.locate = (id) => {
      const place = locate(id);
      if (place === undefined) return undefined;
      const wrong = [{ offset: place.offset + 1 }, { path: `${place.path}.gone` }, { length: 9e5 }];
      return { ...place, ...wrong[asked++ % 3] };
    };
    await here.give();
    assert.ok(asked > 80);
    assert.deepEqual(readTree(here.dest), readTree(here.source));
  });

  it("stops when it is cancelled and leaves no half-written file", async () => {
    const spec: Record<string, string> = {};
    for (let i = 0; i < 2000; i++)
      spec[`${(i % 50).toString()}/${i.toString()}`] = `x${i.toString()}`;
    writeTree(here.source, spec);
    await here.take();
    await here.write("/0/large", new Uint8Array(30_000_000));
    const abort = new AbortController();
    const progress = ({ done }: Progress): void => {
      if (done > 0) abort.abort();
    };
    const call = { signal: abort.signal, progress };
    await assert.rejects(
      here.drive.export({ path: "/", dest: here.dest, replaceNewer: false }, undefined, call),
      hasCode("cancelled"),
    );
    for (const [path, { content }] of Object.entries(readTree(here.dest))) {
      if (spec[path] !== undefined) assert.equal(here.local(path), spec[path]);
      assert.ok(!path.includes("ipcloud"), `${path} ${content}`);
    }
    await here.give();
    assert.equal(Object.keys(readTree(here.dest)).length, 2051);
  });

  it("refuses a destination that is a file or no absolute path, and a path that is not there", async () => {
    await here.write("/a/file", "x");
    writeFileSync(join(here.folder, "plain"), "mine");
    const to = (path: string, target: string) =>
      here.drive.export({ path: path, dest: target, replaceNewer: false }, undefined, quietCall);
    await assert.rejects(to("/a", join(here.folder, "plain")), hasCode("not-a-folder"));
    await assert.rejects(to("/a", join(here.folder, "plain/below")), hasCode("not-a-folder"));
    await assert.rejects(to("/a", "dest"), hasCode("usage"));
    await assert.rejects(to("/none", here.dest), hasCode("not-found"));
    assert.equal(readFileSync(join(here.folder, "plain"), "utf8"), "mine");
  });

  it("counts what something else stands in the way of, and writes all else", async () => {
    await here.write("/a", "a file");
    await here.write("/b/inside", "1");
    await here.drive.symlink("/c", toUtf8("a"));
    await here.write("/d", new Uint8Array(5_000_000));
    await here.write("/e", "e");
    mkdirSync(join(here.dest, "a/inside"), { recursive: true });
    for (const name of ["c", "d"]) mkdirSync(join(here.dest, name));
    writeFileSync(join(here.dest, "b"), "a file of the disk");
    const report = await here.give();
    assert.deepEqual([report.failed, report.fault], [4, "conflict"]);
    assert.equal(here.local("b"), "a file of the disk");
    assert.equal(here.local("e"), "e");
  });

  it("writes nothing into the folder in which the drive is kept", async () => {
    await here.write("/instance/store.db", "not a store");
    mkdirSync(join(here.test.folder, "inner"));
    symlinkSync(here.test.folder, join(here.folder, "link"));
    const refused = [
      here.test.folder,
      "inner",
      "inner/new/deep",
      "../link",
      "../link/new",
      "segments",
    ];
    for (const name of refused) {
      here.dest =
        name === here.test.folder
          ? name
          : join(name.startsWith("..") ? here.folder : here.test.folder, name.replace("../", ""));
      await assert.rejects(here.give("/instance"), hasCode("usage"), name);
      await assert.rejects(here.give("/instance/store.db"), hasCode("usage"), name);
    }
    await here.write("/around/home/store.db", "not a store");
    renameSync(here.test.folder, join(here.folder, "home"));
    symlinkSync(join(here.folder, "home"), here.test.folder);
    here.dest = here.folder;
    await assert.rejects(here.give("/around"), hasCode("usage"));
    unlinkSync(here.test.folder);
    renameSync(join(here.folder, "home"), here.test.folder);
    assert.equal((await here.drive.verify(quietCall)).ok, true);
  });
});
