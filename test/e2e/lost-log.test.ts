import assert from "node:assert/strict";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Status } from "../../src/node/rpc/contract.ts";
import { type BuiltDrives, openBuiltDrives } from "./built-drives.ts";

describe("a drive whose store has lost its log", function () {
  this.timeout(120_000);
  let drives: BuiltDrives;
  before(async () => {
    drives = await openBuiltDrives();
  });
  after(() => drives.remove());

  const put = (name: string, path: string, text: string) =>
    drives.run(name, ["put", "-", path], { stdin: text });
  const statusOf = async (name: string): Promise<Status> =>
    (await drives.json(name, "status")) as Status;

  /** Expects that what was put is refused, by words that say what to do. */
  async function isRefused(name: string): Promise<void> {
    const { status, stderr } = await put(name, "/refused", "refused");
    assert.equal(status, 7, stderr);
    assert.match(stderr, /missing.*store\.db-wal back.*verify --accept-loss/);
  }

  /** Makes a drive whose first file is in the database and whose second is in its log, and kills it. */
  async function makeKilled(name: string): Promise<string> {
    await drives.init(name);
    assert.equal((await put(name, "/first", "first")).status, 0);
    await drives.text(name, "node", "stop");
    assert.equal((await put(name, "/second", "second")).status, 0);
    const { pid } = await statusOf(name);
    process.kill(pid, "SIGKILL");
    await delay(100);
    return join(drives.home(name), "store.db-wal");
  }

  it("is read and not written, says so, and is whole once the log is back", async () => {
    const log = await makeKilled("back");
    const kept = join(drives.folder, "kept-wal");
    cpSync(log, kept);
    rmSync(log);
    assert.match((await statusOf("back")).notices.join("\n"), /missing from/);
    assert.equal(await drives.text("back", "cat", "/first"), "first");
    await isRefused("back");
    await drives.text("back", "node", "stop");
    cpSync(kept, log);
    assert.deepEqual((await statusOf("back")).notices, []);
    assert.equal(await drives.text("back", "cat", "/second"), "second");
    assert.equal((await put("back", "/third", "third")).status, 0);
    assert.match(await drives.text("back", "verify"), /all sound/);
  });

  it("goes on without what is missing once that is accepted, as another writer", async () => {
    const log = await makeKilled("accepted");
    rmSync(log);
    await isRefused("accepted");
    assert.match(await drives.text("accepted", "verify", "--accept-loss"), /all sound/);
    const { notices } = await statusOf("accepted");
    assert.match(notices.join("\n"), /goes on as a new writer/);
    assert.equal(await drives.text("accepted", "cat", "/first"), "first");
    assert.equal((await put("accepted", "/second", "anew")).status, 0);
    assert.equal(await drives.text("accepted", "cat", "/second"), "anew");
    assert.match(await drives.text("accepted", "verify"), /all sound/);
    const { status, stderr } = await drives.run("accepted", ["verify", "--accept-loss"]);
    assert.equal(status, 2);
    assert.match(stderr, /has all that was acknowledged/);
  });

  it("is read also in a copy that was made without it while the node ran", async () => {
    await drives.init("running");
    assert.equal((await put("running", "/first", "first")).status, 0);
    await drives.text("running", "node", "stop");
    assert.equal((await put("running", "/second", "second")).status, 0);
    for (const name of readdirSync(drives.home("running"))) {
      if (name.endsWith("-wal") || name === "node.sock" || name === "node.lock") continue;
      cpSync(join(drives.home("running"), name), join(drives.home("copied"), name), {
        recursive: true,
      });
    }
    assert.equal(await drives.text("copied", "cat", "/first"), "first");
    await isRefused("copied");
    assert.match(await drives.text("copied", "verify", "--accept-loss"), /all sound/);
    assert.equal((await put("copied", "/second", "in the copy")).status, 0);
    assert.equal(await drives.text("running", "cat", "/second"), "second");
  });
});
