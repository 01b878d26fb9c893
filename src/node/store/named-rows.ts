import { hash } from "node:crypto";
import type { StatementSync } from "node:sqlite";
import { asSpaceId, asWriterId, type SpaceId } from "../core/ids.ts";
import type { Database } from "./database.ts";
import { bytesOf, integerOf, textOf } from "./row-values.ts";
import { storageError } from "./storage-error.ts";
import type { HeadCommit, RecordTable, SettingRow, StoredHead } from "./store.ts";

/** In the place of a space: the row belongs to the data folder as a whole. */
const folderRows = new Uint8Array(0);

/** Of the folder: up to which segment room was set aside. It says nothing of another folder's. */
export const lentRow = "segments/lent";

/** All rows of the three tables that a backup takes. */
export interface StoreRows {
  readonly heads: readonly StoredHead[];
  readonly settings: readonly (SettingRow & { readonly value: Uint8Array })[];
  readonly records: readonly (readonly [name: string, value: Uint8Array])[];
}

/** The tables `head`, `setting` and `record`: bytes by a name. */
export class NamedRows {
  /** The table `record`, which Helia writes by itself. */
  readonly records: RecordTable;
  readonly #database: Database;
  readonly #spaces: StatementSync;
  readonly #heads: StatementSync;
  readonly #headRecord: StatementSync;
  readonly #setHead: StatementSync;
  readonly #dropHeads: StatementSync;
  readonly #setting: StatementSync;
  readonly #setSetting: StatementSync;
  readonly #dropSetting: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#spaces = database.prepare("SELECT DISTINCT space FROM head ORDER BY space");
    // With max() alone SQLite takes the other columns from the row that has it.
    this.#heads = database.prepare(
      "SELECT writer, max(seq) AS seq, bytes FROM head WHERE space = ? GROUP BY writer ORDER BY writer",
    );
    this.#headRecord = database.prepare("SELECT bytes FROM head WHERE hash = ?");
    this.#setHead = database.prepare(
      "INSERT OR REPLACE INTO head (space, writer, seq, hash, bytes) VALUES (?, ?, ?, ?, ?)",
    );
    this.#dropHeads = database.prepare(
      "DELETE FROM head WHERE space = ? AND writer = ? AND seq < ?",
    );
    this.#setting = database.prepare("SELECT value FROM setting WHERE space = ? AND name = ?");
    this.#setSetting = database.prepare(
      "INSERT OR REPLACE INTO setting (space, name, value) VALUES (?, ?, ?)",
    );
    this.#dropSetting = database.prepare("DELETE FROM setting WHERE space = ? AND name = ?");
    this.records = recordTable(database);
  }

  spaces(): SpaceId[] {
    return reading(this.#database, () =>
      this.#spaces.all().map((row) => asSpaceId(bytesOf(row, "space"))),
    );
  }

  heads(space: SpaceId): StoredHead[] {
    return reading(this.#database, () =>
      this.#heads.all(space).map((row) => ({
        space,
        writer: asWriterId(bytesOf(row, "writer")),
        seq: integerOf(row, "seq"),
        bytes: bytesOf(row, "bytes"),
      })),
    );
  }

  headRecord(hash: Uint8Array): Uint8Array | undefined {
    return reading(this.#database, () => {
      const row = this.#headRecord.get(hash);
      return row === undefined ? undefined : bytesOf(row, "bytes");
    });
  }

  setting(name: string, space: Uint8Array = folderRows): Uint8Array | undefined {
    return reading(this.#database, () => {
      const row = this.#setting.get(space, name);
      return row === undefined ? undefined : bytesOf(row, "value");
    });
  }

  /** All that is in the tables, but for what holds of this folder alone. */
  all(): StoreRows {
    return reading(this.#database, () => {
      const rows = (sql: string) => this.#database.prepare(sql).all();
      return {
        heads: rows("SELECT space, writer, seq, bytes FROM head").map((row) => ({
          space: asSpaceId(bytesOf(row, "space")),
          writer: asWriterId(bytesOf(row, "writer")),
          seq: integerOf(row, "seq"),
          bytes: bytesOf(row, "bytes"),
        })),
        settings: rows(`SELECT space, name, value FROM setting WHERE name <> '${lentRow}'`).map(
          (row) => {
            const space = bytesOf(row, "space");
            const [name, value] = [textOf(row, "name"), bytesOf(row, "value")];
            return space.length === 0 ? { name, value } : { space: asSpaceId(space), name, value };
          },
        ),
        records: [...this.records.entries("")],
      };
    });
  }

  /** Puts rows in the place of all that is in the tables. Inside a transaction. */
  replaceAll({ heads, settings, records }: StoreRows): void {
    this.#database.run("DELETE FROM head; DELETE FROM setting; DELETE FROM record");
    for (const head of heads) this.setHead({ ...head, keepFrom: 0 });
    this.setSettings(settings);
    const set = this.#database.prepare("INSERT INTO record (name, value) VALUES (?, ?)");
    for (const [name, value] of records) set.run(name, value);
  }

  /** Inside a transaction. */
  setHead({ space, writer, seq, bytes, keepFrom }: HeadCommit): void {
    this.#setHead.run(space, writer, seq, hash("sha256", bytes, "buffer"), bytes);
    this.#dropHeads.run(space, writer, keepFrom);
  }

  /** Inside a transaction. */
  setSettings(settings: readonly SettingRow[]): void {
    for (const { space = folderRows, name, value } of settings) {
      if (value === undefined) this.#dropSetting.run(space, name);
      else this.#setSetting.run(space, name, value);
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
