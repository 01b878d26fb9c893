import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { commitsInLog, readSalts } from "../../../src/node/store/log/log-file.ts";
import { openStore } from "../../../src/node/store/open-store.ts";
import { inTemporaryFolder, seededBlock, seededRandom } from "../blocks.ts";
import { putAll } from "../checks.ts";

const pageBytes = 4096;
const frameHeaderBytes = 24;
const frameBytes = frameHeaderBytes + pageBytes;

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

  it("says nothing where its pages or the row in them make no sense", async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, "log");
      const row = [13, 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0x00, 6, 1, 4, 1, 1, 6];
      const page = (bytes: number, ...start: number[]): Uint8Array => {
        const content = new Uint8Array(bytes);
        content.set(start.slice(0, bytes));
        return content;
      };
      const logs = [
        logOf(8, page(8, ...row)),
        logOf(4, page(4, 13)),
        logOf(0, page(0)),
        // The cell ends with the page, so that its last column stands beyond it.
        logOf(
          512,
          Buffer.concat([
            page(505, 13, 0, 0, 0, 1, 0, 0, 0, 1, 0xf9),
            Buffer.from([9, 1, 4, 1, 1, 6, 0]),
          ]),
        ),
        logOf(512, page(512, 13, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0xff)),
      ];
      for (const log of logs) {
        await writeFile(file, log);
        assert.equal(commitsInLog(file, 2), undefined);
      }
    });
  });
});

/** A log of one frame for page 2, whose checksums hold. */
function logOf(pageBytesSaid: number, content: Uint8Array): Buffer {
  const log = Buffer.alloc(32 + frameHeaderBytes + content.length);
  log.writeUInt32BE(0x377f0682, 0);
  log.writeUInt32BE(pageBytesSaid, 8);
  log.writeUInt32BE(2, 32);
  log.writeUInt32BE(2, 36);
  log.set(content, 32 + frameHeaderBytes);
  let [a, b] = [0, 0];
  const add = (start: number, end: number): void => {
    for (let at = start; at + 8 <= end; at += 8) {
      a = (a + log.readUInt32LE(at) + b) >>> 0;
      b = (b + log.readUInt32LE(at + 4) + a) >>> 0;
    }
  };
  const write = (at: number): void => {
    log.writeUInt32BE(a, at);
    log.writeUInt32BE(b, at + 4);
  };
  add(0, 24);
  write(24);
  add(32, 40);
  add(32 + frameHeaderBytes, log.length);
  write(32 + 16);
  return log;
}

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
