import assert from "node:assert/strict";
import type { BoundaryKey, ContentKey } from "../../src/node/crypto/derive.ts";
import { BlockBasket } from "../../src/node/transfer/worker/block-basket.ts";
import { sealedSources, sourceColumns } from "../../src/node/transfer/worker/item-columns.ts";
import { sealFiles } from "../../src/node/transfer/worker/seal-files.ts";

const keys = {
  contentKey: new Uint8Array(32).fill(1) as ContentKey,
  boundaryKey: new Uint8Array(32).fill(2) as BoundaryKey,
  compresses: true,
};

describe("a job that seals files", () => {
  it("fails for the one thing that no record can hold, and seals the others", () => {
    const folder = (path: string, mtimeMs: number) =>
      ({
        kind: "folder",
        path,
        size: 0,
        mtimeMs,
        ctimeMs: 0,
        mode: 0o755,
        before: undefined,
      }) as const;
    const items = sourceColumns([folder("/a", 0), folder("/b", Number.NaN), folder("/c", 1e15)]);
    const outcomes = sealedSources(
      sealFiles({ type: "files", keys, items }, new BlockBasket(keys)).items,
    );
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ["put", "failed", "put"],
    );
  });
});
