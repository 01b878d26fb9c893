import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import type { ListItem } from "../../src/node/rpc/contract.ts";
import { type Answers, run, type Surroundings } from "./run-in-test.ts";

const item = (name: string, kind: ListItem["kind"]): ListItem => ({
  name,
  kind,
  size: 0,
  mtime: 0,
  ctime: 0,
  mode: 0o644,
  version: "",
});

const drive: Answers = {
  list: ({ path }) => {
    if (path === "/")
      return [item("notes", "folder"), item("now.txt", "file"), item("a\nb", "file")];
    if (path === "/notes") return [item("todo list.md", "file"), item("old", "folder")];
    throw new CloudError("not-found", "nothing there");
  },
};

async function complete(words: readonly string[], more: Surroundings = {}): Promise<string[]> {
  const { status, stdout, stderr } = await run(["complete", "--json", "--", ...words], {
    answers: drive,
    ...more,
  });
  assert.equal(status, 0);
  assert.equal(stderr, "");
  return JSON.parse(stdout) as string[];
}

describe("completion in the shell", () => {
  it("completes commands, and those below node", async () => {
    assert.deepEqual(await complete(["st"]), ["status"]);
    assert.deepEqual(await complete(["node", "st"]), ["start", "stop", "status"]);
    assert.deepEqual(await complete(["completion", ""]), ["bash", "zsh", "fish"]);
    assert.deepEqual(await complete(["complet"]), ["completion"]);
  });

  it("completes options of the command, and not after what was typed as a name", async () => {
    assert.deepEqual(await complete(["restore", "/a", "--v"]), ["--version"]);
    assert.ok((await complete(["ls", "-"])).includes("--json"));
  });

  it("completes paths of the drive, with a slash after folders", async () => {
    assert.deepEqual(await complete(["ls", "/no"]), ["/notes/", "/now.txt"]);
    assert.deepEqual(await complete(["cat", "--at", "x", "no"]), ["notes/", "now.txt"]);
    assert.deepEqual(await complete(["mv", "a", "notes/"]), ["notes/todo list.md", "notes/old/"]);
    assert.deepEqual(await complete(["rm", "a", "b", "/notes/t"]), ["/notes/todo list.md"]);
    assert.deepEqual(await complete(["put", "local", "/not"]), ["/notes/"]);
    assert.deepEqual(await complete(["ls", "notes/../no"]), [
      "notes/../notes/",
      "notes/../now.txt",
    ]);
  });

  it("leaves files of this machine to the shell", async () => {
    assert.deepEqual(await complete(["put", "lo"]), []);
    assert.deepEqual(await complete(["get", "/now.txt", "n"]), []);
    assert.deepEqual(await complete(["import", "n"]), []);
    assert.deepEqual(await complete(["init", "--words-out", "n"]), []);
  });

  it("never asks, starts or fails: not for a locked drive, nor without a node", async () => {
    const list = () => {
      throw new CloudError("locked", "the drive is locked");
    };
    const locked = { answers: { list }, terminal: true };
    assert.deepEqual(await complete(["ls", "/no"], locked), []);
    assert.deepEqual(await complete(["ls", "/no"], { running: false }), []);
    assert.deepEqual(await complete(["ls", "/a\0/"]), []);
    assert.deepEqual(await complete(["nope", "x", ""]), []);
    assert.deepEqual(await complete([]), await complete([""]));
  });

  describe("in real shells", () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "ipcloud-cli-"));
      const program = join(folder, "ipcloud");
      // Tells what it was asked, and answers with a folder and a file.
      await writeFile(
        program,
        '#!/bin/sh\nprintf "%s|" "$@" >"$0.asked"\nprintf "/a b/\\n/a c\\n"\n',
      );
      await chmod(program, 0o755);
    });
    after(() => rm(folder, { recursive: true }));

    /** How each shell is brought to complete `ipcloud ls "x y" /a`, and to print what it found. */
    const trials = {
      bash: String.raw`source SCRIPT; compopt() { :; }
COMP_WORDS=(ipcloud ls 'x\ y' /a); COMP_CWORD=3; _ipcloud; printf '%s\n' "\${COMPREPLY[@]}"`,
      zsh: String.raw`compdef() { :; }; _files() { :; }; source SCRIPT
compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -rl -- "$@"; }
words=(ipcloud ls 'x\ y' /a); CURRENT=4; _ipcloud`,
      fish: String.raw`source SCRIPT; complete -C 'ipcloud ls x\ y /a'`,
    };
    for (const [shell, trial] of Object.entries(trials)) {
      const here = spawnSync(shell, ["--version"]).status === 0;
      (here ? it : it.skip)(`${shell} completes by asking ipcloud`, async () => {
        const script = join(folder, `script.${shell}`);
        await writeFile(script, (await run(["completion", shell])).stdout);
        const ran = spawnSync(
          shell,
          ["-c", trial.replace("SCRIPT", script).replaceAll("\\$", "$")],
          {
            encoding: "utf8",
            env: { HOME: folder, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
          },
        );
        assert.equal(ran.stderr, "");
        assert.deepEqual(ran.stdout.split("\n"), ["/a b/", "/a c", ""]);
        const asked = await readFile(join(folder, "ipcloud.asked"), "utf8");
        assert.equal(asked, "complete|--|ls|x y|/a|");
      });
    }
  });

  it("a shell that is not known is a usage error that names those that are", async () => {
    const { status, stderr } = await run(["completion", "tcsh"]);
    assert.equal(status, 2);
    assert.match(stderr, /bash, zsh, fish/);
  });
});
