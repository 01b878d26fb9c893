import assert from "node:assert/strict";
import type { Cut } from "../../src/node/account/cuts.ts";
import {
  checkFollows,
  compareRosters,
  decodeRoster,
  followRoster,
  foundRoster,
  openRosters,
  type Roster,
  type RosterTerms,
} from "../../src/node/account/roster.ts";
import { asSpaceId, asWriterId } from "../../src/node/core/ids.ts";
import { signatureDomains } from "../../src/node/crypto/domains.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { refuses } from "../blocks/refuses.ts";
import { resigned, testNonce, testOverride, testPseudonym, testRoster } from "./test-accounts.ts";

const [ann, ben, cid] = [1, 2, 3].map(testPseudonym) as [SigningKey, SigningKey, SigningKey];
const key = ({ publicKey }: SigningKey): SigningKey["publicKey"] => publicKey;
const cut = (seq: number): Cut => ({
  writer: asWriterId(new Uint8Array(16).fill(5)),
  seq,
  head: new Uint8Array(32).fill(seq),
});

const first = testRoster(1, 2);
const terms = (changes: Partial<RosterTerms> = {}): RosterTerms => ({
  suite: 1,
  devices: first.devices,
  cuts: [],
  signers: first.signers,
  ...changes,
});
const follow = (before: Roster, signer: SigningKey, changes: Partial<RosterTerms> = {}): Roster =>
  followRoster(nodePrimitives, before, signer, terms(changes));
const open = (...rosters: Roster[]): Roster =>
  openRosters(
    nodePrimitives,
    first.space,
    rosters.map(({ bytes }) => bytes),
  );

type Changes = Parameters<typeof resigned>[3];

/** The roster with some of its fields changed, signed anew. */
const tampered = (roster: Roster, signer: SigningKey, changes: Changes): Uint8Array =>
  resigned(roster.bytes, signer, signatureDomains.roster, { ...changes, signer: signer.publicKey });

describe("the first roster", () => {
  it("names the space by its hash", () => {
    assert.deepEqual(first.space, asSpaceId(nodePrimitives.sha256(first.bytes)));
    assert.deepEqual(open(first), first);
    assert.deepEqual([first.n, first.era, first.prev], [1, 0, undefined]);
  });

  it("makes another space with another nonce", () => {
    const other = foundRoster(nodePrimitives, testOverride, new Uint8Array(16), terms());
    assert.notDeepEqual(other.space, first.space);
  });

  it("is signed by the override key and by no device", async () => {
    const forged = tampered(first, ann, {});
    await refuses(() => decodeRoster(nodePrimitives, forged), "damaged", /by the override key/u);
  });

  it("that is not the one the space is named after is refused", async () => {
    const other = foundRoster(nodePrimitives, testOverride, testNonce, {
      ...terms(),
      devices: [key(cid)],
    });
    await refuses(() => open(other), "damaged", /the space is named after/u);
    await refuses(() => open(), "damaged", /has no roster/u);
  });
});

