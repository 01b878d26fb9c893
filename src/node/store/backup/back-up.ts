import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { concatBytes, toHex } from "../../core/bytes.ts";
import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import type { BlockId } from "../../core/ids.ts";
import { diskError } from "../../platform/disk-error.ts";
import { systemErrorCode } from "../../platform/system-error.ts";
import { keystorePath } from "../keystore.ts";
import type { LocalStore } from "../local-store.ts";
import type { CopiedBlock, FinishedBackup } from "./backup-calls.ts";
import { BackupLink } from "./backup-link.ts";

/** What a backup did. */
export interface BackupReport {
  /** Blocks that the data folder has. */
  readonly blocks: number;
  /** Of them, those that were not in the backup yet. */
  readonly copiedBlocks: number;
  readonly copiedBytes: number;
  /** What the data folder doesn't have any more and the backup has let go of. */
  readonly freedBytes: number;
  /** Blocks of the data folder that are damaged there and not in the backup either. */
  readonly damaged: number;
  /** With a check of all that was there before: blocks that had gone bad, and were copied anew. */
  readonly mended?: number;
}

/** What a backup is asked for, and tells on its way. */
export interface BackupCall {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  /** Whether to read all that an earlier backup left. */
  readonly check: boolean;
}

/** Ids that are asked about at once. */
const sliceIds = 1024;
/** Bytes of blocks that are handed over and made durable at once. */
const batchBytes = 16 * 1024 * 1024;

/**
 * Copies a data folder while work goes on in it: its keystore, heads and settings as they are at this
 * moment, and every block. A second backup into the same folder copies only what is new. What is
 * written is read back. All of it is sealed as it lies, so nothing has to be unlocked.
 * @param home - the data folder.
 * @param dest - absolute: a folder that is empty, not there, or holds an earlier backup of the drive.
 * @throws usage; no-account; not-empty, conflict, not-a-folder, for another folder; storage-busy,
 * beside a collection of garbage; cancelled; damaged, newer; storage and its kin. The last whole
 * backup in the folder is still there then.
 */
export async function backUp(
  store: LocalStore,
  home: string,
  dest: string,
  call: BackupCall,
): Promise<BackupReport> {
  if (!isAbsolute(dest)) {
    throw new CloudError("usage", `expected an absolute path, got ${JSON.stringify(dest)}`);
  }
  // What is lost here may still be in the backup of before.
  if (store.refusal !== undefined) throw store.refusal;
  // Nothing that the heads of this moment lead to goes while it is being copied.
  const letGo = store.holdBlocks();
  const link = new BackupLink(dest);
  const cancel = (): void => {
    link.cancel();
  };
  call.signal.addEventListener("abort", cancel, { once: true });
  if (call.signal.aborted) cancel();
  try {
    return await copy(store, { home, dest }, link, call);
  } finally {
    call.signal.removeEventListener("abort", cancel);
    letGo();
    await link.close();
  }
}

async function copy(
  store: LocalStore,
  { home, dest }: { readonly home: string; readonly dest: string },
  link: BackupLink,
  { onProgress, check }: BackupCall,
): Promise<BackupReport> {
  // In one turn: what is acknowledged from now on belongs to the next backup.
  const state = stateOf(store, home);
  const { blocks } = store.usage();
  const spaces = [...new Set(state.rows.heads.map(({ space }) => toHex(space)))];
  await link.call("open", { folder: dest, home, spaces });
  const mended = check ? (await link.call("check", undefined)).damaged : undefined;
  const copied = { copiedBlocks: 0, copiedBytes: 0, damaged: 0 };
  let done = 0;
  for (const ids of slices(store.ids(), blocks)) {
    const missing = await link.call("missing", concatBytes(...ids));
    for await (const batch of batches(
      store,
      missing.map((i) => ids[i] as BlockId),
    )) {
      copied.damaged += batch.damaged;
      if (batch.blocks.length > 0) await link.call("put", batch.blocks);
      copied.copiedBlocks += batch.blocks.length;
      copied.copiedBytes += batch.bytes;
    }
    done += ids.length;
    onProgress(done, blocks);
  }
  await link.call("finish", state);
  const { freedBytes } = await link.call("sweep", undefined);
  return { blocks, ...copied, freedBytes, ...(mended === undefined ? {} : { mended }) };
}

/** All that is no block, as it is now. @throws no-account; storage */
function stateOf(store: LocalStore, home: string): FinishedBackup {
  const rows = store.rows();
  try {
    return { rows, keystore: new Uint8Array(readFileSync(keystorePath(home))) };
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") {
      throw diskError(`can't read the keystore in ${home}`, error);
    }
    if (rows.heads.length === 0) {
      throw new CloudError(
        "no-account",
        `there is no account in ${home} yet: "ipcloud init" makes one`,
      );
    }
    throw new CloudError(
      "damaged",
      `the keystore in ${home} is missing, and a backup without it opens by the 24 words alone: see ipcloud status`,
    );
  }
}

/** The first `count` ids, in slices: rows come in the order in which they were made. */
function* slices(ids: Iterable<BlockId>, count: number): Generator<BlockId[]> {
  let slice: BlockId[] = [];
  let left = count;
  for (const id of ids) {
    if (left-- <= 0) break;
    slice.push(id);
    if (slice.length < sliceIds) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

interface Batch {
  readonly blocks: readonly CopiedBlock[];
  readonly bytes: number;
  readonly damaged: number;
}

/** Blocks of the store, checked against their ids. One that is damaged is counted and left out. */
async function* batches(store: LocalStore, ids: readonly BlockId[]): AsyncGenerator<Batch> {
  let blocks: CopiedBlock[] = [];
  let bytes = 0;
  let damaged = 0;
  for (const id of ids) {
    try {
      const block = await store.get(id);
      blocks.push({ id, bytes: block });
      bytes += block.length;
    } catch (error) {
      if (!isCloudError(error, "damaged", "not-found")) throw error;
      damaged++;
    }
    if (bytes < batchBytes) continue;
    yield { blocks, bytes, damaged };
    [blocks, bytes, damaged] = [[], 0, 0];
  }
  yield { blocks, bytes, damaged };
}
