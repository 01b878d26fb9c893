import { setImmediate as nextTurn } from "node:timers/promises";
import { rangeOfMap } from "../blocks/sealed-map.ts";
import { equalBytes, toBinaryString, toHex } from "../core/bytes.ts";
import { showCid } from "../core/cid.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { BlockId } from "../core/ids.ts";
import type { Tip } from "../history/tip.ts";
import { type Visitor, walkRetained } from "../history/walk.ts";
import { type DigestMap, DigestSum, itemDigest } from "../tree/state.ts";
import type { OpenSpace } from "./space.ts";
import type { Progress, VerifyReport } from "./types.ts";

/** What long work is given. */
export interface WorkCall {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** Blocks between two looks at the signal and a turn for others. */
const blocksPerTurn = 64;

function stepper(
  { signal, progress }: WorkCall,
  phase: string,
  total: number,
): () => Promise<void> {
  let done = 0;
  return async () => {
    done++;
    if (done % blocksPerTurn !== 0) return;
    if (signal.aborted) throw new CloudError("cancelled", `the ${phase} was cancelled`);
    progress({ phase, done, total, unit: "blocks" });
    await nextTurn();
  };
}

/**
 * Reads and opens everything that a tip retains, checks the digest of its tree, and hashes every
 * other block of the store too.
 */
export async function verify(
  space: OpenSpace,
  tip: Tip | undefined,
  call: WorkCall,
): Promise<VerifyReport> {
  const { store } = space;
  const seen = new Set<string>();
  const damaged = new Map<string, { id: BlockId; paths: Set<string> }>();
  const note = (id: BlockId, concerns?: string): void => {
    const name = toBinaryString(id);
    const found = damaged.get(name) ?? { id, paths: new Set<string>() };
    if (concerns !== undefined) found.paths.add(concerns);
    damaged.set(name, found);
  };
  const visitor: Visitor = {
    enter: (id) => {
      const name = toBinaryString(id);
      if (seen.has(name)) return false;
      seen.add(name);
      return true;
    },
    damaged: (id, _error, concerns) => {
      note(id, concerns);
    },
    step: stepper(call, "checking", store.usage().blocks),
  };
  const problems: string[] = [];
  if (tip !== undefined) {
    await walkRetained(space.writer, tip, visitor, { content: true });
    if (damaged.size === 0) problems.push(...(await checkDigest(space, tip)));
  }
  const rest = await store.check({
    signal: call.signal,
    onProgress: (done, total) => {
      call.progress({ phase: "hashing", done, total, unit: "blocks" });
    },
  });
  for (const id of rest.damaged) if (!damaged.has(toBinaryString(id))) note(id);
  return {
    ok: damaged.size === 0 && problems.length === 0,
    blocks: rest.blocks,
    damaged: [...damaged.values()].map(({ id, paths }) => ({
      cid: showCid(id),
      paths: [...paths].sort(),
    })),
    problems,
  };
}

async function checkDigest({ writer }: OpenSpace, tip: Tip): Promise<string[]> {
  const sum = new DigestSum(new Uint8Array(32));
  for (const map of ["tree", "removed"] satisfies DigestMap[]) {
    for await (const [key, value] of rangeOfMap(writer, tip.state[map], new Uint8Array(0))) {
      sum.add(itemDigest(writer.primitives, map, key, value));
    }
  }
  if (equalBytes(sum.value(), tip.state.digest)) return [];
  return [`the digest of the tree is not that of its entries (${toHex(tip.link.id)})`];
}

/**
 * Frees the blocks that nothing retained needs. Blocks put meanwhile are safe: the collection
 * begins before the tip is read.
 * @param tipNow - reads the tip once the collection has begun.
 * @throws damaged, if anything retained can't be read: what hangs below it can't be told from
 * garbage; storage-busy, if a collection is under way
 */
export async function collect(
  space: OpenSpace,
  tipNow: () => Tip | undefined,
  call: WorkCall,
): Promise<{ freedBlocks: number; freedBytes: number }> {
  const { store } = space;
  const collection = store.collect();
  try {
    const tip = tipNow();
    if (tip !== undefined) {
      const visitor: Visitor = {
        enter: (id) => collection.mark(id),
        damaged: (id) => {
          throw new CloudError(
            "damaged",
            `the block ${showCid(id)} can't be read, so what hangs on it can't be told from garbage: nothing was freed; "ipcloud verify" tells which files it concerns`,
          );
        },
        step: stepper(call, "marking", store.usage().blocks),
      };
      await walkRetained(space.writer, tip, visitor, { content: false });
    }
    return await collection.sweep(call.signal);
  } catch (error) {
    collection.abandon();
    throw error;
  }
}
