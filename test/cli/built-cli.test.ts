import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuiltCli, buildCli } from "./built-cli.ts";
import { type Drives, openDrives, passphrase } from "./drives.ts";
import { incompressible } from "./incompressible.ts";

interface StatusJson {
  readonly pid: number;
  readonly locked: boolean;
  readonly account: string | null;
  readonly revision: string | null;
  readonly home: string;
}

/** Every file below a folder, with its path. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const noFile = { IPCLOUD_PASSPHRASE_FILE: undefined };

describe("the built command line: account and node", function () {
  this.timeout(120_000);
  let built: BuiltCli;
  let cli: Drives;
  before(async () => {
    built = await buildCli();
    cli = await openDrives(built.invoke);
    await cli.init("main");
  });
  after(async () => {
    await cli.remove();
    await built.remove();
  });

  const status = async (name = "main"): Promise<StatusJson> =>
    (await cli.json(name, "status")) as StatusJson;
  const put = async (path: string, content: string | Uint8Array): Promise<void> => {
    const { status: exit, stderr } = await cli.run("main", ["put", "-", path], { stdin: content });
    assert.equal(exit, 0, stderr);
  };

  it("status works before there is an account, and after", async () => {
    const none = await status("none");
    assert.deepEqual([none.account, none.revision, none.home], [null, null, cli.home("none")]);
    assert.equal((await cli.run("none", ["ls"])).status, 3);
    const there = await status();
    assert.equal(there.locked, false);
    assert.match(there.account ?? "", /^ipc-/);
    assert.ok(there.revision !== null);
    process.kill(there.pid, 0);
  });

  it("a second init changes nothing", async () => {
    assert.equal((await cli.run("main", ["init"])).status, 5);
  });

  it("the words bring the account to another data folder; a misspelled one is named", async () => {
    const words = join(cli.folder, "main.words");
    await cli.text("again", "init", "--words-in", words);
    assert.equal((await status("again")).account, (await status()).account);
    const wrong = (await readFile(words, "utf8")).trim().split(" ");
    wrong[4] = "abandom";
    await writeFile(join(cli.folder, "wrong.words"), wrong.join(" "));
    const { status: exit, stderr } = await cli.run("third", ["init", "--words-in", "wrong.words"]);
    assert.equal(exit, 2);
    assert.match(stderr, /abandom/);
    assert.equal((await status("third")).account, null);
  });

  it("a locked drive opens by the file alone, and never by a wrong passphrase", async () => {
    await cli.text("main", "lock");
    assert.equal((await status()).locked, true);
    const refused = await cli.run("main", ["ls", "--json"], { env: noFile });
    assert.equal(refused.status, 4);
    assert.equal(refused.stderr.includes('"code":"locked"'), true);
    await writeFile(join(cli.folder, "wrong"), "wrong", { mode: 0o600 });
    const wrong = await cli.run("main", ["ls"], {
      env: { IPCLOUD_PASSPHRASE_FILE: join(cli.folder, "wrong") },
    });
    assert.equal(wrong.status, 4);
    assert.equal((await status()).locked, true);
    await cli.text("main", "ls");
    assert.equal((await status()).locked, false);
  });

  it("the passphrase is changed, and the old one opens only copies made before, which is said", async () => {
    await cli.init("changed");
    await cli.text("changed", "node", "stop");
    await cp(join(cli.folder, "changed"), join(cli.folder, "of-before"), { recursive: true });
    await writeFile(join(cli.folder, "new"), "another passphrase", { mode: 0o600 });
    const said = await cli.text("changed", "passphrase", "--new-file", "new");
    assert.match(said, /a copy of the keystore made before.* still opens by the old one/);
    await cli.text("changed", "lock");
    assert.equal((await cli.run("of-before", ["ls"])).status, 0);
    assert.equal((await cli.run("changed", ["ls"])).status, 4);
    const env = { IPCLOUD_PASSPHRASE_FILE: join(cli.folder, "new") };
    assert.equal((await cli.run("changed", ["ls"], { env })).status, 0);
  });

  it("backup copies a locked drive and asks for nothing, and the copy is a drive", async () => {
    await cli.init("backed-up");
    await cli.run("backed-up", ["put", "-", "/a"], { stdin: "kept" });
    await cli.text("backed-up", "lock");
    const env = { IPCLOUD_PASSPHRASE_FILE: undefined };
    const ended = await cli.run("backed-up", ["backup", "restored", "--json"], { env });
    assert.equal(ended.status, 0, ended.stderr);
    const report = JSON.parse(ended.stdout.toString()) as { blocks: number; copiedBlocks: number };
    assert.equal(report.copiedBlocks, report.blocks);
    assert.equal(await cli.text("restored", "cat", "/a"), "kept");
    const again = await cli.run("backed-up", ["backup", "restored"], { env });
    assert.equal(again.status, 5, "it is a drive of its own now");
  });

  it("one node serves many commands at once, and is started by the first", async () => {
    await cli.text("main", "node", "stop");
    const all = await Promise.all(Array.from({ length: 8 }, () => status()));
    assert.equal(new Set(all.map(({ pid }) => pid)).size, 1);
    const started = (await cli.json("main", "node", "status")) as { running: boolean; pid: number };
    assert.deepEqual(started, { running: true, pid: all[0]?.pid, home: cli.home("main") });
  });

  it("nothing that was acknowledged is lost when the node is killed", async () => {
    await put("/kept", "acknowledged");
    const before = await status();
    process.kill(before.pid, "SIGKILL");
    assert.equal(await cli.text("main", "cat", "/kept"), "acknowledged");
    const after = await status();
    assert.notEqual(after.pid, before.pid);
    assert.equal(after.revision, before.revision);
    const report = (await cli.json("main", "verify")) as {
      ok: boolean;
      blocks: number;
      damaged: unknown[];
    };
    assert.equal(report.ok, true);
    assert.ok(report.blocks > 0);
    assert.deepEqual(report.damaged, []);
  });

  it("gc tells what it freed, and leaves the drive sound", async () => {
    const report = (await cli.json("main", "gc")) as { freedBytes: number; freedBlocks: number };
    assert.ok(report.freedBytes >= 0 && report.freedBlocks >= 0);
    await cli.text("main", "verify");
    assert.equal(await cli.text("main", "cat", "/kept"), "acknowledged");
  });

  it("gc frees what retention lets go of, and only tells with --dry-run", async () => {
    await cli.init("full");
    await cli.text("full", "settings", "versionWindowSeconds", "0");
    for (const setting of ["keepAllDays", "dailyDays", "weeklyWeeks", "monthlyMonths"]) {
      await cli.text("full", "settings", `retention.${setting}`, "0");
    }
    for (const number of [1, 2, 3]) {
      const stdin = incompressible(200_000, number);
      assert.equal((await cli.run("full", ["put", "-", "/f"], { stdin })).status, 0);
    }
    const would = (await cli.json("full", "gc", "--dry-run")) as { freedBytes: number };
    assert.ok(would.freedBytes >= 400_000);
    assert.equal(((await cli.json("full", "log", "/f")) as unknown[]).length, 3);
    const freed = (await cli.json("full", "gc")) as { freedBytes: number };
    assert.ok(freed.freedBytes >= 400_000);
    assert.equal(((await cli.json("full", "log", "/f")) as unknown[]).length, 1);
    await cli.text("full", "verify");
  });

  it("nothing on disk can be read", async () => {
    await put("/very-telling-name.txt", "a very telling content, ".repeat(10_000));
    await cli.text("main", "cat", "/very-telling-name.txt");
    for (const file of await filesBelow(cli.home("main"))) {
      const bytes = await readFile(file);
      assert.ok(!bytes.includes("very-telling") && !bytes.includes("very telling"), file);
    }
  });

  it("a reader that goes away is no fault", async () => {
    await put("/long", new Uint8Array(12 << 20));
    const child = spawn(process.execPath, [built.program, "cat", "/long"], {
      env: cli.environment("main"),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once("data", () => child.stdout.destroy());
    const [exit] = (await once(child, "close")) as [number];
    assert.equal(stderr, "");
    assert.equal(exit, 0);
  });

  it("Ctrl-C withdraws an upload", async () => {
    const child = spawn(process.execPath, [built.program, "put", "-", "/never"], {
      env: cli.environment("main"),
      stdio: ["pipe", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    // More than the pipes hold: when it is taken, the upload has begun. Then nothing more comes.
    await new Promise((taken) => child.stdin.write(new Uint8Array(8 << 20), taken));
    child.kill("SIGINT");
    const [exit] = (await once(child, "close")) as [number];
    assert.equal(exit, 130);
    assert.match(stderr, /^ipcloud: [^\n]*cancelled[^\n]*\n$/);
    assert.equal((await cli.run("main", ["ls", "/never"])).status, 3);
  });

  // The one of util-linux takes a command and passes on its status.
  const terminal = "script";
  const hasScript = spawnSync(terminal, ["--version"], { encoding: "utf8" }).status === 0;
  (hasScript ? it : it.skip)(
    "on a terminal the passphrase is asked for and not shown",
    async () => {
      await cli.text("main", "lock");
      const command = `"${process.execPath}" "${built.program}" unlock`;
      const env = cli.environment("main", noFile);
      const child = spawn(terminal, ["-qec", command, "/dev/null"], { env, stdio: "pipe" });
      let shown = "";
      child.stdout.on("data", (chunk: Buffer) => {
        shown += chunk.toString();
        if (shown.endsWith("Passphrase: ")) child.stdin.write(`${passphrase}\r`);
      });
      const [exit] = (await once(child, "close")) as [number];
      assert.equal(exit, 0);
      assert.match(shown, /^Passphrase: \r\nunlocked ipc-\S+\r\n$/);
    },
  );

  it("a damaged store is told with the file's path, and ends with 6", async () => {
    await cli.init("damaged");
    const content = incompressible(600_000, 0);
    assert.equal(
      (await cli.run("damaged", ["put", "-", "/whole.bin"], { stdin: content })).status,
      0,
    );
    await cli.text("damaged", "node", "stop");
    const files = await filesBelow(cli.home("damaged"));
    const sizes = await Promise.all(
      files.map(async (file) => ({ file, size: (await stat(file)).size })),
    );
    const largest = sizes.sort((a, b) => b.size - a.size)[0]?.file ?? "";
    const bytes = await readFile(largest);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(largest, bytes);
    const { status: exit, stdout } = await cli.run("damaged", ["verify", "--json"]);
    const report = JSON.parse(stdout.toString()) as {
      ok: boolean;
      damaged: { cid: string; paths: string[] }[];
    };
    assert.equal(exit, 6);
    assert.equal(report.ok, false);
    assert.equal(report.damaged.length, 1);
    assert.deepEqual(report.damaged[0]?.paths, ["/whole.bin"]);
    const read = await cli.run("damaged", ["cat", "/whole.bin"]);
    assert.equal(read.status, 6);
    await cli.text("damaged", "ls");
  });
});
