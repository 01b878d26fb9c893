import { accountKeys, overrideKey } from "../../src/node/account/account.ts";
import {
  claimPseudonym,
  deviceIdentity,
  deviceReceiveSeed,
} from "../../src/node/account/device-keys.ts";
import { type EpochReader, type OpenEpoch, stateEpoch } from "../../src/node/account/epoch-keys.ts";
import { toHex } from "../../src/node/core/bytes.ts";
import { asBoundaryKey, asEpochKey, type EpochKey } from "../../src/node/crypto/derive.ts";
import { signatureDomains } from "../../src/node/crypto/domains.ts";
import { recipientOf } from "../../src/node/crypto/recipients.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import { resigned } from "../account/test-accounts.ts";
import {
  about,
  accountSecret,
  deviceSeeds,
  labelled,
  labelledRandom,
  publicCid,
  spaceNonce,
  withFixedAge,
} from "./account-inputs.make.ts";
import { firstRoster, pseudonyms } from "./rosters.make.ts";
import type { VectorValue } from "./vector-file.ts";

/** Epoch statements of a space, boxed to devices and to the words. FORMAT §10.10. */
export async function makeEpochs(): Promise<VectorValue> {
  const [first, second, wider] = await withFixedAge("epochs", statements);
  const changed = (changes: Parameters<typeof resigned>[3]): string =>
    toHex(resigned(second.statement.bytes, pseudonyms[0], signatureDomains.epoch, changes));
  return {
    about: about("§10.10, epochs", [
      "`opens`: places in `epochs` of those that the boxes of each device, and of the words, lead to.",
    ]),
    space: toHex(firstRoster.space),
    nonce: toHex(spaceNonce),
    accountSecret: toHex(accountSecret),
    deviceSeeds: deviceSeeds.map(toHex),
    epochs: [first, second, wider].map(epochVector),
    // Which statements, by their place above, each device's boxes lead to; and the words.
    opens: { devices: [[0, 1, 2], [0, 1, 2], []], words: [0, 1, 2] },
    refused: [
      {
        code: "damaged",
        name: "altered",
        bytes: toHex(first.statement.bytes.with(300, (first.statement.bytes[300] ?? 0) ^ 1)),
      },
      { code: "damaged", name: "prev in the first", bytes: changed({ n: 1 }) },
      { code: "damaged", name: "without a check", bytes: changed({ check: undefined }) },
      { code: "newer", name: "version 2", bytes: changed({ version: 2 }) },
      { code: "newer", name: "an unknown field", bytes: changed({ colour: "red" }) },
    ],
  };
}

async function statements(): Promise<[OpenEpoch, OpenEpoch, OpenEpoch]> {
  const random = labelledRandom("epochs");
  const { recover } = await accountKeys(primitives, accountSecret);
  const { publicKey } = overrideKey(primitives, accountSecret, spaceNonce);
  const words: EpochReader = { to: publicKey, recipient: recover };
  const devices = await Promise.all(
    deviceSeeds.map(async (seed, i) => {
      const pseudonym = pseudonyms[i]?.publicKey ?? publicKey;
      const recipient = await recipientOf(deviceReceiveSeed(primitives, seed));
      const identity = deviceIdentity(primitives, seed);
      const claim = claimPseudonym(identity, pseudonym, spaceNonce);
      return { reader: { to: pseudonym, recipient }, claim };
    }),
  );
  const state = (count: number, key: EpochKey, before?: OpenEpoch): Promise<OpenEpoch> =>
    stateEpoch(primitives, random, {
      space: firstRoster.space,
      ...(before === undefined ? {} : { before }),
      key,
      boundaryKey: asBoundaryKey(labelled("boundary key")),
      claims: devices.slice(0, count).map(({ claim }) => claim),
      readers: [words, ...devices.slice(0, count).map(({ reader }) => reader)],
      signer: pseudonyms[0],
    });
  const first = await state(1, asEpochKey(labelled("epoch key")));
  const second = await state(1, asEpochKey(labelled("second epoch key")), first);
  return [first, second, await state(2, second.key, second)];
}

function epochVector({ statement, key, before, boundaryKey, claims }: OpenEpoch): VectorValue {
  return {
    bytes: toHex(statement.bytes),
    hash: toHex(statement.hash),
    cid: publicCid(statement.hash),
    n: statement.n,
    prev: statement.prev === undefined ? null : toHex(statement.prev),
    check: toHex(statement.check),
    readers: statement.boxes.map(({ to }) => toHex(to)),
    signer: toHex(statement.signer),
    key: toHex(key),
    before: before === undefined ? null : toHex(before),
    boundary: toHex(boundaryKey),
    claims: claims.map(({ pseudonym, device, signature }) => [
      toHex(pseudonym),
      toHex(device),
      toHex(signature),
    ]),
  };
}
