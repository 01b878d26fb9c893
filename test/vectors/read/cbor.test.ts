import assert from "node:assert/strict";
import type { CloudErrorCode } from "../../../src/node/core/cloud-error.ts";
import { decodeCanonical, encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { refuses } from "../../blocks/refuses.ts";
import { makeCbor, showCbor } from "../make/blocks/cbor.make.ts";
import { type BytesSpec, bytesOf } from "../make/common.make.ts";
import { readVectors, type VectorValue } from "../vector-file.ts";

describe("vectors of the encoding", () => {
  const file = readVectors("cbor") as {
    readonly accepted: readonly { name: string; bytes: BytesSpec; value?: VectorValue }[];
    readonly refused: readonly { name: string; bytes: BytesSpec; code: CloudErrorCode }[];
  };

  it("are what is written today", () => {
    assert.deepEqual(file, makeCbor());
  });

  for (const { name, bytes, value } of file.accepted) {
    it(`are read: ${name}`, () => {
      const read = decodeCanonical(bytesOf(bytes), name);
      if (value !== undefined) assert.deepEqual(showCbor(read), value);
      assert.deepEqual(encodeCanonical(read), bytesOf(bytes));
    });
  }

  for (const { name, bytes, code } of file.refused) {
    it(`are refused: ${name}`, () => refuses(() => decodeCanonical(bytesOf(bytes), name), code));
  }
});
