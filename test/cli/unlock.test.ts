import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import type { Status, UnlockSecret } from "../../src/node/rpc/contract.ts";
import { type Answers, run } from "./run-in-test.ts";

const right = "correct horse";

/** A drive that is locked until somebody brings the passphrase. */
function lockedDrive(): Answers {
  let state: Status["state"] = "locked";
  const status = (): Status => ({
    pid: 1,
    home: "/h",
    state,
    account: "ipc-a",
    version: "0.1.0",
    notices: [],
  });
  const check = (secret: UnlockSecret): void => {
    if (!("passphrase" in secret) || secret.passphrase !== right) {
      throw new CloudError("wrong-passphrase", "the passphrase does not open the keystore");
    }
  };
  return {
    status,
    unlock: ({ secret }) => {
      check(secret);
      state = "unlocked";
      return status();
    },
    setSecret: ({ current }) => {
      check(current);
      return {};
    },
    list: () => {
      if (state === "locked") throw new CloudError("locked", "the drive is locked");
      return [];
    },
    lock: () => ({}),
  };
}

describe("unlocking on the command line", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "ipcloud-cli-"));
    const files: Readonly<Record<string, string>> = {
      right: `${right}\n`,
      crlf: `${right}\r\n`,
      "two-breaks": `${right}\n\n`,
      wrong: "wrong",
      empty: "\n",
      next: "another one\n",
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text, { mode: 0o600 });
    }
  });
  after(() => rm(folder, { recursive: true }));

  const withFile = (name: string) => ({
    env: { IPCLOUD_PASSPHRASE_FILE: join(folder, name) },
    answers: lockedDrive(),
  });

  it("a command that finds the drive locked unlocks it by the file and goes on", async () => {
    for (const name of ["right", "crlf"]) {
      const { status, stdout, stderr, calls } = await run(["ls", "--json"], withFile(name));
      assert.equal(status, 0);
      assert.equal(stdout, "[]\n");
      assert.equal(stderr, "");
      assert.deepEqual(
        calls.map((call) => call.name),
        ["list", "unlock", "list"],
      );
    }
  });

  it("only one line break at the end is not part of the passphrase", async () => {
    assert.equal((await run(["ls"], withFile("two-breaks"))).status, 4);
  });

  it("a wrong passphrase in the file ends with 4, without asking", async () => {
    for (const command of ["ls", "unlock"]) {
      const { status, stderr } = await run([command, "--json"], withFile("wrong"));
      assert.equal(status, 4);
      assert.match(stderr, /^\{"error":\{"code":"wrong-passphrase"/);
    }
  });

  it("a passphrase file that is missing or empty is named", async () => {
    const missing = await run(["ls"], withFile("none"));
    assert.equal(missing.status, 3);
    assert.match(missing.stderr, /^ipcloud: can't read the passphrase file ".*none": .*\n$/);
    assert.equal((await run(["ls"], withFile("empty"))).status, 2);
  });

  it("a passphrase file that others can read is refused, by its name and with what to do", async function () {
    if (process.platform === "win32") this.skip();
    for (const mode of [0o644, 0o640, 0o604, 0o620]) {
      const file = join(folder, "open");
      await writeFile(file, right);
      await chmod(file, mode);
      const ran = await run(["ls"], withFile("open"));
      assert.equal(ran.status, 2);
      assert.match(ran.stderr, /^ipcloud: others can read the .*open"; .*chmod 600 ".*open"\n$/);
      assert.deepEqual(
        ran.calls.map(({ name }) => name),
        ["list"],
      );
      const next = ["passphrase", "--new-file", "open"];
      assert.equal((await run(next, { ...withFile("right"), cwd: folder })).status, 2);
    }
  });

  it("a passphrase comes from a pipe, and from another user's file that may be read", async function () {
    if (process.platform === "win32") this.skip();
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", ["-m", "644", pipe]);
    const written = writeFile(pipe, right);
    assert.equal((await run(["ls"], withFile("pipe"))).status, 0);
    await written;
    if (process.getuid?.() !== 0) return; // only root can give a file away
    await writeFile(join(folder, "given"), right);
    await chown(join(folder, "given"), 65_534, 65_534);
    assert.equal((await run(["ls"], withFile("given"))).status, 0);
  });

  it("without the file and without a terminal a locked drive ends with 4", async () => {
    const { status, stdout, stderr } = await run(["ls", "--json"], { answers: lockedDrive() });
    assert.equal(status, 4);
    assert.equal(stdout, "");
    assert.equal((JSON.parse(stderr) as { error: { code: string } }).error.code, "locked");
  });

  it("on a terminal the passphrase is asked for, not shown, and asked again if wrong", async () => {
    const { status, stdout, stderr, calls } = await run(["ls", "--json"], {
      answers: lockedDrive(),
      terminal: true,
      typed: ["wrong", right],
    });
    assert.equal(status, 0);
    assert.equal(stdout, "[]\n");
    assert.equal(stderr, "Passphrase: \nWrong passphrase; try again.\nPassphrase: \n");
    assert.equal(calls.filter(({ name }) => name === "unlock").length, 2);
  });

  it("three wrong answers are enough", async () => {
    const { status, stderr } = await run(["ls"], {
      answers: lockedDrive(),
      terminal: true,
      typed: ["a", "b", "c", right],
    });
    assert.equal(status, 4);
    assert.match(stderr, /ipcloud: the passphrase does not open the keystore\n$/);
  });

  it("Ctrl-C at the question ends with 130", async () => {
    const { status, calls } = await run(["ls"], {
      answers: lockedDrive(),
      terminal: true,
      typed: ["\u0003"],
    });
    assert.equal(status, 130);
    assert.deepEqual(
      calls.map(({ name }) => name),
      ["list"],
    );
  });

  it("unlock tells the same as status, and does not ask if the drive is open", async () => {
    const answers = lockedDrive();
    const { stdout } = await run(["unlock", "--json"], {
      answers,
      ...{ env: withFile("right").env },
    });
    assert.equal((JSON.parse(stdout) as { locked: boolean }).locked, false);
    assert.equal((await run(["unlock"], { answers })).status, 0);
    assert.equal((await run(["unlock"], { answers, env: withFile("wrong").env })).status, 4);
  });

  it("unlock without an account says how to make one", async () => {
    const status = (): Status => ({
      pid: 1,
      home: "/h",
      state: "no-account",
      version: "0.1.0",
      notices: [],
    });
    const { status: exit, stderr } = await run(["unlock"], { answers: { status } });
    assert.equal(exit, 3);
    assert.match(stderr, /ipcloud init/);
  });

  it("lock does not start a node to lock it", async () => {
    const { status, calls } = await run(["lock", "--json"], { running: false });
    assert.equal(status, 0);
    assert.deepEqual(calls, []);
    assert.equal((await run(["lock"], { answers: lockedDrive() })).status, 0);
  });

  it("passphrase takes the present one and the new one from files", async () => {
    const { status, calls } = await run(["passphrase", "--new-file", "next", "--json"], {
      ...withFile("right"),
      cwd: folder,
    });
    assert.equal(status, 0);
    assert.deepEqual(calls.at(-1), {
      name: "setSecret",
      params: { current: { passphrase: right }, next: { passphrase: "another one" } },
    });
  });

  it("passphrase takes none of fewer than ten characters", async () => {
    const ran = await run(["passphrase", "--new-file", "wrong"], {
      ...withFile("right"),
      cwd: folder,
    });
    assert.equal(ran.status, 2);
    assert.match(ran.stderr, /at least 10 characters/);
    assert.deepEqual(ran.calls, []);
  });

  it("passphrase asks for the new one until it was typed the same twice", async () => {
    const { status, stderr, calls } = await run(["passphrase"], {
      answers: lockedDrive(),
      terminal: true,
      typed: [
        right,
        "new passphrase",
        "new passhprase",
        "",
        "short",
        "new passphrase",
        "new passphrase",
      ],
    });
    assert.equal(status, 0);
    assert.match(stderr, /The two differ[^]*At least 10 char[^]*At least 10 char/);
    assert.doesNotMatch(stderr, /horse|new pass|short/);
    assert.deepEqual(calls.at(-1)?.params, {
      current: { passphrase: right },
      next: { passphrase: "new passphrase" },
    });
  });
});
