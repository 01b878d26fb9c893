import { setImmediate as nextTurn } from "node:timers/promises";
import { equalBytes } from "../../core/bytes.ts";
import { showCid } from "../../core/cid.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import type { BlockId } from "../../core/ids.ts";
import type { BlockRow } from "../block-index.ts";
import { type BlockSource, noteRead, readRow } from "../read-block.ts";
import { RowSet } from "../row-set.ts";
import type { Findings } from "./findings.ts";

/** Rows fetched at once. */
const sliceRows = 256;
/** Blocks and bytes hashed in one turn of the event loop: some 1 ms. */
const turnBlocks = 64;
const turnBytes = 1024 * 1024;

/** What came of {@link checkBlocks}. */
export interface CheckedBlocks {
  /** Blocks read and hashed. */
  readonly blocks: number;
  readonly damaged: readonly BlockId[];
}

/**
 * Reads and hashes every block that the table or the index of hashes knows, those in quarantine too:
 * one whose bytes are right after all comes out of it. Both are walked to their end or to their first
 * damage, and compared with each other and with the totals.
 * @throws cancelled
 */
export async function checkBlocks(
  source: BlockSource,
  findings: Findings,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<CheckedBlocks> {
  const { index } = source;
  const damaged: BlockId[] = [];
  const seen = new RowSet();
  const version = index.version;
  let [blocks, bytes] = [0, 0];
  let [blocksLeft, bytesLeft] = [turnBlocks, turnBytes];

  /** Reads a block that wasn't read yet. */
  const check = async ({ row, id }: BlockRow): Promise<void> => {
    if (index.find(id) !== row || !seen.add(row)) return; // collected, or checked before
    const content = await readRow(source, row, id);
    const length = content instanceof Uint8Array ? content.length : 0;
    noteRead(source, row, content);
    if (!(content instanceof Uint8Array)) damaged.push(id);
    blocks += 1;
    bytes += length;
    blocksLeft -= 1;
    bytesLeft -= length;
    if (blocksLeft > 0 && bytesLeft > 0) return;
    onProgress(blocks, index.totals.blocks);
    await nextTurn();
    [blocksLeft, bytesLeft] = [turnBlocks, turnBytes];
  };

  /** Goes through all rows of a table or index. @returns how many; `undefined`: it is damaged. */
  const walk = async (
    slice: (last: BlockRow | undefined) => BlockRow[],
    compare: (row: BlockRow) => void,
  ): Promise<number | undefined> => {
    let rows = 0;
    const isWhole = await findings.unlessDamaged(async () => {
      for (let next = slice(undefined); next.length > 0; next = slice(next.at(-1))) {
        next.forEach(compare);
        rows += next.length;
        for (const row of next) {
          findings.mayGoOn();
          await check(row).catch(unlessCollected);
        }
        await nextTurn();
      }
    });
    return isWhole ? rows : undefined;
  };

  const inTable = await walk(
    (last) => index.sliceByRow(last?.row ?? 0, sliceRows),
    ({ row, id }) => {
      if (index.find(id) === row) return;
      findings.add(`block ${showCid(id)} is stored, but the index of hashes does not know it`);
    },
  );
  const listed = new RowSet();
  const inIndex = await walk(
    (last) => index.sliceByHash(last?.id, sliceRows),
    ({ row, id }) => {
      // One that was read stands in the table; another name for the same row is one too many.
      const isKnown = seen.has(row) && listed.add(row);
      if (isKnown || isSameBlock(index.blockAt(row), id)) return;
      findings.add(`the index of hashes knows block ${showCid(id)}, but it is not stored`);
    },
  );
  onProgress(blocks, index.totals.blocks);

  const agree = (what: string, found: number, wanted: number, unit: string): void => {
    if (found === wanted) return;
    findings.add(
      `the ${what} has ${found.toString()} ${unit}, where ${wanted.toString()} were stored`,
    );
  };
  await findings.unlessDamaged(() => {
    const { totals } = index;
    agree("index of hashes", index.count(), totals.blocks, "blocks");
    // What was walked is not what is there now, if others wrote meanwhile.
    if (index.version === version) {
      agree("table of blocks", inTable ?? totals.blocks, totals.blocks, "blocks");
      agree("index of hashes in its order", inIndex ?? totals.blocks, totals.blocks, "blocks");
      if (damaged.length === 0) agree("table of blocks", bytes, totals.bytes, "bytes");
    }
  });
  return { blocks, damaged };
}

function isSameBlock(found: BlockId | undefined, id: BlockId): boolean {
  return found !== undefined && equalBytes(found, id);
}

/** Passes over a block that was collected while it was read. */
function unlessCollected(error: unknown): void {
  if (!isCloudError(error, "not-found")) throw error;
}
