import assert from "node:assert/strict";
import { asDeviceSeed } from "../../src/node/account/device-keys.ts";
import { encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { asSpaceId } from "../../src/node/core/ids.ts";
import { deriveKey } from "../../src/node/crypto/derive.ts";
import { derivationDomains } from "../../src/node/crypto/domains.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import { ImportCache } from "../../src/node/transfer/import/import-cache.ts";

const deviceSeed = asDeviceSeed(new Uint8Array(32).fill(3));
const key = deriveKey(nodePrimitives, deviceSeed, derivationDomains.localImports);
/** Rows that are asked for before the test gives up. */
const patience = 100_000;

/** A space whose store has just the list of imports, in which one counts so many pieces. */
function spaceThatCounts(pieces: number): { space: OpenSpace; asked: () => number } {
  const name = nodePrimitives.hmacSha256(key, toUtf8("/source\0/")).slice(0, 16);
  const list = encodeCanonical([1, [[name, 0, pieces, null]]]);
  const salt = new Uint8Array(32);
  const rowKey = nodePrimitives.hmacSha256(key, salt);
  const row = nodePrimitives.aesGcmSeal(rowKey, new Uint8Array(12), list, toUtf8("imports"), salt);
  let asked = 0;
  const setting = (asks: string): Uint8Array | undefined => {
    if (asked++ > patience) throw new Error("rows are asked for without end");
    return asks === "imports" ? row : undefined;
  };
  const id = asSpaceId(new Uint8Array(32));
  const parts = { id, primitives: nodePrimitives, device: { deviceSeed }, store: { setting } };
  return { space: parts as unknown as OpenSpace, asked: () => asked };
}

describe("the list of what is remembered of imports", () => {
  it("leads to nothing where its pieces are missing", () => {
    const { space, asked } = spaceThatCounts(3);
    const cache = new ImportCache(space, "/source", "/");
    assert.equal(cache.isThere, true);
    assert.equal(cache.folder(""), undefined);
    assert.equal(asked(), 1 + 3);
  });

  it("has none that counts more pieces than any import makes, which would be looked for without end", () => {
    const { space, asked } = spaceThatCounts(Number.MAX_SAFE_INTEGER);
    const cache = new ImportCache(space, "/source", "/");
    assert.equal(cache.isThere, false);
    assert.equal(cache.folder(""), undefined);
    assert.equal(asked(), 1);
  });
});
