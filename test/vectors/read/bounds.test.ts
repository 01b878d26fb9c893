import assert from "node:assert/strict";
import { openKeystore } from "../../../src/node/account/keystore.ts";
import { toHex } from "../../../src/node/core/bytes.ts";
import { argon2id } from "../../../src/node/platform/argon2.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { refuses } from "../../blocks/refuses.ts";
import { largeKeystore } from "../make/bounds.make.ts";
import { type LargeEpoch, largeEpoch, refusalOf } from "../make/heads/large-epochs.make.ts";
import {
  hashOfAll,
  type LargeCheckpoint,
  type LongRoster,
  largeCheckpoint,
  longRoster,
  verdictOn,
} from "../make/lists/large-rosters.make.ts";
import { readVectors } from "../vector-file.ts";

interface Made {
  readonly name: string;
  readonly hash: string;
}

describe("the vectors of what is as large as it may be", function () {
  this.timeout(120_000);
  const vectors = readVectors("bounds") as {
    checkpoints: (Made & LargeCheckpoint & { length: number; verdict: unknown })[];
    rosters: (Made & LongRoster & { verdict: unknown })[];
    epochs: (Made & LargeEpoch & { length: number; code: string | null })[];
    keystores: { length: number; hash: string; code: "damaged" | "newer" }[];
  };
  const hashOf = (bytes: Uint8Array): string => toHex(primitives.sha256(bytes));

  it("are checkpoints", () => {
    for (const { name, length, hash, verdict, ...spec } of vectors.checkpoints) {
      const bytes = largeCheckpoint(spec);
      assert.deepEqual([bytes.length, hashOf(bytes)], [length, hash], name);
      assert.deepEqual(verdictOn([bytes]), verdict, name);
    }
  });

  it("are rosters of many statements", () => {
    for (const { name, hash, verdict, ...spec } of vectors.rosters) {
      const statements = longRoster(spec);
      assert.equal(hashOfAll(statements), hash, name);
      assert.deepEqual(verdictOn(statements.map(({ bytes }) => bytes)), verdict, name);
    }
  });

  it("are epochs", () => {
    for (const { name, length, hash, code, ...spec } of vectors.epochs) {
      const bytes = largeEpoch(spec);
      assert.deepEqual([bytes.length, hashOf(bytes)], [length, hash], name);
      assert.equal(refusalOf(bytes), code, name);
    }
  });

  it("are keystores, of which the one that is not too large needs a newer version", async () => {
    const secret = { kind: "editor", key: new Uint8Array(32) } as const;
    for (const { length, hash, code } of vectors.keystores) {
      const file = largeKeystore(length);
      assert.deepEqual([file.length, hashOf(file)], [length, hash]);
      await refuses(() => openKeystore({ primitives, argon2id }, file, secret), code);
    }
  });
});
