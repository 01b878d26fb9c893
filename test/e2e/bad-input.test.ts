import assert from "node:assert/strict";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { type CloudErrorCode, isCloudError } from "../../src/node/core/cloud-error.ts";
import type { Drive } from "../../src/node/drive/drive.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

/** What is asked of a drive with `/file`, `/folder/inner` and `/link`; and what is said to it. */
interface Case {
  readonly ask: (drive: Drive) => Promise<unknown>;
  readonly code: CloudErrorCode;
  readonly sentence: RegExp;
}

const some = toUtf8("some");

const names: readonly (readonly [name: string, sentence: RegExp])[] = [
  ["", /the name "" is empty; a name has 1 to 255 bytes/],
  [".", /the name "\." stands for a folder/],
  ["..", /the name "\.\." stands for a folder/],
  ["a\0b", /the name "a\\u0000b" holds a NUL/],
  ["\0", /holds a NUL/],
  ["a\ud800b", /the name "a\\ud800b" is not valid Unicode: it holds half a surrogate pair/],
  ["\udc00", /is not valid Unicode/],
  ["n".repeat(256), /has 256 bytes; the longest allowed is 255/],
  ["ä".repeat(128), /has 256 bytes; the longest allowed is 255/],
  ["😀".repeat(64), /has 256 bytes; the longest allowed is 255/],
];

/** Every way to hand over a name. */
const takesName: readonly ((drive: Drive, name: string) => Promise<unknown>)[] = [
  (drive, name) => drive.write({ path: `/folder/${name}/x` }, some),
  (drive, name) => drive.write({ path: `/${name}/x`, parents: true }, some),
  (drive, name) => drive.symlink(`/${name}/x`, some),
  (drive, name) => drive.makeFolder(`/folder/${name}/x`, true),
  (drive, name) => drive.move("/file", `/${name}/x`, true),
  (drive, name) => drive.copy("/file", `/${name}/x`, true),
  (drive, name) => drive.remove(`/folder/${name}/x`, true),
  (drive, name) => drive.setMeta(`/${name}/x`, { mode: 0 }),
  (drive, name) => drive.read(`/${name}/x`, {}),
  (drive, name) => drive.stat(`/folder/${name}/x`),
  (drive, name) => drive.list(`/${name}/x`),
  (drive, name) => drive.log(`/${name}/x`, 10, true),
  (drive, name) => drive.restore(`/${name}/x`, {}),
  (drive, name) => drive.purge(`/${name}/x`, quietCall),
  (drive, name) => drive.endUpload(drive.beginUpload(), { path: `/${name}/x` }),
];

const deep = `/${Array.from({ length: 1025 }, () => "d").join("/")}`;

