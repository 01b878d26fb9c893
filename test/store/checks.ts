import assert from "node:assert/strict";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { CloudError, type CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import type { Store } from "../../src/node/store/store.ts";

/** Checks that a promise or a function fails with a code, and what its sentence holds. */
export async function refuses(
  code: CloudErrorCode,
  attempt: () => unknown,
  sentence = /./,
): Promise<void> {
  await assert.rejects(
    async () => {
      await attempt();
    },
    (error: unknown) => {
      assert.ok(error instanceof CloudError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, sentence);
      return true;
    },
  );
}

/** Writes blocks and waits until they are durable. */
export async function putAll(store: Store, ...some: readonly SealedBlock[]): Promise<void> {
  const batch = store.begin();
  for (const block of some) batch.put(block);
  await batch.commit();
}

/** All that an iterable yields. */
export async function listOf<Item>(items: Iterable<Item> | AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
