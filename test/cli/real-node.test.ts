import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { type Drives, openDrives } from "./drives.ts";
import { incompressible } from "./incompressible.ts";
import { invokeHere } from "./invoke-here.ts";

const MiB = 1 << 20;

interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly size: number;
  readonly mtime: string;
}

interface Logged {
  readonly version: string;
  readonly time: string;
  readonly size: number;
  readonly path: string;
  readonly current: boolean;
}

/** All that stands below a folder of the disk, as lines that can be compared. */
async function describeTree(folder: string, below = ""): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(join(folder, below))).sort()) {
    const path = join(below, name);
    const full = join(folder, path);
    const stat = await lstat(full);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) lines.push(`${path} -> ${await readlink(full)}`);
    else if (stat.isDirectory())
      lines.push(`${path}/ ${mode}`, ...(await describeTree(folder, path)));
    else {
      const hash = createHash("sha256")
        .update(await readFile(full))
        .digest("hex");
      lines.push(`${path} ${mode} ${stat.mtimeMs.toFixed(3)} ${hash}`);
    }
  }
  return lines;
}

/** A folder with what file systems have to offer. */
async function makeTree(folder: string): Promise<void> {
  await mkdir(join(folder, "sub/deeper"), { recursive: true });
  await mkdir(join(folder, "empty"));
  const files: Record<string, string | Uint8Array> = {
    nothing: "",
    "a.txt": "a\n",
    "sub/b.bin": new Uint8Array(300_000).map((_, i) => (i * i) & 0xff),
    "sub/deeper/ünï – 名前.md": "name in any script",
    " space ": "spaces",
    "-dash": "begins with a dash",
    "new\nline": "a line break in the name",
    é: "composed",
    "e\u0301": "decomposed",
    CASE: "upper",
    case: "lower",
    "skipped.tmp": "left out",
    "sub/kept.tmp": "taken back in",
    ".gitignore": "a.txt\n",
    ".ipcloudignore": "*.tmp\n!sub/kept.tmp\n",
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content);
    await utimes(join(folder, name), 1_600_000_000.125, 1_600_000_000.125);
  }
  await chmod(join(folder, "a.txt"), 0o755);
  await chmod(join(folder, "sub/b.bin"), 0o600);
  await symlink("sub/b.bin", join(folder, "link"));
  await symlink("/nowhere/at all", join(folder, "dangling"));
  await symlink("/tree/a.txt", join(folder, "absolute"));
  await symlink("sub", join(folder, "to-folder"));
  await link(join(folder, "a.txt"), join(folder, "sub/hard"));
}

