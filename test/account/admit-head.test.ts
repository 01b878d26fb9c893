import assert from "node:assert/strict";
import {
  admitHead,
  type ChainedHead,
  type HeadRecords,
  type HeadStanding,
} from "../../src/node/account/admit-head.ts";
import type { Cut } from "../../src/node/account/lists/cuts.ts";
import {
  extendRoster,
  openRoster,
  planRosterCheckpoint,
  type Roster,
  restateRoster,
} from "../../src/node/account/lists/roster.ts";
import { bytesOf } from "../../src/node/account/lists/statement-set.ts";
import { certifyWriter } from "../../src/node/account/writers.ts";
import { toBinaryString } from "../../src/node/core/bytes.ts";
import { asSpaceId, asWriterId } from "../../src/node/core/ids.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { testOverride, testPseudonym, testRoster } from "./test-accounts.ts";

// 1 and 3 take out 2, whose writer W wrote the heads.
const roster = testRoster(1, 2, 3);
const { space } = roster;
const writer = asWriterId(new Uint8Array(16).fill(3));
const otherWriter = asWriterId(new Uint8Array(16).fill(4));
const zeros = new Uint8Array(32);

const certificates = new Map(
  [1, 2, 7].flatMap((device) =>
    [writer, otherWriter].map((of) => [
      `${device.toString()} ${toBinaryString(of)}`,
      // Whose key it certifies does not bear on whether a head counts.
      certifyWriter(testPseudonym(device), space, of, testPseudonym(device).publicKey),
    ]),
  ),
);

/** A head of a writer; `name` makes its hash. */
function head(name: number, seq: number, prev?: ChainedHead, by = 2, of = writer): ChainedHead {
  return {
    space,
    certificate: certificates.get(`${by.toString()} ${toBinaryString(of)}`) ?? assert.fail(),
    seq,
    hash: new Uint8Array(32).fill(name),
    prev: prev?.hash ?? zeros,
  };
}

const knowing =
  (...heads: ChainedHead[]): HeadRecords =>
  (hash) =>
    heads.find((each) => toBinaryString(each.hash) === toBinaryString(hash));

const cutAt = ({ hash, seq }: ChainedHead, of = writer): Cut => ({ writer: of, seq, head: hash });

const revoking = (before: Roster, by: number, device: number, ...cuts: Cut[]): Roster =>
  extendRoster(nodePrimitives, before, by === 0 ? testOverride : testPseudonym(by), {
    kind: "revoke",
    member: { key: testPseudonym(device).publicKey, cuts },
  });
const join = (...rosters: Roster[]): Roster =>
  openRoster(nodePrimitives, space, rosters.flatMap(bytesOf));

const counts: HeadStanding = { kind: "counts" };
const cut: HeadStanding = { kind: "cut" };

// A writer's chain; it left 4 out.
const first = head(11, 1);
const second = head(12, 2, first);
const third = head(13, 3, second);
const fifth = head(15, 5, third);
const sixth = head(16, 6, fifth);
const all = knowing(first, second, third, fifth, sixth);

describe("a head of a device that may write", () => {
  it("counts, whatever its number", () => {
    for (const each of [first, sixth, head(99, 400)]) {
      assert.deepEqual(admitHead(each, roster, knowing()), counts);
    }
  });

  it("of another space is an error", async () => {
    const elsewhere = { ...first, space: asSpaceId(zeros) };
    await refuses(() => admitHead(elsewhere, roster, all), "damaged", /another space/u);
  });

  it("is held while the device is not known", () => {
    const stranger = head(1, 1, undefined, 7);
    assert.deepEqual(admitHead(stranger, roster, all), { kind: "held" });
  });
});