const cases: Readonly<Record<string, Case>> = {
  "a path too deep": {
    ask: (drive) => drive.write({ path: deep, parents: true }, some),
    code: "invalid-name",
    sentence: /the path has 1025 names; the deepest allowed is 1024/,
  },
  "a file where a folder is meant": {
    ask: (drive) => drive.write({ path: "/file/below" }, some),
    code: "not-a-folder",
    sentence: /^\/file is not a folder/,
  },
  "a file on the way": {
    ask: (drive) => drive.makeFolder("/file/a/b", true),
    code: "not-a-folder",
    sentence: /\/file is not a folder, so nothing can stand below it/,
  },
  "the list of a file": {
    ask: (drive) => drive.list("/file"),
    code: "not-a-folder",
    sentence: /\/file is a file, not a folder/,
  },
  "a link on the way": {
    ask: (drive) => drive.read("/link/inner", {}),
    code: "not-a-folder",
    sentence: /\/link is not a folder/,
  },
  "a folder where a file is meant": {
    ask: (drive) => drive.write({ path: "/folder" }, some),
    code: "is-a-folder",
    sentence: /\/folder is a folder/,
  },
  "the content of a folder": {
    ask: (drive) => drive.read("/folder", {}),
    code: "is-a-folder",
    sentence: /\/folder is a folder, not a file/,
  },
  "the content of the root": {
    ask: (drive) => drive.read("/", {}),
    code: "is-a-folder",
    sentence: /\/ is a folder, not a file/,
  },
  "a folder where a file stands": {
    ask: (drive) => drive.makeFolder("/file", false),
    code: "exists",
    sentence: /\/file is a file, not a folder/,
  },
  "a folder that is there": {
    ask: (drive) => drive.makeFolder("/folder", false),
    code: "exists",
    sentence: /the folder \/folder is there already/,
  },
  "a link where a file stands": {
    ask: (drive) => drive.symlink("/file", some),
    code: "exists",
    sentence: /"file".*a file stands there/,
  },
  "where a file leads": {
    ask: (drive) => drive.readLink("/file"),
    code: "usage",
    sentence: /\/file is not a symbolic link/,
  },
  "a link that leads nowhere": {
    ask: (drive) => drive.symlink("/new", new Uint8Array(0)),
    code: "usage",
    sentence: /a symbolic link leads to 1 to 4096 bytes/,
  },
  "a missing folder above": {
    ask: (drive) => drive.write({ path: "/none/x" }, some),
    code: "not-found",
    sentence: /there is no folder \/none/,
  },
  "a folder that is not empty": {
    ask: (drive) => drive.remove("/folder", false),
    code: "not-empty",
    sentence: /the folder "folder" is not empty/,
  },
  "removing the root": {
    ask: (drive) => drive.remove("/", true),
    code: "usage",
    sentence: /the root folder can't be removed/,
  },
  "moving the root": {
    ask: (drive) => drive.move("/", "/folder/root", true),
    code: "usage",
    sentence: /the root folder can't be moved/,
  },
  "moving over the root": {
    ask: (drive) => drive.move("/folder", "/", true),
    code: "usage",
    sentence: /the root folder itself can't be/,
  },
  "copying the root": {
    ask: (drive) => drive.copy("/", "/folder/root", true),
    code: "usage",
    sentence: /the root folder can't be copied/,
  },
  "writing the root": {
    ask: (drive) => drive.write({ path: "/" }, some),
    code: "usage",
    sentence: /the root folder itself can't be/,
  },
  "purging the root": {
    ask: (drive) => drive.purge("/", quietCall),
    code: "usage",
    sentence: /the root folder can't be purged/,
  },
  "restoring the root to nothing said": {
    ask: (drive) => drive.restore("/", {}),
    code: "usage",
    sentence: /say which version or moment to restore/,
  },
  "versions of a folder": {
    ask: (drive) => drive.log("/", 10, true),
    code: "is-a-folder",
    sentence: /\/ is a folder, and only files have versions/,
  },
  "moving a folder into itself": {
    ask: (drive) => drive.move("/folder", "/folder/deeper", true),
    code: "usage",
    sentence: /the folder "folder" can't be moved into itself/,
  },
  "moving a folder far into itself": {
    ask: (drive) => drive.move("/folder", "/folder/sub/deeper", true),
    code: "usage",
    sentence: /the folder "folder" can't be moved into itself/,
  },
  "moving something over the folder that it stands in": {
    ask: (drive) => drive.move("/folder/sub", "/folder", true),
    code: "usage",
    sentence: /a folder can't be replaced by something that stands in it/,
  },
  "moving over something": {
    ask: (drive) => drive.move("/file", "/folder/inner", false),
    code: "exists",
    sentence: /something stands at "inner" already/,
  },
  "copying over something": {
    ask: (drive) => drive.copy("/file", "/folder", false),
    code: "exists",
    sentence: /something stands at \/folder already/,
  },
  "moving what is not there": {
    ask: (drive) => drive.move("/none", "/new", true),
    code: "not-found",
    sentence: /there is nothing at \/none/,
  },
  "a stale base": {
    ask: (drive) => drive.write({ path: "/file", base: "1-00000000" }, some),
    code: "conflict",
    sentence: /\/file is at version .*, not at 1-00000000 that you began with/,
  },
  "a base of what is not there": {
    ask: (drive) => drive.write({ path: "/new", base: "1-00000000" }, some),
    code: "conflict",
    sentence: /\/new was removed since the version 1-00000000/,
  },
  "a new file where one stands": {
    ask: (drive) => drive.write({ path: "/file", base: null }, some),
    code: "exists",
    sentence: /something stands at \/file already/,
  },
  "an unknown tag": {
    ask: (drive) => drive.list("/", "no-such-tag"),
    code: "not-found",
    sentence: /"no-such-tag" is no tag of this drive; a moment is/,
  },
  "an unknown revision": {
    ask: (drive) => drive.list("/", "999-00000000"),
    code: "not-found",
    sentence: /999-00000000/,
  },
  "a time that is none": {
    ask: (drive) => drive.restore("/", { at: "2026-13-45" }),
    code: "not-found",
    sentence: /"2026-13-45" is no tag of this drive; a moment is/,
  },
  "a time before all": {
    ask: (drive) => drive.read("/file", { at: "1999-01-01" }),
    code: "not-found",
    sentence: /there is nothing at \/file/,
  },
  "an unknown version": {
    ask: (drive) => drive.restore("/file", { version: "999-00000000" }),
    code: "not-found",
    sentence: /no writer of this drive fits the version 999-00000000/,
  },
  "a version that is none": {
    ask: (drive) => drive.read("/file", { version: "latest" }),
    code: "usage",
    sentence: /expected a version such as 12-a1b2c3d4, got "latest"/,
  },
  "restoring what is there": {
    ask: (drive) => drive.restore("/file", {}),
    code: "usage",
    sentence: /\/file is there: say which version or moment to restore/,
  },
  "purging what never was": {
    ask: (drive) => drive.purge("/never", quietCall),
    code: "not-found",
    sentence: /there is nothing at \/never and nothing was removed there/,
  },
  "a tag that names nothing": {
    ask: (drive) => drive.tag("new", "no-such-tag"),
    code: "not-found",
    sentence: /"no-such-tag" is no tag of this drive/,
  },
  "a tag without a name": {
    ask: (drive) => drive.tag("", undefined),
    code: "usage",
    sentence: /expected a tag of 1 to 100 letters.*got ""/,
  },
  "a tag that reads as a path": {
    ask: (drive) => drive.tag("../x", undefined),
    code: "usage",
    sentence: /expected a tag of 1 to 100 letters.*got "\.\.\/x"/,
  },
  "a tag that reads as a revision": {
    ask: (drive) => drive.tag("12-a1b2c3d4", undefined),
    code: "usage",
    sentence: /"12-a1b2c3d4" means a moment already/,
  },
  "a tag that reads as a time": {
    ask: (drive) => drive.tag("2 days ago", undefined),
    code: "usage",
    sentence: /"2 days ago" means a moment already/,
  },
  "a tag that is not there": {
    ask: (drive) => drive.removeTag("none"),
    code: "not-found",
    sentence: /there is no tag "none"/,
  },
};

