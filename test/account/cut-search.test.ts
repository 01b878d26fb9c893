import assert from "node:assert/strict";
import { admitHead, type ChainedHead } from "../../src/node/account/admit-head.ts";
import type { Cut } from "../../src/node/account/lists/cuts.ts";
import type { Roster } from "../../src/node/account/lists/roster.ts";
import { toBinaryString } from "../../src/node/core/bytes.ts";
import { IdMap } from "../../src/node/core/id-map.ts";
import { asWriterId } from "../../src/node/core/ids.ts";
import { asSignature } from "../../src/node/crypto/sign.ts";
import { type Flaw, withFlaw } from "./search/flaws.ts";
import { testPseudonym, testRoster } from "./test-accounts.ts";

const roster = testRoster(1);
const device = testPseudonym(2).publicKey;
const writer = asWriterId(new Uint8Array(16).fill(1));
const certificate = { writer, device, signature: asSignature(new Uint8Array(64)) };
const { space } = roster;

/** The roster after a device was taken out by those who say these cuts of it. */
function cutBy(...lists: readonly (readonly Cut[])[]): Roster {
  const said = lists.map((cuts) => ({ key: device, cuts }));
  const revoked = new IdMap([[device, { said, confirmed: false }]]);
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

/** Asks of every head of every history with two cuts; how many answers are wrong. */
function lookAtCuts(admit: typeof admitHead): { asked: number; wrong: number } {
  let [asked, wrong] = [0, 0];
  for (const heads of histories()) {
    const records = recordsOf(heads);
    for (const one of heads) {
      for (const other of heads) {
        const cut = cutBy([cutAt(one)], [cutAt(other)]);
        const both = [reached(heads, one), reached(heads, other)];
        for (const head of heads) {
          const counts = both.every((each) => each.has(head));
          asked++;
          if (admit(head, cut, records).kind !== (counts ? "counts" : "cut")) wrong++;
        }
      }
    }
  }
  return { asked, wrong };
}

/** The rule as it was, and without its lines. */
const cutFlaws: readonly Flaw[] = [
  {
    name: "every head below the cut counts",
    piece: 'if (head.seq >= cut.seq) return { kind: "cut" };',
    instead: 'return { kind: head.seq >= cut.seq ? "cut" : "counts" };',
  },
  {
    name: "of several cuts one is enough that lets a head stand",
    piece: 'if (standing.kind === "cut") return standing;',
    instead: 'if (standing.kind === "counts") return standing; held = standing;',
  },
  {
    name: "the cut alone counts",
    piece: 'if (equalBytes(at.prev, head.hash)) return { kind: "counts" };',
    instead: "",
  },
];

describe("every history of four heads of a writer that was cut", () => {
  it("has a head count just if every cut is it or reaches it", () => {
    assert.deepEqual(lookAtCuts(admitHead), { asked: 2 * 4 * 6 * 8 * 64, wrong: 0 });
  });

  for (const flaw of cutFlaws) {
    it(`is judged wrong where ${flaw.name}`, async () => {
      const flawed = (await withFlaw("admit-head", flaw)) as { admitHead: typeof admitHead };
      assert.ok(lookAtCuts(flawed.admitHead).wrong > 0);
    });
  }

  it("has it held where a record lacks that would tell, and never counts it wrongly", () => {
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

  it("ends with the writer's first", () => {
    const at = (seq: number, fill: number): ChainedHead => ({
      space,
      certificate,
      seq,
      hash: new Uint8Array(32).fill(fill),
      prev: new Uint8Array(32),
    });
    const first = at(3, 1);
    assert.equal(admitHead(at(1, 2), cutBy([cutAt(first)]), recordsOf([first])).kind, "cut");
  });
});