describe("the command line and a real node: files and history", function () {
  this.timeout(120_000);
  let cli: Drives;
  before(async () => {
    cli = await openDrives(invokeHere);
    await cli.init("main");
    await cli.text("main", "settings", "versionWindowSeconds", "0");
  });
  after(() => cli.remove());

  const put = async (
    path: string,
    content: string | Uint8Array,
    ...options: string[]
  ): Promise<void> => {
    const { status, stderr } = await cli.run("main", ["put", ...options, "-", path], {
      stdin: content,
    });
    assert.equal(stderr, "");
    assert.equal(status, 0);
  };
  const cat = (path: string, ...options: string[]): Promise<string> =>
    cli.text("main", "cat", path, ...options);
  const log = async (path: string): Promise<Logged[]> =>
    (await cli.json("main", "log", path)) as Logged[];
  const list = async (path: string, ...options: string[]): Promise<Listed[]> =>
    (await cli.json("main", "ls", path, ...options)) as Listed[];

  it("the status of a folder without a drive starts and makes nothing", async () => {
    const told = await cli.text("none", "status");
    assert.match(told, /^state {6}no drive here yet; make one with: ipcloud init$/mu);
    assert.match(told, /^node {7}not running$/mu);
    assert.equal(((await cli.json("none", "status")) as { pid: unknown }).pid, null);
    const { status, stderr } = await cli.run("none", ["ls"]);
    assert.equal(status, 3);
    assert.match(stderr, /there is no drive in ".*" yet; make one with: ipcloud init/u);
    assert.ok(!existsSync(cli.home("none")));
  });

  it("a folder comes out as it went in, but for what .ipcloudignore leaves out", async () => {
    const [source, dest] = [join(cli.folder, "tree-in"), join(cli.folder, "tree-out")];
    await makeTree(source);
    const report = (await cli.json("main", "import", "tree-in", "/tree")) as { files: number };
    await cli.text("main", "export", "/tree", "tree-out");
    const expected = (await describeTree(source)).filter((line) => !line.startsWith("skipped.tmp"));
    assert.deepEqual(await describeTree(dest), expected);
    assert.equal(report.files, 15);
    const names = (await list("/tree")).map(({ name }) => name);
    assert.ok(names.includes("new\nline") && names.includes("-dash"));
  });

  it("a link is followed within the drive, at the end of a path and in it", async () => {
    assert.equal(await cat("/tree/absolute"), "a\n");
    assert.equal(await cat("/tree/to-folder/../absolute"), "a\n");
    const inFolder = await cat("/tree/to-folder/deeper/ünï – 名前.md");
    assert.equal(inFolder, "name in any script");
    const { status, stderr } = await cli.run("main", ["cat", "/tree/dangling"]);
    assert.equal(status, 3);
    assert.match(stderr, /nothing at \/nowhere\/at all, where "\/tree\/dangling" leads/);
  });

  it("the same folder again changes nothing, and what is absent in it stays", async () => {
    const before = await cli.json("main", "log", "/tree/a.txt");
    await put("/tree/only-here", "kept");
    const report = (await cli.json("main", "import", "tree-in", "/tree")) as { unchanged: number };
    assert.equal(report.unchanged, 15);
    assert.deepEqual(await cli.json("main", "log", "/tree/a.txt"), before);
    assert.equal(await cat("/tree/only-here"), "kept");
  });

  it("names that begin with a dash go behind --", async () => {
    assert.equal(await cli.text("main", "cat", "tree/-dash"), "begins with a dash");
    assert.equal(await cli.text("main", "cp", "--", "tree/-dash", "-top"), "");
    assert.equal(await cli.text("main", "cat", "--", "-top"), "begins with a dash");
    await cli.text("main", "rm", "--", "-top");
    await put("dashes/-x", "x");
    assert.equal(await cli.text("main", "cat", "--", "dashes/-x"), "x");
  });

  it("versions are listed newest first, read, and brought back", async () => {
    for (const content of ["one", "two!", "three"]) await put("/v/a.txt", content);
    const versions = await log("/v/a.txt");
    assert.deepEqual(
      versions.map(({ size, current }) => [size, current]),
      [
        [5, true],
        [4, false],
        [3, false],
      ],
    );
    const [, second, first] = versions;
    assert.ok(first !== undefined && second !== undefined && first.time <= second.time);
    assert.equal(await cat("/v/a.txt", "--version", first.version), "one");
    assert.equal(await cat("/v/a.txt", "--at", second.time), "two!");
    await cli.text("main", "restore", "/v/a.txt", "--version", first.version);
    assert.equal(await cat("/v/a.txt"), "one");
    assert.equal((await log("/v/a.txt")).length, 4);
  });

  it("a timeline follows a rename, a move and a save by rename", async () => {
    await put("/t/a.md", "first");
    await cli.text("main", "mv", "/t/a.md", "/t/b.md");
    await put("/t/b.md.new", "second");
    await cli.text("main", "mv", "-f", "/t/b.md.new", "/t/b.md");
    const versions = await log("/t/b.md");
    assert.equal(versions.at(-1)?.size, 5);
    assert.equal(versions[0]?.size, 6);
    assert.equal(await cat("/t/b.md"), "second");
  });

  it("a tag, a revision and a time name the tree as it was", async () => {
    await put("/w/a", "before");
    await cli.text("main", "tag", "milestone");
    const tags = (await cli.json("main", "tag")) as {
      name: string;
      revision: string;
      time: string;
    }[];
    const tag = tags.find(({ name }) => name === "milestone");
    assert.ok(tag !== undefined);
    await put("/w/a", "after!");
    await put("/w/b", "new");
    for (const at of ["milestone", tag.revision, tag.time]) {
      assert.equal(await cat("/w/a", "--at", at), "before");
      assert.deepEqual(
        (await list("/w", "--at", at)).map(({ name }) => name),
        ["a"],
      );
    }
    const changes = (await cli.json("main", "diff", "milestone", "--path", "/w")) as {
      type: string;
      path: string;
    }[];
    assert.deepEqual(changes.map(({ type, path }) => `${type} ${path}`).sort(), [
      "added /w/b",
      "changed /w/a",
    ]);
    await cli.text("main", "export", "/w", "w-then", "--at", "milestone");
    assert.deepEqual(await readdir(join(cli.folder, "w-then")), ["a"]);
    await cli.text("main", "restore", "/w", "--at", "milestone");
    assert.deepEqual(
      (await list("/w")).map(({ name }) => name),
      ["a"],
    );
    const shown = (await cli.json("main", "show", "milestone")) as { revision: string };
    assert.equal(await cat("/w/a", "--at", shown.revision), "before");
    await put("/w/a", "latest");
    const old = await cli.json("main", "tag", "old", "--at", "milestone");
    assert.deepEqual(old, { name: "old", revision: tag.revision, removed: false });
    assert.equal(await cat("/w/a", "--at", "old"), "before");
  });

  it("what was removed is listed and comes back", async () => {
    await put("/gone/a", "a");
    await put("/gone/b", "b");
    assert.equal((await cli.run("main", ["rm", "/gone"])).status, 5);
    await cli.text("main", "rm", "-r", "/gone");
    assert.equal((await cli.run("main", ["ls", "/gone"])).status, 3);
    const removed = (await cli.json("main", "removed", "/gone")) as {
      path: string;
      version: string;
    }[];
    const a = removed.find(({ path }) => path === "/gone/a");
    assert.ok(a !== undefined);
    await cli.text("main", "restore", "/gone/a", "--version", a.version);
    assert.equal(await cat("/gone/a"), "a");
    await cli.text("main", "restore", "/gone/b");
    assert.equal(await cat("/gone/b"), "b");
    assert.equal((await cli.run("main", ["restore", "/gone/b"])).status, 2);
  });

  it("copies, moves and folders behave as in a shell", async () => {
    await put("/m/x", "x");
    await cli.text("main", "mkdir", "-p", "/m/d/e");
    assert.equal((await cli.run("main", ["mkdir", "/m/d"])).status, 5);
    assert.equal((await cli.run("main", ["mkdir", "/m/no/such"])).status, 3);
    await cli.text("main", "cp", "/m/x", "/m/d");
    await cli.text("main", "cp", "/m/d", "/m/copy");
    assert.equal(await cat("/m/copy/x"), "x");
    assert.equal((await cli.run("main", ["cp", "/m/x", "/m/d/x"])).status, 5);
    assert.notEqual((await cli.run("main", ["mv", "/m/d", "/m/d/e"])).status, 0);
    await cli.text("main", "mv", "/m/x", "/m/d/e/");
    assert.match(await cli.text("main", "tree", "/m/d"), /e\/\n.*x/);
  });

  it("a stale base is a conflict, and changes nothing", async () => {
    await put("/cas", "one");
    const [first] = await log("/cas");
    await put("/cas", "two", "--base", first?.version ?? "");
    const stale = await cli.run("main", ["put", "--base", first?.version ?? "", "-", "/cas"], {
      stdin: "three",
    });
    assert.equal(stale.status, 5);
    const there = await cli.run("main", ["put", "--base", "none", "-", "/cas"], { stdin: "four" });
    assert.equal(there.status, 5);
    assert.equal(await cat("/cas"), "two");
  });

  it("large streams go through, with their time and mode where there is a file", async () => {
    const content = incompressible(9 * MiB + 7, 1);
    await put("/big", content);
    const { stdout } = await cli.run("main", ["cat", "/big"]);
    assert.ok(stdout.equals(content));
    const file = join(cli.folder, "big-file");
    await writeFile(file, content);
    await chmod(file, 0o700);
    await utimes(file, 1_500_000_000.5, 1_500_000_000.5);
    await cli.text("main", "put", "big-file", "/");
    await mkdir(join(cli.folder, "got"));
    await cli.text("main", "get", "/big-file", "got");
    assert.deepEqual(await describeTree(join(cli.folder, "got")), [
      `big-file 700 1500000000500.000 ${createHash("sha256").update(content).digest("hex")}`,
    ]);
    const [listed] = await list("/big-file");
    assert.deepEqual(
      { ...listed, ctime: 0, version: 0 },
      {
        name: "big-file",
        kind: "file",
        size: content.length,
        mtime: "2017-07-14T02:40:00.500Z",
        mode: "0700",
        conflict: false,
        ctime: 0,
        version: 0,
      },
    );
  });

  it("a purged file is gone from all history", async () => {
    await put("/secret", "hunter2");
    await put("/secret", "hunter3");
    assert.equal((await cli.run("main", ["purge", "/secret"])).status, 2);
    const purged = (await cli.json("main", "purge", "--yes", "/secret")) as {
      versions: number;
      warning: string;
    };
    assert.equal(purged.versions, 2);
    assert.notEqual(purged.warning, "");
    assert.equal((await cli.run("main", ["log", "/secret"])).status, 3);
  });

  it("the journal tells what happened to which path", async () => {
    await put("/j/a", "a");
    const [latest] = (await cli.json("main", "journal", "/j")) as {
      changes: { type: string; path: string }[];
      device: string;
    }[];
    assert.ok(latest !== undefined);
    assert.ok(latest.changes.some(({ type, path }) => type === "added" && path === "/j/a"));
    assert.notEqual(latest.device, "");
    assert.match(await cli.text("main", "journal", "/j", "--limit", "1"), /\+ \/j\/a$/m);
  });

  it("missing paths, versions, tags and revisions end with 3", async () => {
    for (const args of [
      ["cat", "/none"],
      ["ls", "/none"],
      ["log", "/none"],
      ["rm", "/none"],
      ["get", "/none", "x"],
      ["ls", "/", "--at", "no-such-tag"],
      ["restore", "/v/a.txt", "--version", "999999-00000000"],
      ["tag", "--delete", "no-such-tag"],
      ["show", "no-such-tag"],
    ]) {
      const { status, stdout, stderr } = await cli.run("main", [...args, "--json"]);
      assert.equal(status, 3, args.join(" "));
      assert.equal(stdout.length, 0);
      assert.match(stderr, /^\{"error":\{"code":"not-found","message":"[^\n]+"\}\}\n$/);
    }
    assert.ok(!existsSync(join(cli.folder, "x")));
  });
});