describe("a drive that is asked for what can't be", () => {
  let test: TestDrive;
  before(async () => {
    test = await makeTestDrive();
    await test.drive.write({ path: "/file" }, some);
    await test.drive.write({ path: "/folder/inner", parents: true }, some);
    await test.drive.makeFolder("/folder/sub", false);
    await test.drive.symlink("/link", toUtf8("folder"));
  });
  after(() => test.remove());

  const refuses = async ({ ask, code, sentence }: Case): Promise<void> => {
    const { revision } = test.drive;
    await assert.rejects(
      async () => ask(test.drive),
      (error: unknown) => {
        assert.ok(isCloudError(error, code), String(error));
        assert.match(error.message, sentence);
        return true;
      },
    );
    assert.equal(test.drive.revision, revision, "nothing has changed");
  };

  for (const [name, wrong] of Object.entries(cases)) {
    it(`refuses ${name}`, () => refuses(wrong));
  }

  it("refuses names that can't be stored, whatever is done by them", async () => {
    for (const [name, sentence] of names) {
      for (const take of takesName) {
        await refuses({ ask: (drive) => take(drive, name), code: "invalid-name", sentence });
      }
    }
  });

  it("goes on after all of it, as it was", async () => {
    assert.deepEqual(await test.drive.read("/file", {}), some);
    const listed = (await test.drive.list("/")).map(({ name, kind }) => `${kind} ${name}`);
    assert.deepEqual(listed, ["file file", "folder folder", "link link"]);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
    // Uploads that failed hold nothing back.
    await test.drive.collectGarbage(quietCall);
    assert.equal((await test.drive.measureGarbage(quietCall)).freedBlocks, 0);
  });
});

describe("names in a drive", () => {
  let test: TestDrive;
  beforeEach(async () => {
    test = await makeTestDrive();
  });
  afterEach(() => test.remove());

  it("that differ only in case or normal form stay as they were given", async () => {
    const given = [
      "Name",
      "name",
      "NAME",
      "\u00fc",
      "u\u0308",
      "\ufb01",
      "fi",
      "e\u0301a",
      " a",
      "a ",
    ];
    for (const name of given) await test.drive.write({ path: `/${name}` }, toUtf8(name));
    test = await test.reopen();
    const listed = (await test.drive.list("/")).map(({ name }) => name);
    assert.deepEqual(new Set(listed), new Set(given));
    for (const name of given) {
      assert.deepEqual(await test.drive.read(`/${name}`, {}), toUtf8(name));
    }
    await test.drive.remove("/name", false);
    assert.deepEqual(await test.drive.read("/Name", {}), toUtf8("Name"));
  });

  it("may be as long and as odd as names may be", async () => {
    const odd = [
      "n".repeat(255),
      "ä".repeat(127),
      "new\nline",
      "\u202efdp.exe",
      "-rf",
      "*",
      "~",
      "\\",
      ":",
      "a~1a2b3c4d.txt",
      "\ufeffbom",
      "CON",
      "\u{10ffff}",
    ];
    for (const name of odd) await test.drive.write({ path: `/${name}` }, some);
    const listed = (await test.drive.list("/")).map(({ name }) => name);
    assert.deepEqual(new Set(listed), new Set(odd));
    const path = `/${Array.from({ length: 1024 }, () => "d").join("/")}`;
    await test.drive.makeFolder(path, true);
    await test.drive.move("/d", "/e", false);
    await test.drive.remove("/e", true);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });
});
