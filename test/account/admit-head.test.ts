import assert from "node:assert/strict";
import { admitHead, type ChainedHead } from "../../src/node/account/admit-head.ts";
import type { Cut } from "../../src/node/account/cuts.ts";
import type { Roster } from "../../src/node/account/roster.ts";
import { toBinaryString } from "../../src/node/core/bytes.ts";
import { asSpaceId, asWriterId } from "../../src/node/core/ids.ts";
import { asSignature } from "../../src/node/crypto/sign.ts";
import { testPseudonym, testRoster } from "./test-accounts.ts";

const roster = testRoster(1);
const device = testPseudonym(2).publicKey;
const writer = asWriterId(new Uint8Array(16).fill(1));
const certificate = { writer, device, signature: asSignature(new Uint8Array(64)) };
const { space } = roster;

/** The roster after a device was taken out by those who say these cuts of it. */
function cutBy(...lists: readonly (readonly Cut[])[]): Roster {
  const said = lists.map((cuts) => ({ key: device, cuts }));
  const revoked = new Map([[toBinaryString(device), { said, confirmed: false }]]);
  return { ...roster, standing: { ...roster.standing, revoked } };
}

const cutAt = ({ seq, hash }: ChainedHead): Cut => ({ writer, seq, head: hash });

/** Every history of four heads of one writer, forks among them: which head comes before each. */
function* histories(): Generator<ChainedHead[]> {
  function* grow(heads: readonly ChainedHead[]): Generator<ChainedHead[]> {
    if (heads.length === 4) {
      yield [...heads];
      return;
    }
    for (const before of [undefined, ...heads]) {
      for (const step of [1, 2]) {
        const hash = new Uint8Array(32).fill(1 + heads.length);
        const prev = before?.hash ?? new Uint8Array(32);
        yield* grow([...heads, { space, certificate, seq: (before?.seq ?? 0) + step, hash, prev }]);
      }
    }
  }
  yield* grow([]);
}

/** A head and all that it stands on, by walking the list once. */
function reached(heads: readonly ChainedHead[], from: ChainedHead): Set<ChainedHead> {
  const found = new Set([from]);
  for (const head of [...heads].reverse()) {
    if ([...found].some(({ prev }) => toBinaryString(prev) === toBinaryString(head.hash))) {
      found.add(head);
    }
  }
  return found;
}

const recordsOf = (heads: readonly ChainedHead[]) => {
  const byHash = new Map(heads.map((head) => [toBinaryString(head.hash), head]));
  return (hash: Uint8Array) => byHash.get(toBinaryString(hash));
};

describe("a head of a writer that was cut", () => {
  it("counts just if every cut is it or reaches it, in every history of four heads", () => {
    let asked = 0;
    for (const heads of histories()) {
      const records = recordsOf(heads);
      for (const one of heads) {
        for (const other of heads) {
          const cut = cutBy([cutAt(one)], [cutAt(other)]);
          const both = [reached(heads, one), reached(heads, other)];
          for (const head of heads) {
            const counts = both.every((each) => each.has(head));
            asked++;
            assert.equal(admitHead(head, cut, records).kind, counts ? "counts" : "cut");
          }
        }
      }
    }
    assert.equal(asked, 2 * 4 * 6 * 8 * 64);
  });

  it("is held where a record lacks that would tell, and then never counts wrongly", () => {
    for (const heads of histories()) {
      for (const one of heads) {
        for (const missing of heads) {
          const known = recordsOf(heads.filter((each) => each !== missing));
          for (const head of heads) {
            const standing = admitHead(head, cutBy([cutAt(one)]), known);
            const full = admitHead(head, cutBy([cutAt(one)]), recordsOf(heads));
            if (standing.kind === "held") assert.deepEqual(standing.lacks, missing.hash);
            else assert.deepEqual(standing, full);
          }
        }
      }
    }
  });

  it("does not count if the cut does not name its writer, or names another seq for its hash", () => {
    const [head] = [...histories()][0] ?? assert.fail();
    const one = head ?? assert.fail();
    const none = recordsOf([one]);
    assert.equal(admitHead(one, cutBy([]), none).kind, "cut");
    assert.equal(admitHead(one, cutBy([{ ...cutAt(one), seq: 9 }]), none).kind, "cut");
    const foreign = { ...cutAt(one), writer: asWriterId(new Uint8Array(16).fill(2)) };
    assert.equal(admitHead(one, cutBy([foreign]), none).kind, "cut");
  });

  it("does not count though its own device says so after another took it out", () => {
    const [first, second] = [...histories()].find(
      ([a, b]) => b !== undefined && a !== undefined && b.prev === a.hash,
    ) ?? [assert.fail(), assert.fail()];
    const heads = [first ?? assert.fail(), second ?? assert.fail()];
    const cut = cutBy([cutAt(heads[0] ?? assert.fail())], [cutAt(heads[1] ?? assert.fail())]);
    assert.equal(admitHead(heads[1] ?? assert.fail(), cut, recordsOf(heads)).kind, "cut");
  });

  it("is refused if records lead round in a ring, or to a head of another writer", () => {
    const hash = (n: number) => new Uint8Array(32).fill(n);
    const ring = [
      { space, certificate, seq: 3, hash: hash(3), prev: hash(2) },
      { space, certificate, seq: 3, hash: hash(2), prev: hash(3) },
    ];
    const low = { space, certificate, seq: 1, hash: hash(1), prev: hash(0) };
    const at = cutBy([{ writer, seq: 3, head: hash(3) }]);
    assert.equal(admitHead(low, at, recordsOf(ring)).kind, "cut");
    const other = { ...certificate, writer: asWriterId(new Uint8Array(16).fill(7)) };
    const foreign = [
      { space, certificate, seq: 3, hash: hash(3), prev: hash(2) },
      { space, certificate: other, seq: 2, hash: hash(2), prev: hash(1) },
    ];
    assert.equal(admitHead(low, at, recordsOf(foreign)).kind, "cut");
  });
});

describe("a head of a device that was not cut", () => {
  const [head] = [...histories()][0] ?? assert.fail();
  const one = head ?? assert.fail();

  it("counts if the device may write, and is held while it is not known", () => {
    const present = { ...certificate, device: testPseudonym(1).publicKey };
    assert.equal(admitHead({ ...one, certificate: present }, roster, recordsOf([])).kind, "counts");
    assert.deepEqual(admitHead(one, roster, recordsOf([])), { kind: "held" });
  });

  it("is refused if it is of another space", () => {
    const foreign = { ...one, space: asSpaceId(new Uint8Array(32)) };
    assert.throws(() => admitHead(foreign, roster, recordsOf([])), /another space/u);
  });
});
