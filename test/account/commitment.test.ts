import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import {
  type CommittedPut,
  checkCommitment,
  commitment,
  encodePut,
  type Leaf,
  proveCommitment,
  saltedLeaves,
} from "../../src/node/account/commitment.ts";
import { concatBytes } from "../../src/node/core/bytes.ts";
import { asBlockId, asWriterId } from "../../src/node/core/ids.ts";
import { encodeStamp } from "../../src/node/core/stamp.ts";
import { asEpochKey, epochKeys } from "../../src/node/crypto/derive.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { seeded, shuffled } from "../blocks/random.ts";
import { seededBytes } from "./test-accounts.ts";

const { saltKey } = epochKeys(nodePrimitives, asEpochKey(new Uint8Array(32).fill(8)));
const writer = asWriterId(new Uint8Array(16).fill(1));
const previous = new Uint8Array(32);
const sha = (...parts: Uint8Array[]): Uint8Array => nodePrimitives.sha256(concatBytes(...parts));

function puts(count: number): CommittedPut[] {
  const random = seededBytes(count);
  return Array.from({ length: count }, (_, i) => ({
    stamp: { counter: 1 + (i >> 2), writer },
    record: random(32),
    id: asBlockId(random(32)),
    ...(i % 3 === 0 ? { place: i } : {}),
  }));
}

const leavesOf = (list: readonly CommittedPut[]): Leaf[] =>
  saltedLeaves(nodePrimitives, saltKey, writer, previous, list);

/** RFC 6962 §2.1, as it is written there. */
function treeHash(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (first === undefined) return sha();
  if (hashes.length === 1) return first;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return sha(Uint8Array.of(1), treeHash(hashes.slice(0, k)), treeHash(hashes.slice(k)));
}

describe("the commitment of a head", () => {
  it("is SHA-256 of the one before and the Merkle root of the puts", () => {
    for (const count of [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 100]) {
      const leaves = leavesOf(puts(count));
      const hashes = leaves.map(({ put, salt }) => sha(Uint8Array.of(0), salt, put));
      const expected = sha(previous, treeHash(hashes));
      assert.deepEqual(commitment(nodePrimitives, previous, leaves), expected);
    }
  });

  it("doesn't depend on the order in which puts are told, nor on telling one twice", () => {
    const list = puts(20);
    const again = [...shuffled(seeded(1), list), ...list.slice(0, 3)];
    assert.deepEqual(leavesOf(again), leavesOf(list));
  });

  it("salts each put from the key stream of HMAC(salt key, writer ‖ previous)", () => {
    const leaves = leavesOf(puts(5));
    const key = nodePrimitives.hmacSha256(saltKey, concatBytes(writer, previous));
    // GCM encrypts from the second counter block on (NIST SP 800-38D §7.1).
    const counter = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
    const stream = createCipheriv("aes-256-ctr", key, counter).update(new Uint8Array(80));
    assert.deepEqual(concatBytes(...leaves.map(({ salt }) => salt)), Uint8Array.from(stream));
  });

  it("has other salts for another writer, another head before and another epoch", () => {
    const list = puts(1);
    const [own] = leavesOf(list);
    const other = epochKeys(nodePrimitives, asEpochKey(new Uint8Array(32).fill(9))).saltKey;
    const otherWriter = asWriterId(new Uint8Array(16).fill(2));
    const salts = [
      saltedLeaves(nodePrimitives, saltKey, otherWriter, previous, list),
      saltedLeaves(nodePrimitives, saltKey, writer, new Uint8Array(32).fill(1), list),
      saltedLeaves(nodePrimitives, other, writer, previous, list),
    ].map(([leaf]) => leaf?.salt);
    for (const salt of salts) assert.notDeepEqual(salt, own?.salt);
  });

  it("names stamp, record, block and, in a pack, place", () => {
    const [plain] = puts(1);
    const { stamp, id, record } = plain ?? assert.fail();
    const alone = encodePut({ stamp, id, record });
    assert.deepEqual(alone, concatBytes(encodeStamp(stamp), record, id));
    assert.equal(alone.length, 88);
    const placed = encodePut({ stamp, id, record, place: 0x0102 });
    assert.deepEqual(placed, concatBytes(alone, Uint8Array.of(1, 2)));
  });
});

describe("the proof of one put", () => {
  it("holds for each put of commitments of every size", () => {
    for (let count = 1; count <= 40; count++) {
      const leaves = leavesOf(puts(count));
      const expected = commitment(nodePrimitives, previous, leaves);
      for (let index = 0; index < count; index++) {
        const proof = proveCommitment(nodePrimitives, previous, leaves, index) ?? assert.fail();
        assert.ok(checkCommitment(nodePrimitives, proof, expected));
        assert.ok(proof.path.length <= Math.ceil(Math.log2(count)));
      }
      assert.equal(proveCommitment(nodePrimitives, previous, leaves, count), undefined);
    }
  });

  it("fails for another put, salt, place, count, path, head before or commitment", () => {
    const leaves = leavesOf(puts(9));
    const expected = commitment(nodePrimitives, previous, leaves);
    const proof = proveCommitment(nodePrimitives, previous, leaves, 4) ?? assert.fail();
    const other = leaves[5] ?? assert.fail();
    const bytes = concatBytes(proof.leaf.salt, proof.leaf.put);
    const shifted = { salt: bytes.subarray(0, 14), put: bytes.subarray(14) };
    const wrong = [
      { ...proof, leaf: other },
      { ...proof, leaf: { ...proof.leaf, salt: other.salt } },
      { ...proof, leaf: shifted },
      { ...proof, index: 5 },
      { ...proof, index: -1 },
      { ...proof, index: 9 },
      { ...proof, index: 0.5 },
      { ...proof, count: 5 },
      { ...proof, count: Number.MAX_SAFE_INTEGER },
      { ...proof, path: proof.path.slice(1) },
      { ...proof, path: [...proof.path, new Uint8Array(32)] },
      { ...proof, path: proof.path.toReversed() },
      { ...proof, previous: new Uint8Array(32).fill(1) },
    ];
    for (const each of wrong) assert.equal(checkCommitment(nodePrimitives, each, expected), false);
    assert.equal(checkCommitment(nodePrimitives, proof, new Uint8Array(32)), false);
    assert.ok(checkCommitment(nodePrimitives, proof, expected));
  });
});
