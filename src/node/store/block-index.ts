import type { StatementSync } from "node:sqlite";
import { compareBytes } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { asBlockId, type BlockId } from "../core/ids.ts";
import type { Database } from "./database.ts";
import { Quarantine } from "./quarantine.ts";
import { bytesOf, integerOf, outOfOrder, type Row } from "./row-values.ts";
import { isCorruption, isReadFault, storageError } from "./storage-error.ts";

/** Where the bytes of a large block lie. */
export interface Extent {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

/** What is kept of a block: its bytes, or where they are. */
export type Place = Uint8Array | Extent;

/** A block's row: ids rise with insertion and may be given out again after the last was removed. */
export interface BlockRow {
  readonly row: number;
  readonly id: BlockId;
}

function extentOf(row: Row): Extent {
  return {
    segment: integerOf(row, "segment"),
    offset: integerOf(row, "offset"),
    length: integerOf(row, "length"),
  };
}

const noHash = new Uint8Array(0);

const disagreement =
  "the table of blocks and the index of hashes don't agree: put back a copy of the data folder";

/**
 * The tables `block`, `extent` and `total`, beside {@link Quarantine}: which blocks there are and where.
 *
 * Invariants:
 * 1. A row of `block` has its bytes inline or an `extent` of the same id, never both.
 * 2. An extent is written only after the segment's bytes were synced.
 * 3. Changes happen inside {@link BlockIndex.transaction}; what is kept in memory follows the
 *    database only when it is committed.
 */
export class BlockIndex {
  readonly #database: Database;
  readonly #quarantine: Quarantine;
  #blocks: number;
  #bytes: number;
  #commits: number;
  #version = 0;
  readonly #find: StatementSync;
  readonly #hashOf: StatementSync;
  readonly #count: StatementSync;
  readonly #bytesOf: StatementSync;
  readonly #lengthOf: StatementSync;
  readonly #extentOf: StatementSync;
  readonly #insert: StatementSync;
  readonly #setBytes: StatementSync;
  readonly #setExtent: StatementSync;
  readonly #moveExtent: StatementSync;
  readonly #dropInline: StatementSync;
  readonly #insertAt: StatementSync;
  readonly #inline: StatementSync;
  readonly #dropBlock: StatementSync;
  readonly #dropExtent: StatementSync;
  readonly #setTotal: StatementSync;
  readonly #byRow: StatementSync;
  readonly #byHash: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare("SELECT id FROM block WHERE hash = ?");
    this.#hashOf = database.prepare("SELECT hash FROM block WHERE id = ?");
    this.#count = database.prepare("SELECT count(*) AS blocks FROM block INDEXED BY block_hash");
    this.#bytesOf = database.prepare("SELECT bytes FROM block WHERE id = ?");
    this.#lengthOf = database.prepare("SELECT length FROM block WHERE id = ?");
    this.#extentOf = database.prepare("SELECT segment, offset, length FROM extent WHERE id = ?");
    this.#insert = database.prepare(
      "INSERT INTO block (hash, length, bytes) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING",
    );
    this.#setBytes = database.prepare("UPDATE block SET bytes = ? WHERE id = ?");
    this.#setExtent = database.prepare(
      "INSERT OR REPLACE INTO extent (id, segment, offset, length) VALUES (?, ?, ?, ?)",
    );
    this.#moveExtent = database.prepare(
      `UPDATE extent SET segment = ?, offset = ? WHERE id = ? AND segment = ? AND offset = ?`,
    );
    this.#dropInline = database.prepare(
      "DELETE FROM block WHERE id = ? AND hash = ? AND bytes IS NOT NULL",
    );
    this.#insertAt = database.prepare("INSERT INTO block (id, hash, length) VALUES (?, ?, ?)");
    this.#inline = database.prepare(
      `SELECT id, hash, bytes FROM block
       WHERE id > ? AND length >= ? AND bytes IS NOT NULL ORDER BY id`,
    );
    this.#dropBlock = database.prepare(
      "DELETE FROM block WHERE id = ? AND hash = ? RETURNING length",
    );
    this.#dropExtent = database.prepare("DELETE FROM extent WHERE id = ?");
    this.#setTotal = database.prepare("UPDATE total SET blocks = ?, bytes = ?, commits = ?");
    this.#byRow = database.prepare("SELECT id, hash FROM block WHERE id > ? ORDER BY id LIMIT ?");
    this.#byHash = database.prepare(
      "SELECT id, hash FROM block WHERE hash > ? ORDER BY hash LIMIT ?",
    );
    database.beginLogsWith(() => {
      // SQLite writes no page for a row that is set to what it was.
      this.#setTotal.run(-1, -1, -1);
      this.#setTotal.run(this.#blocks, this.#bytes, this.#commits);
    });
    const total = database.prepare("SELECT blocks, bytes, commits FROM total").get();
    this.#blocks = integerOf(total, "blocks");
    this.#bytes = integerOf(total, "bytes");
    this.#commits = integerOf(total, "commits");
    this.#quarantine = new Quarantine(database);
  }

  /** Number of blocks, of their bytes, and of those in quarantine. */
  get totals(): { blocks: number; bytes: number; quarantined: number } {
    return { blocks: this.#blocks, bytes: this.#bytes, quarantined: this.#quarantine.size };
  }

  /** How many durable commits there were since the store was made. */
  get commits(): number {
    return this.#commits;
  }

  /** Another number after each change of which blocks there are. */
  get version(): number {
    return this.#version;
  }

  /** How many blocks the index of hashes has; reads all of it. */
  count(): number {
    return integerOf(
      this.#reading(() => this.#count.get()),
      "blocks",
    );
  }

  /** The block that a row of the table holds; `undefined` if there is no such row. */
  blockAt(row: number): BlockId | undefined {
    const found = this.#reading(() => this.#hashOf.get(row));
    return found === undefined ? undefined : asBlockId(bytesOf(found, "hash"));
  }

  /** The row of a block, sound or not. */
  find(id: BlockId): number | undefined {
    const row = this.#reading(() => this.#find.get(id));
    return row === undefined ? undefined : integerOf(row, "id");
  }

  /** The row of a block that isn't in quarantine and could be read so far. */
  findSound(id: BlockId): number | undefined {
    const row = this.find(id);
    return row === undefined || this.#quarantine.has(row) ? undefined : row;
  }

  /** Where a row's bytes are; `undefined` if the database no longer says, or the disk refuses it. */
  place(row: number): Place | "unreadable" | undefined {
    try {
      const bytes = this.#bytesOf.get(row)?.["bytes"];
      if (bytes instanceof Uint8Array) return bytes;
      const extent = this.#extentOf.get(row);
      return extent === undefined ? undefined : extentOf(extent);
    } catch (error) {
      if (isCorruption(error)) return undefined;
      if (isReadFault(error)) return "unreadable";
      throw storageError(error, this.#database.folder, "reading a block");
    }
  }

  /**
   * Up to `limit` rows after `row`, in the order of insertion.
   * @throws damaged, if they don't rise: who goes on after the last would never come to an end
   */
  sliceByRow(row: number, limit: number): BlockRow[] {
    const rows = this.#slice(this.#byRow, row, limit);
    let last = row;
    for (const next of rows) {
      if (next.row <= last) throw outOfOrder("table of blocks");
      last = next.row;
    }
    return rows;
  }

  /**
   * Up to `limit` rows after `id` (from the first, if it is absent), in the order of hashes: reads
   * only the index, which is small.
   * @throws damaged, if they don't rise
   */
  sliceByHash(id: BlockId | undefined, limit: number): BlockRow[] {
    let last: Uint8Array = id ?? noHash;
    const rows = this.#slice(this.#byHash, last, limit);
    for (const next of rows) {
      if (compareBytes(next.id, last) <= 0) throw outOfOrder("index of hashes");
      last = next.id;
    }
    return rows;
  }

  /**
   * Runs `work`, which may call the methods below and may run twice, in one transaction.
   * @throws as {@link Database.transaction}
   */
  transaction(durable: boolean, work: () => void): void {
    try {
      this.#transaction(durable, work);
    } catch (error) {
      if (!isCloudError(error, "storage-full")) throw error;
      // The log may take up what is missing: brought into the file it can be written anew.
      this.#database.checkpoint();
      this.#transaction(durable, work);
    }
  }

  #transaction(durable: boolean, work: () => void): void {
    const [blocks, bytes] = [this.#blocks, this.#bytes];
    this.#quarantine.begin();
    try {
      this.#database.transaction(durable, () => {
        work();
        const changed = blocks !== this.#blocks || bytes !== this.#bytes;
        // By this number a durable transaction always writes something, or nothing before it would be
        // synced either: SQLite writes no page for a row that is set to what it was.
        const commits = durable ? this.#commits + 1 : this.#commits;
        if (changed || durable) this.#setTotal.run(this.#blocks, this.#bytes, commits);
      });
    } catch (error) {
      [this.#blocks, this.#bytes] = [blocks, bytes];
      throw error;
    }
    if (durable) {
      this.#commits += 1;
      this.#database.noteCommits(this.#commits);
    }
    this.#version += 1;
    this.#quarantine.settle();
  }

  /** Makes everything durable that was committed before. */
  sync(): void {
    if (this.#database.unsynced) this.transaction(true, () => undefined);
  }

  /**
   * Brings everything that was committed before into the database file itself, durably, so that not
   * even a lost log would take it back.
   * @returns whether that was possible; on a full disk it may not be.
   */
  settle(): boolean {
    try {
      this.sync();
    } catch (error) {
      if (isCloudError(error, "storage-full")) return false;
      throw error;
    }
    return this.#database.checkpoint();
  }

  /** Inside a transaction: takes a block in, or repairs it. @returns its row. */
  insert(id: BlockId, place: Place): number {
    const inline = place instanceof Uint8Array;
    this.#database.noteWritten(8 * 1024 + (inline ? place.length : 0));
    const added = this.#insert.run(id, place.length, inline ? place : null);
    if (Number(added.changes) === 1) {
      const row = Number(added.lastInsertRowid);
      if (!inline) this.#setExtent.run(row, place.segment, place.offset, place.length);
      this.#blocks += 1;
      this.#bytes += place.length;
      return row;
    }
    const row = integerOf(this.#find.get(id), "id");
    if (this.#quarantine.has(row)) this.#repair(row, place);
    return row;
  }

  /** How many bytes a block has. */
  lengthOf(row: number): number {
    const found = this.#reading(() => this.#lengthOf.get(row));
    return found === undefined ? 0 : integerOf(found, "length");
  }

  /**
   * Forgets blocks, in one transaction.
   * @returns how many bytes they had.
   * @throws damaged, if a row holds another block than the index of hashes says
   */
  remove(blocks: readonly BlockRow[]): number {
    const before = this.#bytes;
    this.transaction(false, () => {
      for (const { row, id } of blocks) {
        const dropped = this.#dropBlock.get(row, id);
        if (dropped === undefined) throw new CloudError("damaged", disagreement);
        this.#bytes -= integerOf(dropped, "length");
        this.#blocks -= 1;
        this.#dropExtent.run(row);
        this.#quarantine.lift(row);
        this.#database.noteWritten(12 * 1024);
      }
    });
    return before - this.#bytes;
  }

  /** Inside a transaction: says that the bytes of `row`, if still at `from`, are now at `to`. */
  move(row: number, from: Extent, to: Extent): void {
    this.#moveExtent.run(to.segment, to.offset, row, from.segment, from.offset);
  }

  /**
   * Blocks that lie in the database and have `least` bytes or more, after `row` in the order of
   * insertion: until they have `most` bytes.
   * @throws damaged, if they don't rise
   */
  inlineAfter(row: number, least: number, most: number): (BlockRow & { bytes: Uint8Array })[] {
    return this.#reading(() => {
      const found: (BlockRow & { bytes: Uint8Array })[] = [];
      let last = row;
      let total = 0;
      for (const each of this.#inline.iterate(row, least)) {
        const [next, bytes] = [integerOf(each, "id"), bytesOf(each, "bytes")];
        if (next <= last) throw outOfOrder("table of blocks");
        found.push({ row: next, id: asBlockId(bytesOf(each, "hash")), bytes });
        last = next;
        total += bytes.length;
        if (total >= most) break;
      }
      return found;
    });
  }

  /** Inside a transaction: says that blocks, if their bytes are still in the database, are now in a segment. */
  moveOut(blocks: readonly (BlockRow & { readonly to: Extent })[]): void {
    // SQLite joins pages that became empty where rows are removed, not where they become shorter.
    const moved = blocks.filter(({ row, id }) => Number(this.#dropInline.run(row, id).changes) > 0);
    for (const { row, id, to } of moved) {
      this.#insertAt.run(row, id, to.length);
      this.#setExtent.run(row, to.segment, to.offset, to.length);
      this.#database.noteWritten(16 * 1024);
    }
  }

  /** As {@link Quarantine.add}. */
  quarantine(row: number): void {
    this.#quarantine.add(row);
  }

  /** As {@link Quarantine.addUnreadable}. */
  setUnreadable(row: number): void {
    this.#quarantine.addUnreadable(row);
  }

  /** As {@link Quarantine.acquit}. */
  acquit(row: number): void {
    this.#quarantine.acquit(row);
  }

  #repair(row: number, place: Place): void {
    const inline = place instanceof Uint8Array;
    const { changes } = this.#setBytes.run(inline ? place : null, row);
    if (Number(changes) !== 1) throw new CloudError("damaged", disagreement);
    if (inline) this.#dropExtent.run(row);
    else this.#setExtent.run(row, place.segment, place.offset, place.length);
    this.#quarantine.lift(row);
  }

  #slice(statement: StatementSync, after: number | Uint8Array, limit: number): BlockRow[] {
    const rows = this.#reading(() => statement.all(after, limit));
    return rows.map((row) => ({ row: integerOf(row, "id"), id: asBlockId(bytesOf(row, "hash")) }));
  }

  #reading<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw storageError(error, this.#database.folder, "reading the index of blocks");
    }
  }
}
