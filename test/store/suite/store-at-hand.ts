import assert from "node:assert/strict";
import { afterEach, beforeEach } from "mocha";
import type { SealedBlock } from "../../../src/node/blocks/ports.ts";
import { equalBytes } from "../../../src/node/core/bytes.ts";
import { showCid } from "../../../src/node/core/cid.ts";
import type { BlockId } from "../../../src/node/core/ids.ts";
import type { Store } from "../../../src/node/store/store.ts";
import { seededBlock } from "../blocks.ts";
import { refuses } from "../checks.ts";

/** A store to be tested, and what a test does to it from outside. */
export interface StoreFixture {
  /** The store as it is open now. */
  store(): Store;
  /** Changes the stored bytes of a block behind the store's back. */
  damage(id: BlockId, change: (bytes: Uint8Array) => Uint8Array): Promise<void>;
  /** Ends the store without a word, as a crash does, and opens it again. */
  reopen(): Promise<void>;
  dispose(): Promise<void>;
}

/** Sizes on both sides of every limit: none, one, inline, the largest inline, segments. */
export const sizes = [0, 1, 1000, 16 * 1024, 16 * 1024 + 1, 300_000];
/** One of each size. */
export const blocks = sizes.map((size, i) => seededBlock(i, size));
export const [empty, , small, , , large] = blocks as [
  SealedBlock,
  SealedBlock,
  SealedBlock,
  SealedBlock,
  SealedBlock,
  SealedBlock,
];

/** Changes one bit. */
export const flip = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === 7 ? byte ^ 4 : byte));

/** Checks that exactly these of the blocks can be read. */
export async function holds(store: Store, present: readonly SealedBlock[]): Promise<void> {
  for (const block of blocks) {
    const expected = present.includes(block);
    assert.equal(store.has(block.id), expected, `has ${block.bytes.length.toString()}`);
    if (expected) assert.ok(equalBytes(await store.get(block.id), block.bytes));
    else await refuses("not-found", () => store.get(block.id), new RegExp(showCid(block.id)));
  }
}

/** The store of a test, made anew for each. */
export interface StoreAtHand {
  /** As it is open now. */
  readonly store: Store;
  /** As {@link StoreFixture.reopen}. */
  reopen(): Promise<void>;
  /** As {@link StoreFixture.damage}; flips a bit, if it isn't said what is to be done. */
  damage(block: SealedBlock, change?: (bytes: Uint8Array) => Uint8Array): Promise<void>;
}

/** Has each test of the suite at hand make a store, and ends it after the test. */
export function eachStore(open: () => Promise<StoreFixture>): StoreAtHand {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await open();
  });
  afterEach(async () => {
    await fixture.dispose();
  });
  return {
    get store() {
      return fixture.store();
    },
    reopen: () => fixture.reopen(),
    damage: (block, change = flip) => fixture.damage(block.id, change),
  };
}
