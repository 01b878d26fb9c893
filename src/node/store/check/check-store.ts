import type { Database } from "../database.ts";
import type { BlockSource } from "../read-block.ts";
import { textOf } from "../row-values.ts";
import type { CheckReport } from "../store.ts";
import { checkBlocks } from "./check-blocks.ts";
import { checkExtents } from "./check-extents.ts";
import { Findings } from "./findings.ts";

/** Options of {@link checkStore}. */
export interface CheckOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads and hashes every block, and compares all that the database says in two places.
 * @throws cancelled
 */
export async function checkStore(
  source: BlockSource & { readonly database: Database },
  { signal, onProgress }: CheckOptions = {},
): Promise<CheckReport> {
  const { database } = source;
  const findings = new Findings(database, signal);
  const { blocks, damaged } = await checkBlocks(source, findings, onProgress);
  await checkExtents(database, findings);
  for (const table of smallTables) {
    findings.mayGoOn();
    await findings.unlessDamaged(() => {
      checkTable(database, table, findings);
    });
  }
  return { blocks, damaged, problems: findings.problems };
}

/** Tables that SQLite checks in one turn of the event loop: they have few rows. */
const smallTables = ["head", "setting", "record", "quarantine", "total"];

/** Compares a table with its indexes, and their rows with each other. */
function checkTable(database: Database, table: string, findings: Findings): void {
  for (const row of database.prepare(`PRAGMA integrity_check(${table})`).all()) {
    const found = textOf(row, "integrity_check");
    if (found !== "ok") findings.add(`the table "${table}" is damaged: ${found}`);
  }
}
