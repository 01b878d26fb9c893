import { overrideKey } from "../../src/node/account/account.ts";
import { devicePseudonym } from "../../src/node/account/device-keys.ts";
import { followRoster, foundRoster, type Roster } from "../../src/node/account/roster.ts";
import { toHex } from "../../src/node/core/bytes.ts";
import { asWriterId } from "../../src/node/core/ids.ts";
import { signatureDomains } from "../../src/node/crypto/domains.ts";
import type { SigningKey } from "../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import { resigned } from "../account/test-accounts.ts";
import {
  about,
  accountSecret,
  deviceSeeds,
  labelled,
  publicCid,
  spaceNonce,
} from "./account-inputs.make.ts";
import type { VectorValue } from "./vector-file.ts";

const override = overrideKey(primitives, accountSecret, spaceNonce);
/** The devices as the roster of the space names them. */
export const pseudonyms = deviceSeeds.map((seed) =>
  devicePseudonym(primitives, seed, spaceNonce),
) as [SigningKey, SigningKey, SigningKey];
const [ann, ben, cid] = pseudonyms;
const keys = (...devices: SigningKey[]) => devices.map(({ publicKey }) => publicKey);

/** The first roster of the space of all vectors. */
export const firstRoster: Roster = foundRoster(primitives, override, spaceNonce, {
  suite: 1,
  devices: keys(ann),
  signers: keys(ann),
});

/** Rosters of a space, one after the other. FORMAT §10.8. */
export function makeRosters(): VectorValue {
  const writer = asWriterId(labelled("writer").subarray(0, 16));
  const cuts = [{ device: ben.publicKey, cuts: [{ writer, seq: 300, head: labelled("head") }] }];
  const second = followRoster(primitives, firstRoster, ann, {
    suite: 1,
    devices: keys(ann, ben),
    cuts: [],
    signers: keys(ann, ben),
  });
  const third = followRoster(primitives, second, ann, {
    suite: 1,
    devices: keys(ann),
    cuts,
    signers: keys(ann),
  });
  const byWords = followRoster(primitives, second, override, {
    suite: 1,
    devices: keys(cid),
    cuts: [...cuts, { device: ann.publicKey, cuts: [] }],
    signers: keys(cid),
  });
  const all = [firstRoster, second, third, byWords];
  const changed = (changes: Parameters<typeof resigned>[3], signer = ann): string =>
    toHex(resigned(third.bytes, signer, signatureDomains.roster, changes));
  return {
    about: about("§10.8, roster", [
      "`order`: from the one that counts least to the one that counts most.",
      "`chains`: hashes of rosters, and whether they hold as all rosters of the space.",
    ]),
    space: toHex(firstRoster.space),
    rosters: all.map((roster) => rosterVector(roster)),
    // Each list is in the order of what counts: the last wins.
    order: [[firstRoster, second, third, byWords].map(({ hash }) => toHex(hash))],
    chains: [
      { holds: true, rosters: [firstRoster, second, third].map(({ hash }) => toHex(hash)) },
      { holds: true, rosters: [firstRoster, second, byWords].map(({ hash }) => toHex(hash)) },
      { holds: false, rosters: [firstRoster, third].map(({ hash }) => toHex(hash)) },
      { holds: false, rosters: [second, third].map(({ hash }) => toHex(hash)) },
      {
        holds: false,
        rosters: [firstRoster, second, third, byWords].map(({ hash }) => toHex(hash)),
      },
    ],
    refused: [
      { code: "damaged", name: "altered", bytes: toHex(third.bytes.with(90, 0)) },
      { code: "damaged", name: "signed by another", bytes: changed({}, cid) },
      { code: "damaged", name: "prev in the first", bytes: changed({ n: 1 }) },
      { code: "damaged", name: "no suite", bytes: changed({ suite: 0 }) },
      {
        code: "damaged",
        name: "a device that was taken out",
        bytes: changed({ devices: keys(ben) }),
      },
      {
        code: "damaged",
        name: "devices out of order",
        bytes: changed({ devices: keys(ann, cid).sort().toReversed() }),
      },
      { code: "newer", name: "version 2", bytes: changed({ version: 2 }) },
      { code: "newer", name: "an unknown field", bytes: changed({ colour: "red" }) },
    ],
  };
}

function rosterVector(roster: Roster): VectorValue {
  return {
    bytes: toHex(roster.bytes),
    hash: toHex(roster.hash),
    cid: publicCid(roster.hash),
    n: roster.n,
    era: roster.era,
    nonce: toHex(roster.nonce),
    override: toHex(roster.override),
    prev: roster.prev === undefined ? null : toHex(roster.prev),
    suite: roster.suite,
    devices: roster.devices.map(toHex),
    cuts: roster.cuts.map(({ device, cuts }) => [
      toHex(device),
      cuts.map(({ writer, seq, head }) => [toHex(writer), seq, toHex(head)]),
    ]),
    signers: roster.signers.map(toHex),
    signer: toHex(roster.signer),
  };
}
