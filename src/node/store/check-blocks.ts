import { setImmediate as nextTurn } from "node:timers/promises";
import { showCid } from "../core/cid.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { BlockId } from "../core/ids.ts";
import type { BlockRow } from "./block-index.ts";
import { type BlockSource, readRow } from "./read-block.ts";
import { RowSet } from "./row-set.ts";
import type { CheckReport } from "./store.ts";

/** Rows fetched at once. */
const sliceRows = 256;
/** Blocks and bytes hashed in one turn of the event loop: some 1 ms. */
const turnBlocks = 64;
const turnBytes = 1024 * 1024;

/** Options of {@link checkBlocks}. */
export interface CheckOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads and hashes every block, those in quarantine too: one whose bytes are right after all comes
 * out of it.
 * @throws cancelled
 */
export async function checkBlocks(
  source: BlockSource,
  { signal, onProgress }: CheckOptions = {},
): Promise<CheckReport> {
  const { index } = source;
  const damaged: BlockId[] = [];
  const problems: string[] = [];
  const seen = new RowSet();
  let blocks = 0;
  let blocksLeft = turnBlocks;
  let bytesLeft = turnBytes;

  const check = async ({ row, id }: BlockRow): Promise<void> => {
    if (index.find(id) !== row || !seen.add(row)) return; // collected, or checked before
    const bytes = await readRow(source, row, id);
    blocks += 1;
    if (bytes === undefined) {
      index.quarantine(row);
      damaged.push(id);
    } else index.acquit(row);
    blocksLeft -= 1;
    bytesLeft -= bytes?.length ?? 0;
    if (blocksLeft > 0 && bytesLeft > 0) return;
    onProgress?.(blocks, index.totals.blocks);
    await nextTurn();
    blocksLeft = turnBlocks;
    bytesLeft = turnBytes;
  };

  const checkAll = async (sliceAfter: (last: BlockRow | undefined) => BlockRow[]) => {
    for (let rows = sliceAfter(undefined); rows.length > 0; rows = sliceAfter(rows.at(-1))) {
      problems.push(...notInIndex(source, rows));
      for (const row of rows) {
        if (signal?.aborted === true) throw new CloudError("cancelled", "the check was cancelled");
        await check(row).catch(unlessCollected);
      }
    }
  };

  try {
    await checkAll((last) => index.sliceByRow(last?.row ?? 0, sliceRows));
  } catch (error) {
    // A page of the table is damaged. By the index of hashes the rows on the others are found.
    problems.push(sentenceOf(error));
    await checkAll((last) => index.sliceByHash(last?.id, sliceRows)).catch((again: unknown) => {
      problems.push(sentenceOf(again));
    });
  }
  onProgress?.(blocks, index.totals.blocks);
  return { blocks, damaged, problems };
}

function notInIndex({ index }: BlockSource, rows: readonly BlockRow[]): string[] {
  return rows
    .filter(({ row, id }) => index.find(id) !== row)
    .map(({ id }) => `block ${showCid(id)} is stored, but the index of hashes does not know it`);
}

/** Passes over a block that was collected while it was read. */
function unlessCollected(error: unknown): void {
  if (!isCloudError(error, "not-found")) throw error;
}

/** @throws what does not tell of damage. */
function sentenceOf(error: unknown): string {
  if (isCloudError(error, "damaged")) return error.message;
  throw error;
}
