import { open, truncate } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { BlockId } from "../../src/node/core/ids.ts";

/** Opens the database of a store that nobody has open, and closes it. */
export function withDatabase<Result>(
  folder: string,
  work: (database: DatabaseSync) => Result,
): Result {
  const database = new DatabaseSync(join(folder, "store.db"));
  try {
    return work(database);
  } finally {
    database.close();
  }
}

export function segmentPath(folder: string, segment: number): string {
  return join(folder, "segments", `${segment.toString().padStart(8, "0")}.seg`);
}

/** Where a block of a closed store lies; `undefined`: in the database. */
function extentOf(
  folder: string,
  id: BlockId,
): { path: string; offset: number; length: number } | undefined {
  return withDatabase(folder, (database) => {
    const row = database
      .prepare(
        "SELECT segment, offset, extent.length FROM extent JOIN block USING (id) WHERE hash = ?",
      )
      .get(id);
    if (row === undefined) return undefined;
    const [segment, offset, length] = [row["segment"], row["offset"], row["length"]].map(Number);
    return {
      path: segmentPath(folder, segment as number),
      offset: offset as number,
      length: length as number,
    };
  });
}

/**
 * Changes the stored bytes of a block of a closed store: in the database by SQL, in a segment in
 * place. Fewer bytes than before cut the segment if the block is its last, else zeros stand there.
 */
export async function damageBlock(
  folder: string,
  id: BlockId,
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  const extent = extentOf(folder, id);
  if (extent === undefined) {
    withDatabase(folder, (database) => {
      const row = database.prepare("SELECT bytes FROM block WHERE hash = ?").get(id);
      const bytes = change(row?.["bytes"] as Uint8Array);
      database.prepare("UPDATE block SET bytes = ? WHERE hash = ?").run(bytes, id);
    });
    return;
  }
  const file = await open(extent.path, "r+");
  try {
    const bytes = new Uint8Array(extent.length);
    await file.read(bytes, 0, extent.length, extent.offset);
    const changed = change(bytes).subarray(0, extent.length);
    const isLast = (await file.stat()).size === extent.offset + extent.length;
    await file.write(changed, 0, changed.length, extent.offset);
    if (changed.length === extent.length) return;
    if (isLast) await truncate(extent.path, extent.offset + changed.length);
    else {
      const rest = new Uint8Array(extent.length - changed.length);
      await file.write(rest, 0, rest.length, extent.offset + changed.length);
    }
  } finally {
    await file.close();
  }
}
