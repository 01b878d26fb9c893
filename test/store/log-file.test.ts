import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { commitsInLog, readSalts } from "../../src/node/store/log-file.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { inTemporaryFolder, seededBlock, seededRandom } from "./blocks.ts";
import { putAll } from "./checks.ts";

const pageBytes = 4096;
const frameBytes = 24 + pageBytes;

/** What SQLite finds in a copy of a database and a log. */
async function bySqlite(folder: string, database: Uint8Array, log: Uint8Array): Promise<number> {
  const path = join(folder, "judge.db");
  await writeFile(path, database);
  await writeFile(`${path}-wal`, log);
  const connection = new DatabaseSync(path);
  try {
    return Number(connection.prepare("SELECT commits FROM total").get()?.["commits"]);
  } finally {
    connection.close();
  }
}

/** The same log as a machine writes it whose words begin with their highest byte. */
function inOtherOrder(log: Uint8Array): Buffer {
  const other = Buffer.from(log);
  other.writeUInt32BE(other.readUInt32BE(0) ^ 1, 0);
  let [a, b] = [0, 0];
  const isLittle = (other.readUInt32BE(0) & 1) === 0;
  const add = (start: number, length: number): void => {
    for (let at = start; at < start + length; at += 8) {
      const word = (i: number): number =>
        isLittle ? other.readUInt32LE(i) : other.readUInt32BE(i);
      a = (a + word(at) + b) >>> 0;
      b = (b + word(at + 4) + a) >>> 0;
    }
  };
  const write = (at: number): void => {
    other.writeUInt32BE(a, at);
    other.writeUInt32BE(b, at + 4);
  };
  add(0, 24);
  write(24);
  for (let at = 32; at + frameBytes <= other.length; at += frameBytes) {
    add(at, 8);
    add(at + 24, pageBytes);
    write(at + 16);
  }
  return other;
}

describe("the log of a database, read as a file", function () {
  this.timeout(60_000);

  it("brings it to as many commits as SQLite finds, wherever it is cut or damaged", async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, "store.db");
      const store = await openStore(folder);
      const database = await readFile(path);
      // More than 127, so that the number takes one and two bytes.
      for (let i = 0; i < 140; i++) await putAll(store, seededBlock(i, 100 + 200 * (i % 7)));
      const whole = await readFile(`${path}-wal`);
      await copyFile(path, join(folder, "kept.db"));
      await store.close();
      assert.deepEqual(await readFile(join(folder, "kept.db")), database, "all is in the log");

      const page = pageOfTotal(join(folder, "kept.db"));
      const random = seededRandom(3);
      const logs: Uint8Array[] = [
        whole,
        inOtherOrder(whole),
        new Uint8Array(0),
        whole.subarray(0, 31),
      ];
      for (let i = 0; i < 60; i++) {
        logs.push(whole.subarray(0, Math.floor(random() * whole.length)));
        logs.push(
          whole.subarray(0, 32 + frameBytes * Math.floor((random() * whole.length) / frameBytes)),
        );
        const damaged = Buffer.from(i % 2 === 0 ? whole : inOtherOrder(whole));
        const at = Math.floor(random() * damaged.length);
        damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
        logs.push(damaged);
      }
      const found = new Set<number>();
      for (const log of logs) {
        const file = join(folder, "log");
        await writeFile(file, log);
        const commits = commitsInLog(file, page) ?? 0;
        found.add(commits);
        assert.equal(commits, await bySqlite(folder, database, log));
      }
      assert.ok(found.has(0) && found.has(140) && found.size > 20);
      await writeFile(join(folder, "log"), whole);
      assert.deepEqual(readSalts(join(folder, "log")), new Uint8Array(whole.subarray(16, 24)));
      assert.equal(readSalts(join(folder, "none")), undefined);
    });
  });
});

/** The page of a closed database that holds the table `total`. */
function pageOfTotal(path: string): number {
  const connection = new DatabaseSync(path, { readOnly: true });
  try {
    const row = connection.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'total'").get();
    return Number(row?.["rootpage"]);
  } finally {
    connection.close();
  }
}