describe("of a device that was taken out", () => {
  const off = revoking(roster, 1, 2, cutAt(fifth));

  it("count the head of the cut and what it reaches by prev", () => {
    for (const each of [fifth, third, second, first]) {
      assert.deepEqual(admitHead(each, off, all), counts);
    }
  });

  it("none above the cut counts", () => {
    assert.deepEqual(admitHead(sixth, off, all), cut);
    assert.deepEqual(admitHead(head(98, 6, fifth), off, all), cut);
  });

  it("none counts that was forged below the cut, on whatever it stands", () => {
    for (const seq of [1, 2, 3, 4, 5]) {
      for (const prev of [undefined, first, second, third, fifth]) {
        assert.deepEqual(admitHead(head(97, seq, prev), off, all), cut, seq.toString());
      }
    }
  });

  it("a forged one counts no more for others that stand on it", () => {
    const forged = head(97, 3, second);
    const onIt = head(96, 4, forged);
    assert.deepEqual(admitHead(onIt, off, knowing(first, second, third, fifth, forged)), cut);
  });

  it("one of the cut's hash and another number is none of the chain", () => {
    const wrong = revoking(roster, 1, 2, { ...cutAt(fifth), seq: 6 });
    assert.deepEqual(admitHead(fifth, wrong, all), cut);
  });

  it("a head is held while a record between it and the cut is missing, which is named", () => {
    const lacks = (known: HeadRecords, each: ChainedHead): Uint8Array | undefined => {
      const standing = admitHead(each, off, known);
      return standing.kind === "held" ? standing.lacks : undefined;
    };
    assert.deepEqual(lacks(knowing(), first), fifth.hash);
    assert.deepEqual(lacks(knowing(fifth), first), third.hash);
    assert.deepEqual(lacks(knowing(fifth, third, first), first), second.hash);
    assert.deepEqual(admitHead(third, off, knowing(fifth)), counts, "nothing is missing here");
    assert.deepEqual(admitHead(fifth, off, knowing()), counts);
    assert.deepEqual(lacks(knowing(fifth), head(97, 2, first)), third.hash, "a forged one, too");
    assert.deepEqual(admitHead(sixth, off, knowing()), cut, "above no record is needed");
  });

  it("the chain goes on through no head of another writer, space or rising number", () => {
    const foreign = head(21, 3, second, 2, otherWriter);
    const elsewhere = { ...head(22, 3, second), space: asSpaceId(zeros) };
    const rising = head(23, 5, second);
    for (const bad of [foreign, elsewhere, rising]) {
      const top = head(25, 5, bad);
      const badly = revoking(roster, 1, 2, cutAt(top));
      assert.deepEqual(admitHead(second, badly, knowing(top, bad, second, first)), cut);
    }
  });

  it("no head of a writer counts that no cut names", () => {
    const other = head(31, 1, undefined, 2, otherWriter);
    assert.deepEqual(admitHead(other, off, all), cut);
    assert.deepEqual(admitHead(first, revoking(roster, 1, 2), all), cut);
  });

  it("each of its writers has a cut of its own", () => {
    const other = head(31, 1, undefined, 2, otherWriter);
    const above = head(32, 2, other, 2, otherWriter);
    const both = revoking(roster, 1, 2, cutAt(fifth), cutAt(other, otherWriter));
    const known = knowing(first, second, third, fifth, other, above);
    assert.deepEqual(admitHead(other, both, known), counts);
    assert.deepEqual(admitHead(above, both, known), cut);
    assert.deepEqual(admitHead(first, both, known), counts);
  });
});

describe("of a device that several took out", () => {
  it("a head counts that all of them let stand", () => {
    const both = join(revoking(roster, 1, 2, cutAt(fifth)), revoking(roster, 3, 2, cutAt(third)));
    assert.deepEqual(admitHead(fifth, both, all), cut);
    assert.deepEqual(admitHead(third, both, all), counts);
    assert.deepEqual(admitHead(first, both, all), counts);
  });

  it("none counts of a writer that one of them does not name", () => {
    const both = join(revoking(roster, 1, 2, cutAt(fifth)), revoking(roster, 3, 2));
    assert.deepEqual(admitHead(first, both, all), cut);
  });

  it("it can't lift the cut by taking itself out with a later one", () => {
    const forged = head(97, 7, sixth);
    const off = revoking(roster, 1, 2, cutAt(third));
    const both = join(off, revoking(roster, 2, 2, cutAt(forged)));
    const known = knowing(first, second, third, fifth, sixth, forged);
    for (const each of [forged, sixth, fifth]) assert.deepEqual(admitHead(each, both, known), cut);
    assert.deepEqual(admitHead(third, both, known), counts);
    const plan = planRosterCheckpoint(both, { putOut: [], readmit: [] });
    const restated = restateRoster(nodePrimitives, both, testOverride, plan);
    for (const each of [forged, sixth, fifth]) {
      assert.deepEqual(admitHead(each, restated, known), cut, "nor by the words' checkpoint");
    }
    assert.deepEqual(admitHead(third, restated, known), counts);
  });

  it("a head is held while one of them can't be told, and cut as soon as one cuts it", () => {
    const byOne = revoking(roster, 1, 2, cutAt(fifth));
    const held = join(byOne, revoking(roster, 3, 2, cutAt(third)));
    const known = knowing(third, second);
    assert.deepEqual(admitHead(second, held, known), { kind: "held", lacks: fifth.hash });
    const both = join(byOne, revoking(roster, 3, 2, cutAt(first)));
    assert.deepEqual(admitHead(second, both, knowing()), cut);
  });
});
