import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Store } from "../../src/node/store/store.ts";
import type { WritePoint } from "../../src/node/store/write-point.ts";
import { blockOf, headNumber, inTemporaryFolder, seededBlock, spaceNumber } from "./blocks.ts";
import { putAll, refuses } from "./checks.ts";
import { withDatabase } from "./damage.ts";
import { canMount, runWithMounts } from "./in-namespace.ts";
import { makeOldStore } from "./old-store.ts";

const oldBlocks = ["first block", "second block"].map((text) => blockOf(toUtf8(text)));

/** What the section of the format on what lies on disk says of the database. */
function writtenDown(): { pragmas: (string | undefined)[]; tables: Record<string, string[]> } {
  const format = readFileSync(new URL("../../src/node/FORMAT.md", import.meta.url), "utf8");
  const section = /^### 2\.1 On disk$([^]*?)^### /mu.exec(format)?.[1] ?? assert.fail();
  const [, ...pragmas] = /`PRAGMA application_id` is (\w+), `PRAGMA user_version` (\w+)/u.exec(
    section,
  ) ?? [""];
  const columnsOf = (cell: string): string[] =>
    Array.from(cell.matchAll(/`([^`]+)`(?: \([^)]*\))?/gu), ([, name]) => name ?? "");
  const rows = section.slice(section.indexOf("| table |")).matchAll(/^\| `(\w+)` \| (.*?) \|/gmu);
  const tables = Array.from(rows, ([, name = "", cell = ""]) => [name, columnsOf(cell)] as const);
  return { pragmas, tables: Object.fromEntries(tables) };
}

describe("the database of a new store", () => {
  it("is as the format says, so that another client can open the folder", async () => {
    await inTemporaryFolder(async (folder) => {
      await (await openStore(folder)).close();
      const found = withDatabase(folder, (database) => {
        const all = (sql: string) => database.prepare(sql).all();
        const valueOf = (pragma: string) => Number(all(`PRAGMA ${pragma}`)[0]?.[pragma]);
        const names = all("SELECT name FROM sqlite_schema WHERE type = 'table'");
        const tables = names.map(({ name }) => {
          const columns = all(`SELECT name FROM pragma_table_info('${String(name)}')`);
          return [name, columns.map((column) => column["name"])] as const;
        });
        const pragmas = [
          `0x${valueOf("application_id").toString(16)}`,
          valueOf("user_version").toString(),
        ];
        return { pragmas, tables: Object.fromEntries(tables) as Record<string, unknown> };
      });
      assert.deepEqual(writtenDown(), found);
    });
  });
});

/** Checks that what the old store held is there, and that new blocks can be added. */
async function checkMigrated(store: Store): Promise<void> {
  for (const { id, bytes } of oldBlocks) assert.deepEqual(await store.get(id), bytes);
  const head = headNumber(3, { bytes: Uint8Array.of(10, 11) });
  assert.deepEqual(store.heads(spaceNumber(7)), [head]);
  assert.deepEqual(store.headRecord(blockOf(head.bytes).id), head.bytes);
  assert.deepEqual(store.setting("window"), Uint8Array.of(7));
  const { blocks, blockBytes } = store.usage();
  assert.deepEqual([blocks, blockBytes], [2, 23]);
  const large = seededBlock(1, 100_000);
  await putAll(store, large);
  assert.deepEqual(await store.get(large.id), large.bytes);
  assert.equal((await store.check()).blocks, 3);
}

describe("a store of another schema", () => {
  it("is migrated from schema 1 after a copy of it was made", async () => {
    await inTemporaryFolder(async (folder) => {
      await makeOldStore(folder);
      const store = await openStore(folder);
      await checkMigrated(store);
      await store.close();
      const names = (await readdir(folder)).sort();
      assert.deepEqual(names, ["segments", "store-schema-1.backup.db", "store.db", "store.mark"]);
      const backup = new DatabaseSync(join(folder, "store-schema-1.backup.db"), { readOnly: true });
      assert.equal(backup.prepare("PRAGMA user_version").get()?.["user_version"], 1);
      assert.equal(backup.prepare("SELECT count(*) AS n FROM block").get()?.["n"], 2);
      backup.close();
    });
  });

  it("is as it was if the migration is cut short, and migrated by the next start", async () => {
    for (const [i, point] of (
      [
        "before backup",
        "before folder sync",
        "after backup",
        "before durable commit",
      ] as WritePoint[]
    ).entries()) {
      await inTemporaryFolder(async (folder) => {
        await makeOldStore(folder);
        const stop = openStore(folder, {
          onWritePoint: (reached) => {
            if (reached === point) throw new Error(`stopped at ${point}`);
          },
        });
        await assert.rejects(stop);
        const version = withDatabase(folder, (database) =>
          database.prepare("PRAGMA user_version").get(),
        );
        assert.equal(version?.["user_version"], 1);
        assert.equal((await readdir(folder)).includes("store-schema-1.backup.db"), i > 0);
        const store = await openStore(folder);
        await checkMigrated(store);
        await store.close();
      });
    }
  });

  it("is left alone if the disk has no space for the copy", async function () {
    if (!canMount()) this.skip();
    await inTemporaryFolder(async (folder) => {
      await runWithMounts(
        'mount -t tmpfs -o size=256k none "$1"',
        new URL("full-migration-child.ts", import.meta.url),
        folder,
      );
    });
  });

  it("is refused, by a sentence, if it was made before the first release", async () => {
    await inTemporaryFolder(async (folder) => {
      withDatabase(folder, (database) => {
        database.exec(`CREATE TABLE head (writer BLOB PRIMARY KEY, bytes BLOB NOT NULL);
          PRAGMA application_id = 0x49504373; PRAGMA user_version = 2`);
      });
      const before = await readFile(join(folder, "store.db"));
      await refuses("damaged", () => openStore(folder), /made before the first release/);
      assert.deepEqual(await readFile(join(folder, "store.db")), before);
    });
  });

  it("is refused untouched, by a sentence, if a newer IPCloud wrote it", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      await putAll(store, seededBlock(1, 1000));
      await store.close();
      withDatabase(folder, (database) => {
        database.exec("PRAGMA user_version = 77");
      });
      const before = await readFile(join(folder, "store.db"));
      await refuses("newer", () => openStore(folder), /schema 77.*needs a newer IPCloud/);
      assert.deepEqual(await readFile(join(folder, "store.db")), before);
    });
  });
});
