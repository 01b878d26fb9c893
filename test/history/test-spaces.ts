// Revisions over memory, by hand: who changes what after having seen what.

import { defaultFanoutBits } from "../../src/node/blocks/map-node.ts";
import { createNodeCache } from "../../src/node/blocks/node-cache.ts";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { asWriterId, type WriterId } from "../../src/node/core/ids.ts";
import { joinTips } from "../../src/node/history/join.ts";
import { type Received, type Receiver, receive } from "../../src/node/history/receive.ts";
import { purgeEntries } from "../../src/node/history/retention.ts";
import {
  type RevisionDraft,
  type RevisionSealer,
  revise,
  type Tip,
} from "../../src/node/history/tip.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import { decodeEntry, type Entry } from "../../src/node/tree/entry.ts";
import { find, resolveTarget } from "../../src/node/tree/lookup.ts";
import { put } from "../../src/node/tree/put.ts";
import { remove } from "../../src/node/tree/remove.ts";
import { viewState } from "../../src/node/tree/state-view.ts";
import { seeded } from "../blocks/random.ts";
import { createTestMaps, itemsOf, MemoryBlocks, testKey } from "../blocks/test-maps.ts";
import { bytesFrom, fakeLink } from "../tree/test-trees.ts";

/** What revisions are written with, and where to. */
export interface TestSpace {
  readonly sealer: RevisionSealer;
  readonly blocks: MemoryBlocks;
}

/** An empty space of fixed keys and randomness. */
export function createTestSpace(fanoutBits = defaultFanoutBits, seed = 1): TestSpace {
  const blocks = new MemoryBlocks();
  return {
    blocks,
    sealer: {
      ...createTestMaps({ fanoutBits, blocks }),
      cache: createNodeCache(2 ** 28),
      epoch: testKey("an epoch"),
      random: bytesFrom(seeded(seed)),
    },
  };
}

/** The writer that a letter stands for; in the order of the letters. */
export function writerOf(letter: string): WriterId {
  return asWriterId(new Uint8Array(16).fill(letter.charCodeAt(0)));
}

/** One change of a writer; its time is its counter in seconds. */
export function changeAs(
  space: TestSpace,
  base: Tip | undefined,
  letter: string,
  body: (edit: Edit, draft: RevisionDraft) => Promise<unknown>,
): Promise<Tip> {
  const counter = Math.max(0, ...(base?.state.vv.values() ?? []));
  const as = { writer: writerOf(letter), time: 1000 * (counter + 1) };
  return revise(space.sealer, space.blocks, base, as, async (draft, edit) => {
    await body(edit, draft);
  });
}

/** Joins where a plain join may; what comes of it has seen both. */
export async function joined(space: TestSpace, own: Tip, other: Tip): Promise<Tip> {
  const result = await joinTips(space.sealer, space.blocks, own, other);
  switch (result.outcome) {
    case "ahead":
      return own;
    case "behind":
    case "merged":
      return result.tip;
    case "differs":
      throw new Error("equal vectors, different states");
    case "must-rebase":
      throw new Error(`${result.who} must rebase`);
  }
}

/**
 * Receives as a store of a writer does. Blocks that are put are there to be read only after a step,
 * as in a store's batch.
 */
export async function receiveAs(
  { sealer, blocks }: TestSpace,
  own: Tip | undefined,
  other: Tip,
  letter: string,
  time = 1_000_000,
  former: readonly WriterId[] = [],
  heads: Pick<Receiver, "hasForeignHead"> = {},
): Promise<Received> {
  const staged: SealedBlock[] = [];
  const step = (): Promise<void> => {
    for (const block of staged.splice(0)) blocks.put(block);
    return Promise.resolve();
  };
  const received = await receive(sealer, { put: (block) => staged.push(block) }, own, other, {
    writer: writerOf(letter),
    former,
    ...heads,
    time,
    newWriter: () => writerOf("z"),
    step,
  });
  await step();
  return received;
}

/** Puts a file whose content a word stands for. */
export async function putFile(edit: Edit, path: string, word = path): Promise<Entry> {
  const target = await resolveTarget(edit.draft, path);
  return put(edit, target, { kind: "file", link: fakeLink(word) });
}

export async function putFolder(edit: Edit, path: string): Promise<Entry> {
  return put(edit, await resolveTarget(edit.draft, path), { kind: "folder" });
}

export async function removeAt(edit: Edit, path: string): Promise<void> {
  const { entry } = await resolveTarget(edit.draft, path);
  if (entry === undefined) throw new Error(`nothing at ${path}`);
  await remove(edit, entry, true);
}

/** What a tip shows at a path. */
export async function entryAt(
  space: TestSpace,
  tip: Tip,
  path: string,
): Promise<Entry | undefined> {
  return (await find(viewState(space.sealer, tip.state), path))?.entry;
}

/** Purges all that is removed. */
export async function purgeRemoved(space: TestSpace, tip: Tip, letter: string): Promise<Tip> {
  const removed = await itemsOf(space.sealer, tip.state.removed);
  const entries = removed.map(([key, value]) => decodeEntry(key, value));
  return changeAs(space, tip, letter, (_, draft) => purgeEntries(draft, entries));
}
