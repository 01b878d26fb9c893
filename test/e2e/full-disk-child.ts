// Fills a drive in FOLDER, a disk of 4 MiB, until nothing more fits, and goes on once there is space.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Status } from "../../src/node/rpc/contract.ts";
import { seededBytes } from "../store/blocks.ts";
import { openBuiltDrives } from "./built-drives.ts";

const [folder = ""] = process.argv.slice(2);
const home = join(folder, "home");
const ballast = join(folder, "ballast");
const cli = await openBuiltDrives();
const run = (args: readonly string[], stdin: string | Uint8Array = "") =>
  cli.run("home", args, { env: { IPCLOUD_HOME: home }, stdin });

/** Expects success. */
async function does(args: readonly string[], stdin?: string | Uint8Array): Promise<Buffer> {
  const { status, stdout, stderr } = await run(args, stdin);
  assert.equal(status, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Expects to be told that the disk is full, and which. */
async function isFull(args: readonly string[], stdin?: string | Uint8Array): Promise<void> {
  const { status, stderr } = await run([...args, "--json"], stdin);
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
  assert.deepEqual([status, error.code], [7, "storage-full"], `${args.join(" ")}: ${stderr}`);
  assert.ok(
    error.message.includes(home) && error.message.includes("free some space"),
    error.message,
  );
}

/** Puts files of a size until one does not fit. @returns what was put. */
async function fill(size: number): Promise<Map<string, Uint8Array>> {
  const put = new Map<string, Uint8Array>();
  for (let i = 0; i < 1000; i++) {
    const [path, bytes] = [`/${size.toString()}-${i.toString()}`, seededBytes(size + i, size)];
    const { status } = await run(["put", "-", path], bytes);
    if (status !== 0) {
      await isFull(["put", "-", path], bytes);
      return put;
    }
    put.set(path, bytes);
  }
  return assert.fail("the disk never filled");
}

try {
  writeFileSync(ballast, new Uint8Array(1_100_000));
  await does(["init"]);
  const kept = new Map([...(await fill(400_000)), ...(await fill(3000))]);
  const source = join(cli.folder, "source");
  mkdirSync(source);
  for (let i = 0; i < 40; i++) {
    writeFileSync(join(source, i.toString()), seededBytes(i, i === 0 ? 600_000 : 20_000));
  }
  const isAsBefore = async (): Promise<void> => {
    for (const [path, bytes] of kept)
      assert.deepEqual(await does(["cat", path]), Buffer.from(bytes));
    await does(["verify"]);
  };

  // Everything that writes is refused; everything that reads goes on.
  await isFull(["import", source, "/imported"]);
  writeFileSync(join(cli.folder, "next"), "another passphrase", { mode: 0o600 });
  await isFull(["put", "-", "/large"], seededBytes(1, 600_000));
  await run(["passphrase", "--new-file", join(cli.folder, "next")]);
  await isAsBefore();
  assert.equal((await run(["ls", "/large"])).status, 3);

  // A node that is started anew on a disk without any room says so and gives out what is there.
  await does(["node", "stop"]);
  writeFileSync(join(folder, "rest"), "");
  for (let size = 65_536; size >= 1; size >>= 1) {
    try {
      for (;;) writeFileSync(join(folder, "rest"), new Uint8Array(size), { flag: "a" });
    } catch {
      // Less may still fit.
    }
  }
  for (let start = 0; start < 2; start++) {
    const { notices } = JSON.parse((await does(["status", "--json"])).toString()) as Status;
    assert.match(notices.join("\n"), /is full \(\d+ KiB left\): what is there can be read/);
    await isAsBefore();
    await isFull(["put", "-", "/large"], seededBytes(1, 600_000));
    if (start === 0) await does(["node", "stop"]);
  }

  // With space again it goes on as if nothing had been, and by itself.
  rmSync(join(folder, "rest"));
  rmSync(ballast);
  await does(["put", "-", "/small"], "small");
  const { notices } = JSON.parse((await does(["status", "--json"])).toString()) as Status;
  assert.deepEqual(notices, []);
  await isAsBefore();
  await does(["rm", "/400000-0"]);
  await does(["purge", "--yes", "/400000-0"]);
  kept.delete("/400000-0");
  await does(["put", "-", "/after"], "after");
  await does(["gc"]);
  await isAsBefore();
} finally {
  await cli.remove();
}
