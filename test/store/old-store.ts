import { readFile } from "node:fs/promises";
import { withDatabase } from "./damage.ts";

/** Makes a store of schema 1 in a folder, of the SQL beside this file. */
export async function makeOldStore(folder: string): Promise<void> {
  const sql = await readFile(new URL("schema-1.sql", import.meta.url), "utf8");
  withDatabase(folder, (database) => {
    database.exec(sql);
  });
}