describe("a roster that follows", () => {
  it("is signed by a device that the one before allows", async () => {
    const second = follow(first, ann, { devices: [key(ann), key(ben), key(cid)] });
    assert.deepEqual([second.n, second.era], [2, 0]);
    assert.deepEqual(open(first, second), second);
    await refuses(() => follow(second, cid), "usage", /may not sign the next roster/u);
    const forged = decodeRoster(nodePrimitives, tampered(second, cid, {}));
    await refuses(() => open(first, forged), "damaged", /does not allow/u);
  });

  it("keeps every cut, and lets nobody back", async () => {
    const cuts = [{ device: key(ben), cuts: [cut(4)] }];
    const second = follow(first, ann, { devices: [key(ann)], cuts, signers: [key(ann)] });
    const third = follow(second, ann, { devices: [key(ann), key(cid)] });
    assert.deepEqual(third.cuts, second.cuts);
    assert.deepEqual(open(first, second, third), third);
    await refuses(() => follow(second, ann), "usage", /can't come back/u);
    const lost = decodeRoster(nodePrimitives, tampered(third, ann, { cuts: [] }));
    await refuses(
      () => {
        checkFollows(second, lost);
      },
      "damaged",
      /lets a device back/u,
    );
    const both = tampered(third, ann, { devices: [key(ben)] });
    await refuses(() => decodeRoster(nodePrimitives, both), "damaged", /no device that was taken/u);
  });

  it("gives a device that two took out the later of the cuts", () => {
    const second = follow(first, ann, {
      devices: [key(ann)],
      cuts: [{ device: key(ben), cuts: [cut(4)] }],
    });
    const third = follow(second, ann, {
      devices: [key(ann)],
      cuts: [{ device: key(ben), cuts: [cut(6)] }],
    });
    assert.deepEqual(third.cuts, [{ device: key(ben), cuts: [cut(6)] }]);
  });

  it("is refused if it differs in what never changes, or does not follow", async () => {
    const second = follow(first, ann);
    const third = follow(second, ann);
    const cases: [Changes, RegExp][] = [
      [{ n: 4 }, /follows number 2/u],
      [{ prev: new Uint8Array(32) }, /does not follow the one before/u],
      [{ space: new Uint8Array(32) }, /names another space/u],
      [{ nonce: new Uint8Array(16) }, /another nonce/u],
      [{ override: key(ben) }, /another override key/u],
      [{ era: 1 }, /miscounts its era/u],
    ];
    for (const [changes, message] of cases) {
      const next = decodeRoster(nodePrimitives, tampered(third, ann, changes));
      await refuses(
        () => {
          checkFollows(second, next);
        },
        "damaged",
        message,
      );
    }
    await refuses(() => open(first, third), "damaged", /does not follow the one before/u);
  });

  it("is refused if it is malformed or newer", async () => {
    const second = follow(first, ann);
    const cases: [Changes, "damaged" | "newer", RegExp][] = [
      [{ version: 2 }, "newer", /version 2, which needs a newer IPCloud/u],
      [{ colour: 1 }, "newer", /"colour", which needs a newer/u],
      [{ suite: 0 }, "damaged", /the suite of a roster/u],
      [{ era: 5 }, "damaged", /the era of a roster/u],
      [{ n: 1 }, "damaged", /space and prev in all but the first/u],
      [{ prev: undefined }, "damaged", /space and prev in all but the first|"prev"/u],
      [{ devices: [key(ann), key(ann)] }, "damaged", /nothing twice/u],
      [{ devices: second.devices.toReversed() }, "damaged", /ascending/u],
      [{ signers: [new Uint8Array(31)] }, "damaged", /32 bytes/u],
      [
        {
          cuts: [
            [key(cid), []],
            [key(cid), []],
          ],
        },
        "damaged",
        /nothing twice/u,
      ],
    ];
    for (const [changes, code, message] of cases) {
      await refuses(
        () => decodeRoster(nodePrimitives, tampered(second, ann, changes)),
        code,
        message,
      );
    }
  });

  it("is refused with any bit changed", () => {
    const { bytes } = follow(first, ann);
    for (let bit = 0; bit < bytes.length * 8; bit += 13) {
      const altered = bytes.slice();
      altered[bit >>> 3] = (altered[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      let code: unknown;
      try {
        decodeRoster(nodePrimitives, altered);
      } catch (error) {
        code = (error as { code: unknown }).code;
      }
      assert.ok(code === "damaged" || code === "newer", `bit ${bit.toString()}`);
    }
  });
});

describe("of two rosters of a space", () => {
  it("the one counts that the words signed, whatever a device signs", () => {
    let stolen = first;
    for (let i = 0; i < 5; i++) stolen = follow(stolen, ben, { signers: [key(ben)] });
    const words = follow(first, testOverride, { devices: [key(ann)] });
    assert.equal(words.era, 1);
    assert.ok(compareRosters(words, stolen) > 0);
    assert.deepEqual(open(first, words), words);
    assert.ok(compareRosters(follow(stolen, testOverride), words) > 0, "same era, longer chain");
  });

  it("the longer chain counts, then the larger hash: everybody chooses the same", () => {
    const byAnn = follow(first, ann);
    const byBen = follow(first, ben);
    assert.ok(compareRosters(follow(byAnn, ann), byBen) > 0);
    assert.ok(compareRosters(byAnn, byBen) !== 0);
    assert.equal(Math.sign(compareRosters(byAnn, byBen)), -Math.sign(compareRosters(byBen, byAnn)));
    assert.equal(compareRosters(byAnn, byAnn), 0);
  });
});
