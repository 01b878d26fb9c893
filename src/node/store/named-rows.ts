import type { StatementSync } from "node:sqlite";
import { asWriterId, type WriterId } from "../core/ids.ts";
import type { Database } from "./database.ts";
import { bytesOf, textOf } from "./row-values.ts";
import { storageError } from "./storage-error.ts";
import type { RecordTable } from "./store.ts";

type Rows = ReadonlyMap<string, Uint8Array | undefined>;

/** The tables `head`, `setting` and `record`: bytes by a name. */
export class NamedRows {
  /** The table `record`, which Helia writes by itself. */
  readonly records: RecordTable;
  readonly #database: Database;
  readonly #heads: StatementSync;
  readonly #setHead: StatementSync;
  readonly #setting: StatementSync;
  readonly #setSetting: StatementSync;
  readonly #dropSetting: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#heads = database.prepare("SELECT writer, bytes FROM head ORDER BY writer");
    this.#setHead = database.prepare("INSERT OR REPLACE INTO head (writer, bytes) VALUES (?, ?)");
    this.#setting = database.prepare("SELECT value FROM setting WHERE name = ?");
    this.#setSetting = database.prepare(
      "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
    );
    this.#dropSetting = database.prepare("DELETE FROM setting WHERE name = ?");
    this.records = recordTable(database);
  }

  heads(): { writer: WriterId; bytes: Uint8Array }[] {
    return reading(this.#database, () =>
      this.#heads.all().map((row) => ({
        writer: asWriterId(bytesOf(row, "writer")),
        bytes: bytesOf(row, "bytes"),
      })),
    );
  }

  setting(name: string): Uint8Array | undefined {
    return reading(this.#database, () => {
      const row = this.#setting.get(name);
      return row === undefined ? undefined : bytesOf(row, "value");
    });
  }

  /** Inside a transaction. */
  setHead(writer: WriterId, bytes: Uint8Array): void {
    this.#setHead.run(writer, bytes);
  }

  /** Inside a transaction. */
  setSettings(settings: Rows): void {
    for (const [name, value] of settings) {
      if (value === undefined) this.#dropSetting.run(name);
      else this.#setSetting.run(name, value);
      this.#database.noteWritten(4096 + (value?.length ?? 0));
    }
  }
}

function reading<Result>(database: Database, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw storageError(error, database.folder, "reading the database");
  }
}

function recordTable(database: Database): RecordTable {
  const get = database.prepare("SELECT value FROM record WHERE name = ?");
  // A prefix is compared by itself: LIKE folds case and takes % and _ for more than they are.
  const entries = database.prepare(
    `SELECT name, value FROM record
     WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1 ORDER BY name`,
  );
  const set = database.prepare(
    "INSERT INTO record (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  const drop = database.prepare("DELETE FROM record WHERE name = ?");
  return {
    get: (name) =>
      reading(database, () => {
        const row = get.get(name);
        return row === undefined ? undefined : bytesOf(row, "value");
      }),
    entries: (prefix) =>
      reading(database, () =>
        entries.all(prefix).map((row) => [textOf(row, "name"), bytesOf(row, "value")] as const),
      ),
    write: (rows) => {
      // Not durable by itself: what Helia remembers of peers may be some seconds old after a crash.
      database.transaction(false, () => {
        for (const [name, value] of rows) {
          if (value === undefined) drop.run(name);
          else set.run(name, value);
          database.noteWritten(4096 + (value?.length ?? 0));
        }
      });
    },
  };
}
