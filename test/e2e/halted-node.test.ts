import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { processStart } from "../../src/node/platform/process-start.ts";

const commandLine = fileURLToPath(new URL("../../src/node/cli/main.ts", import.meta.url));

describe("a node that doesn't answer", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-halted-"));
    writeFileSync(join(folder, "passphrase"), "a passphrase of some words", { mode: 0o600 });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const ipcloud = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ["--disable-warning=ExperimentalWarning", commandLine, ...args], {
      cwd: folder,
      env: {
        ...process.env,
        IPCLOUD_HOME: join(folder, "home"),
        IPCLOUD_PASSPHRASE_FILE: join(folder, "passphrase"),
      },
      stdio: "ignore",
    });
  /** How a process ended, as a shell shows it. */
  const statusOf = (child: ChildProcess): Promise<number> =>
    new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        resolve(code ?? (signal === "SIGINT" ? 130 : 128));
      });
    });
  const pid = (): number => {
    const text = readFileSync(join(folder, "home/node.json"), "utf8");
    return (JSON.parse(text) as { process: { pid: number } }).process.pid;
  };

  it("keeps no command from ending at Ctrl-C, and is stopped all the same", async () => {
    assert.equal(await statusOf(ipcloud("init", "--words-out", join(folder, "words"))), 0);
    const halted = pid();
    process.kill(halted, "SIGSTOP");
    try {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        const command = ipcloud("ls");
        await delay(1_500);
        const began = performance.now();
        command.kill(signal);
        assert.equal(await statusOf(command), 130);
        assert.ok(performance.now() - began < 8_000, "ended late");
      }
      assert.equal(await statusOf(ipcloud("node", "stop")), 0);
      assert.equal(processStart(halted), undefined);
    } finally {
      try {
        process.kill(halted, "SIGKILL");
      } catch {
        // It has ended, as it should.
      }
    }
  });
});
