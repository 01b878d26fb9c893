import assert from "node:assert/strict";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Collection, Store, StoreBatch } from "../../src/node/store/store.ts";
import { memoryStore } from "../support/memory-store.ts";
import { inTemporaryFolder, seededBlock, seededRandom } from "./blocks.ts";

const long = process.env["IPCLOUD_LONG"] === "1";
const histories = long ? 2000 : 60;
const steps = 60;
const blocks = Array.from({ length: 24 }, (_, i) =>
  seededBlock(i, i % 3 === 0 ? 3000 + i : 200 + i),
);
const options = { inlineBytes: 1000, segmentBytes: 12_000 };

/** What must be there; of a block in neither set nothing is said. */
interface Expected {
  readonly present: Set<SealedBlock>;
  readonly absent: Set<SealedBlock>;
}

interface OpenBatch {
  readonly batch: StoreBatch;
  readonly put: Set<SealedBlock>;
}

interface Run {
  readonly collection: Collection;
  readonly marked: Set<SealedBlock>;
  readonly kept: Set<SealedBlock>;
}

/** Random batches and collections side by side, and what they must come to. */
class History {
  readonly #store: Store;
  readonly #random: () => number;
  readonly #expected: Expected;
  readonly #batches: OpenBatch[] = [];
  #run: Run | undefined;

  constructor(store: Store, random: () => number, expected: Expected) {
    this.#store = store;
    this.#random = random;
    this.#expected = expected;
  }

  async step(): Promise<void> {
    const dice = Math.floor(this.#random() * 12);
    if (dice <= 3) this.#put();
    else if (dice === 4) await this.#batches[0]?.batch.flush();
    else if (dice <= 7) await this.#commit();
    else if (dice === 8) this.#abandon();
    else if (dice === 9) this.#mark();
    else if (dice === 10) await this.#sweep();
    else await this.check();
  }

  /** Reads every block of which something is said. */
  async check(): Promise<void> {
    for (const { id, bytes } of this.#expected.present) {
      assert.ok(this.#store.has(id));
      assert.ok(equalBytes(await this.#store.get(id), bytes));
    }
    for (const { id } of this.#expected.absent) {
      assert.equal(this.#store.has(id), false);
      await assert.rejects(this.#store.get(id), (error) => isCloudError(error, "not-found"));
    }
  }

  /** Ends what is open, as closing the store does. */
  end(): void {
    for (const { batch } of this.#batches.splice(0)) batch.abandon();
    this.#run?.collection.abandon();
  }

  #put(): void {
    if (this.#batches.length < 3)
      this.#batches.push({ batch: this.#store.begin(), put: new Set() });
    const { batch, put } = this.#some(this.#batches);
    for (let i = this.#random() * 6; i > 0; i--) {
      const block = this.#some(blocks);
      batch.put(block);
      put.add(block);
      this.#expected.absent.delete(block);
    }
  }

  async #commit(): Promise<void> {
    const [open] = this.#batches.splice(0, 1);
    if (open === undefined) return;
    const other = this.#random() < 0.3 ? this.#batches.pop() : undefined;
    if (other !== undefined) {
      if (this.#random() < 0.5) void other.batch.flush();
      await open.batch.absorb(other.batch);
      for (const block of other.put) open.put.add(block);
    }
    const commit = open.batch.commit();
    if (this.#batches.length > 0 && this.#random() < 0.5) await this.#batches[0]?.batch.flush();
    await commit;
    for (const block of open.put) {
      this.#expected.present.add(block);
      this.#run?.kept.add(block);
    }
  }

  #abandon(): void {
    this.#batches.pop()?.batch.abandon();
  }

  #mark(): void {
    const run: Run = this.#run ?? {
      collection: this.#store.collect(),
      marked: new Set(),
      kept: new Set(),
    };
    this.#run = run;
    const { collection, marked } = run;
    for (const block of this.#expected.present) {
      if (this.#random() < 0.3) continue;
      assert.equal(collection.mark(block.id), !marked.has(block));
      marked.add(block);
    }
  }

  async #sweep(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    const open = new Set(this.#batches.flatMap(({ put }) => [...put]));
    const doomed = blocks.filter(
      (block) => !run.marked.has(block) && !run.kept.has(block) && !open.has(block),
    );
    for (const block of doomed) this.#expected.present.delete(block);
    const meanwhile = this.#random() < 0.5 ? this.#commit() : this.check();
    await Promise.all([run.collection.sweep(), meanwhile]);
    this.#run = undefined;
    for (const block of doomed) this.#expected.absent.add(block);
  }

  #some<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }
}

async function runHistory(seed: number, store: Store, expected: Expected): Promise<void> {
  const history = new History(store, seededRandom(seed), expected);
  try {
    for (let i = 0; i < steps; i++) await history.step();
    await history.check();
    const report = await store.check();
    assert.deepEqual([report.damaged, report.problems], [[], []]);
  } catch (error) {
    throw new Error(`seed ${seed.toString()}`, { cause: error });
  } finally {
    history.end();
  }
}

describe("random batches and collections side by side", function () {
  this.timeout(long ? 600_000 : 60_000);

  it("lose nothing that was committed and kept in memory", async () => {
    for (let seed = 0; seed < histories; seed++) {
      await runHistory(seed, memoryStore(), { present: new Set(), absent: new Set(blocks) });
    }
  });

  it("lose nothing that was committed and kept on disk, also over restarts", async () => {
    for (let seed = 0; seed < histories; seed += 3) {
      await inTemporaryFolder(async (folder) => {
        const expected = { present: new Set<SealedBlock>(), absent: new Set(blocks) };
        for (const restart of [0, 1, 2]) {
          const store = await openStore(folder, options);
          await runHistory(seed + restart, store, expected);
          await store.close();
        }
      });
    }
  });
});
