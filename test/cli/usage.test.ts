import assert from "node:assert/strict";
import { meantBy, otherNames } from "../../src/node/cli/other-names.ts";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { run } from "./run-in-test.ts";

const errorOf = (stderr: string): { code: string; message: string } =>
  (JSON.parse(stderr) as { error: { code: string; message: string } }).error;

/** The names of all commands, as the program itself lists them. */
async function commandNames(): Promise<string[]> {
  const { stdout } = await run(["complete", "--json", "--", ""]);
  return (JSON.parse(stdout) as string[]).filter((name) => name !== "help");
}

describe("usage of the command line", () => {
  it("an unknown command is a usage error that suggests the one meant", async () => {
    const { status, stdout, stderr } = await run(["statsu"]);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^ipcloud: unknown command 'statsu' \(Did you mean status\?\); see.*\n$/);
  });

  it("an unknown option is a usage error that suggests the one meant", async () => {
    const { status, stderr } = await run(["ls", "--jsno"]);
    assert.equal(status, 2);
    assert.match(stderr, /unknown option '--jsno' \(Did you mean --json\?\)/);
  });

  for (const args of [
    ["cat"],
    ["mv", "/a"],
    ["get", "/a", "b", "c"],
    ["tag", "a", "b"],
    ["node", "x"],
  ]) {
    it(`too few, too many or wrong arguments are usage errors: ${args.join(" ")}`, async () => {
      const { status, stderr } = await run(args);
      assert.equal(status, 2);
      assert.match(stderr, /^ipcloud: [^\n]+\n$/);
    });
  }

  it("with --json an error is one JSON value on standard error, and nothing on standard output", async () => {
    for (const args of [
      ["ls", "--json", "--nope"],
      ["--json", "nope"],
      ["cat", "--json"],
    ]) {
      const { status, stdout, stderr } = await run(args);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.equal(errorOf(stderr).code, "usage");
    }
  });

  it("where only help could be offered, it is an error with --json and for an unknown command", async () => {
    for (const [args, message] of [
      [["--json"], "expected a command behind: ipcloud; see: ipcloud help"],
      [["node", "--json"], "expected a command behind: ipcloud node; see: ipcloud help"],
      [["help", "nosuch", "--json"], "unknown command 'nosuch'; see: ipcloud help"],
    ] as const) {
      const { status, stdout, stderr } = await run(args);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.deepEqual(errorOf(stderr), { code: "usage", message });
    }
    const { status, stderr } = await run(["help", "nosuch"]);
    assert.deepEqual(
      [status, stderr],
      [2, "ipcloud: unknown command 'nosuch'; see: ipcloud help\n"],
    );
    assert.match((await run(["node"])).stderr, /^Usage: ipcloud node /);
  });

  it("a path that is not UTF-8 is refused before anything is sent", async () => {
    const arrived = Buffer.from([0x2f, 0x61, 0xff]).toString();
    for (const args of [
      ["rm", arrived],
      ["put", "-", arrived],
      ["mv", "/a", arrived],
    ]) {
      const { status, calls } = await run(args);
      assert.deepEqual([status, calls], [2, []]);
    }
  });

  it("put takes no base that is no version, and no folder as the name of a stream", async () => {
    for (const args of [
      ["put", "--base", "zz", "-", "/a"],
      ["put", "--base", "", "-", "/a"],
      ["put", "-", "/a/"],
    ]) {
      const { status, calls } = await run(args);
      assert.deepEqual([status, calls], [2, []], args.join(" "));
    }
  });

  it("--json may stand before the command or behind it", async () => {
    const answers = { list: () => [] };
    assert.equal((await run(["--json", "ls"], { answers })).stdout, "[]\n");
    assert.equal((await run(["ls", "/", "--json"], { answers })).stdout, "[]\n");
  });

  it("--json behind -- is a name", async () => {
    const answers = { remove: () => ({}) };
    const { status, stdout, calls } = await run(["rm", "--", "--json"], { answers });
    assert.equal(status, 0);
    assert.equal(stdout, "");
    assert.deepEqual(calls[0]?.params, { path: "/--json", recursive: false });
  });

  it("without a command an overview goes to standard error, as a usage error, and fits a screen", async () => {
    const { status, stdout, stderr } = await run([]);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /Usage: ipcloud/);
    const lines = stderr.split("\n");
    assert.ok(lines.length <= 24, `${lines.length.toString()} lines`);
    for (const line of lines) assert.ok(line.length <= 80, line);
    const words = new Set(stderr.split(/\s+/u));
    for (const name of await commandNames()) assert.ok(words.has(name), name);
    assert.ok(!words.has("complete"));
  });

  it("the name of another tool for a command suggests that command", async () => {
    const suggested = async (typed: string): Promise<string | undefined> =>
      /\(Did you mean ([^?]+)\?\)/u.exec((await run([typed])).stderr)?.[1];
    assert.equal(await suggested("history"), "log");
    assert.equal(await suggested("delete"), "rm");
    assert.equal(await suggested("start"), "node start");
    assert.equal(await suggested("statsu"), "status");
    assert.equal(await suggested("constructor"), undefined);
  });

  it("suggests for the names of other tools nothing that is no command", async () => {
    const names = await commandNames();
    for (const typed of Object.keys(otherNames)) {
      assert.ok(!names.includes(typed), typed);
      const [meant = ""] = (meantBy(typed) ?? "").split(" ");
      assert.ok(names.includes(meant), `${typed}: ${meant}`);
    }
  });

  it("help goes to standard output, with every command, the environment and the exit codes", async () => {
    for (const args of [["help"], ["--help"]]) {
      const { status, stdout, stderr } = await run(args);
      assert.equal(status, 0);
      assert.equal(stderr, "");
      for (const name of await commandNames())
        assert.match(stdout, new RegExp(`^ {2}${name}\\b`, "m"));
      assert.match(stdout, /IPCLOUD_PASSPHRASE_FILE/);
      assert.match(stdout, /^ {4}4 {2}locked, wrong passphrase, or a device that may not write$/m);
      assert.doesNotMatch(stdout, /^ {2}complete\b/m);
    }
  });

  it("the help of every command has examples", async () => {
    const names = await commandNames();
    assert.equal(names.length, 33);
    for (const name of names) {
      const { status, stdout } = await run(["help", name]);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`Usage: ipcloud ${name} `));
      assert.match(stdout, /\nExamples:\n {2}\S/);
    }
  });

  it("every example's command and options are understood", async () => {
    const { stdout } = await run(["help"]);
    assert.ok(stdout.length > 0);
    const names = await commandNames();
    for (const name of names) {
      const help = (await run(["help", name])).stdout.split("\nExamples:\n")[1] ?? "";
      for (const line of help.split("\n")) {
        const typed = /(?:^|[|(] ?|\S=\S+ )\s*ipcloud (\S+)(.*?)(?: {2}|$)/.exec(line);
        if (typed === null) continue;
        assert.ok(names.includes(typed[1] ?? ""), line);
        for (const option of (typed[2] ?? "").match(/(?<= )--[a-z-]{2,}/g) ?? []) {
          const help = (await run(["help", typed[1] ?? ""])).stdout.split("\nExamples:\n")[0] ?? "";
          const known = help.includes(option) || option === "--json";
          assert.ok(known, `${option} in: ${line}`);
        }
      }
    }
  });

  it("--version prints the version, and restore --version is an option of its own", async () => {
    const { status, stdout } = await run(["--version"]);
    assert.equal(status, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
    const answers = { restore: () => ({ changes: 1, revision: "13-a1b2c3d4" }) };
    const restored = await run(["restore", "a.txt", "--version", "12-a1b2c3d4"], { answers });
    assert.equal(restored.status, 0);
    assert.deepEqual(restored.calls[0]?.params, { path: "/a.txt", version: "12-a1b2c3d4" });
  });

  it("options that exclude one another are refused together", async () => {
    for (const args of [
      ["restore", "/a", "--version", "1-a1b2c3d4", "--at", "yesterday"],
      ["cat", "/a", "--version", "1-a1b2c3d4", "--at", "yesterday"],
      ["init", "--words-in", "a", "--words-out", "b"],
    ]) {
      const { status, calls } = await run(args);
      assert.equal(status, 2);
      assert.deepEqual(calls, []);
    }
  });

  it("an empty path is refused: an unset variable must not mean the whole drive", async () => {
    for (const args of [
      ["rm", "-r", ""],
      ["ls", ""],
      ["restore", "", "--at", "x"],
      ["export", "", "/tmp/x"],
    ]) {
      const { status, calls } = await run(args);
      assert.equal(status, 2);
      assert.deepEqual(calls, []);
    }
  });

  it("the root folder is neither moved nor copied", async () => {
    for (const [verb, done] of [
      ["mv", "moved"],
      ["cp", "copied"],
    ] as const) {
      const { status, stderr, calls } = await run([verb, "/", "/r"]);
      assert.equal(status, 2);
      assert.equal(stderr, `ipcloud: the root folder can't be ${done}\n`);
      assert.deepEqual(calls, []);
    }
  });

  it("-f replaces what is alike, and nothing is replaced without it", async () => {
    const answers = {
      stat: () => {
        throw new CloudError("not-found", "nothing there");
      },
      move: () => {
        throw new CloudError("not-empty", "the folder /b is not empty");
      },
    };
    for (const [args, overwrite] of [
      [["mv", "/a", "/b"], false],
      [["mv", "-f", "/a", "/b"], "alike"],
    ] as const) {
      const { status, calls } = await run(args, { answers });
      assert.equal(status, 5);
      assert.deepEqual(calls.at(-1)?.params, { from: "/a", to: "/b", overwrite });
    }
  });

  it("names that can't be are refused before anything is sent", async () => {
    for (const path of ["a\0b", "x".repeat(256), "/a/../b\0"]) {
      const { status, stderr, calls } = await run(["cat", "--json", path]);
      assert.equal(status, 2);
      assert.equal(errorOf(stderr).code, "invalid-name");
      assert.deepEqual(calls, []);
    }
  });

  it("`.` and `..` in a path are resolved by its names, and `..` at the root stays there", async () => {
    const paths: Readonly<Record<string, string>> = {
      "/a/./b": "/a/b",
      "./a": "/a",
      "a/../b": "/b",
      "/a/b/..": "/a",
      "/a/..": "/",
      "/../a": "/a",
      "..": "/",
      ".": "/",
      "/a//b": "/a/b",
      "/a/b/": "/a/b",
      "/...": "/...",
      "/.a/..b": "/.a/..b",
    };
    for (const [typed, path] of Object.entries(paths)) {
      const { status, calls } = await run(["ls", typed], { answers: { list: () => [] } });
      assert.equal(status, 0, typed);
      assert.deepEqual(calls[0]?.params, { path }, typed);
    }
  });

  it("relative paths start at the top of the drive, and a last slash says nothing", async () => {
    const answers = { list: () => [] };
    for (const [typed, path] of [
      ["a/b", "/a/b"],
      ["/a/b/", "/a/b"],
      ["/", "/"],
    ] as const) {
      const { calls } = await run(["ls", typed], { answers });
      assert.deepEqual(calls[0]?.params, { path });
    }
  });

  it("no option takes a secret", async () => {
    const found: string[] = [];
    for (const name of await commandNames()) {
      const { stdout } = await run(["complete", "--json", "--", name, "--"]);
      found.push(...(JSON.parse(stdout) as string[]));
    }
    const suspect = found.filter((option) => /pass|word|secret|key/.test(option));
    assert.deepEqual(suspect.sort(), ["--word-regexp", "--words-in", "--words-out"]);
  });
});
