import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { takeNodeLock } from "../../src/node/platform/node-lock.ts";

describe("takeNodeLock", () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-test-"));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  /** Another process that takes the lock and keeps it. @returns whether it got it. */
  async function takeElsewhere(file: string): Promise<[boolean, ChildProcess]> {
    const module = new URL("../../src/node/platform/node-lock.ts", import.meta.url).href;
    const program = `const { takeNodeLock } = await import(${JSON.stringify(module)});
      const lock = takeNodeLock(${JSON.stringify(file)});
      process.stdout.write(lock ? "taken" : "busy");
      if (lock) setInterval(() => lock, 1000);`;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const [answer] = (await once(child.stdout, "data")) as [Buffer];
    return [answer.toString() === "taken", child];
  }

  it("gives a lock to one process at a time, and stays empty", async () => {
    const file = join(folder, "node.lock");
    const lock = takeNodeLock(file);
    assert.ok(lock);
    assert.equal((await takeElsewhere(file))[0], false);
    lock.release();
    assert.equal((await takeElsewhere(file))[0], true);
    assert.equal(takeNodeLock(file), undefined);
    assert.equal(statSync(file).size, 0);
  });

  it("is free again when its process was killed", async () => {
    const file = join(folder, "node.lock");
    const [taken, child] = await takeElsewhere(file);
    assert.equal(taken, true);
    child.kill("SIGKILL");
    await once(child, "exit");
    const lock = takeNodeLock(file);
    assert.ok(lock);
    lock.release();
  });

  it("says so where there can be no lock", () => {
    assert.throws(
      () => takeNodeLock(join(folder, "missing", "node.lock")),
      (error) => isCloudError(error, "storage"),
    );
  });
});
