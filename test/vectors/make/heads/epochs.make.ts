import { accountKeys, overrideKey } from "../../../../src/node/account/account.ts";
import {
  claimPseudonym,
  deviceIdentity,
  deviceReceiveSeed,
} from "../../../../src/node/account/device-keys.ts";
import { type EpochReader, type OpenEpoch, stateEpoch } from "../../../../src/node/account/epoch-keys.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { asBoundaryKey, asEpochKey, type EpochKey } from "../../../../src/node/crypto/derive.ts";
import { signatureDomains } from "../../../../src/node/crypto/domains.ts";
import { recipientOf } from "../../../../src/node/crypto/recipients.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { resigned } from "../../../account/test-accounts.ts";
import {
  about,
  accountSecret,
  deviceSeeds,
  labelled,
  labelledRandom,
  publicCid,
  spaceNonce,
  withFixedAge,
} from "../account/account-inputs.make.ts";
import { currentEpochs } from "./current-epochs.make.ts";
import { epochReaders } from "./epoch-readers.make.ts";
import { falseEpochs } from "./false-epochs.make.ts";
import { openedEpochs } from "./opened-epochs.make.ts";
import { firstRoster, pseudonyms } from "../lists/roster-story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Epoch statements of a space, boxed to devices and to the words. FORMAT §12.6. */
export async function makeEpochs(): Promise<VectorValue> {
  const [first, second, wider] = await withFixedAge("epochs", statements);
  const boxes = second.statement.boxes.map(({ to, file }) => [to, file.subarray(0, 4)]);
  // Short, so that the file is; whether boxes open is not asked here.
  const small = resigned(second.statement.bytes, pseudonyms[0], signatureDomains.epoch, { boxes });
  const changed = (changes: Parameters<typeof resigned>[3]): string =>
    toHex(resigned(small, pseudonyms[0], signatureDomains.epoch, changes));
  const many = Array.from({ length: 258 }, (_, i) => [
    Uint8Array.of(i >> 8, i, ...new Uint8Array(30)),
    Uint8Array.of(1),
  ]);
  return {
    about: about("§12.6, epochs", [
      "`opens`: places in `epochs` of those that the boxes of each device, and of the words, lead to.",
      "`current`: which of the statements at those places is current by the roster; null: none is.",
      "Their boxes and handovers are no real ones. `follows`: whether statements hold together.",
      "`byKey`: what opens by the key beside it, and what does not. `opened`: places of statements, and of",
      "those among them that the boxes of the first device lead to.",
      "`readers`: to which pseudonyms, by which recipients (SHA-256), a new epoch is boxed beside the words.",
    ]),
    space: toHex(firstRoster.space),
    nonce: toHex(spaceNonce),
    accountSecret: toHex(accountSecret),
    deviceSeeds: deviceSeeds.map(toHex),
    epochs: [first, second, wider].map(epochVector),
    ...currentEpochs(),
    byKey: falseEpochs(),
    opened: await openedEpochs(),
    readers: await epochReaders(),
    // Which statements, by their place above, each device's boxes lead to; and the words.
    opens: { devices: [[0, 1, 2], [0, 1, 2], []], words: [0, 1, 2] },
    refused: [
      {
        code: "damaged",
        name: "altered",
        bytes: toHex(first.statement.bytes.with(300, (first.statement.bytes[300] ?? 0) ^ 1)),
      },
      { code: "damaged", name: "prev in the first", bytes: changed({ n: 1 }) },
      { code: "damaged", name: "no prev in one that follows", bytes: changed({ prev: undefined }) },
      { code: "damaged", name: "without a check", bytes: changed({ check: undefined }) },
      {
        code: "damaged",
        name: "a check of 31 bytes",
        bytes: changed({ check: new Uint8Array(31) }),
      },
      { code: "damaged", name: "n is 0", bytes: changed({ n: 0 }) },
      {
        code: "damaged",
        name: "a space of 31 bytes",
        bytes: changed({ space: new Uint8Array(31) }),
      },
      { code: "damaged", name: "prev of 31 bytes", bytes: changed({ prev: new Uint8Array(31) }) },
      {
        code: "damaged",
        name: "boxes out of order",
        bytes: changed({ boxes: boxes.toReversed() }),
      },
      {
        code: "damaged",
        name: "two boxes of one",
        bytes: changed({ boxes: [boxes[0] ?? [], boxes[0] ?? []] }),
      },
      {
        code: "damaged",
        name: "a box of three parts",
        bytes: changed({ boxes: [[...(boxes[0] ?? []), 1]] }),
      },
      {
        code: "damaged",
        name: "a box to 31 bytes",
        bytes: changed({ boxes: [[new Uint8Array(31), new Uint8Array(1)]] }),
      },
      { code: "damaged", name: "258 boxes", bytes: changed({ boxes: many }) },
      {
        code: "damaged",
        name: "boxes that are no list",
        bytes: changed({ boxes: 1 }),
      },
      {
        code: "damaged",
        name: "a box that is a list of its bytes",
        bytes: changed({ boxes: [[new Uint8Array(32), [1, 2, 3]]] }),
      },
      {
        code: "damaged",
        name: "a space that is a list of its bytes",
        bytes: changed({ space: [...firstRoster.space] }),
      },
      {
        code: "damaged",
        name: "a check that is a list of its bytes",
        bytes: changed({ check: [...second.statement.check] }),
      },
      {
        code: "damaged",
        name: "prev that is a list of its bytes",
        bytes: changed({ prev: [...first.statement.hash] }),
      },
      {
        code: "damaged",
        name: "a signer that is a list of its bytes",
        bytes: changed({ signer: [...pseudonyms[0].publicKey] }),
      },
      {
        code: "damaged",
        name: "a box above 65,536 bytes",
        bytes: changed({ boxes: [[new Uint8Array(32), new Uint8Array(65_537)]] }),
      },
      {
        code: "damaged",
        name: "a handover above 65,536 bytes",
        bytes: changed({ boxes: [], handover: new Uint8Array(65_537) }),
      },
      { code: "damaged", name: "a handover that is text", bytes: changed({ handover: "x" }) },
      {
        code: "damaged",
        name: "signed by another than it says",
        bytes: changed({ signer: pseudonyms[1].publicKey }),
      },
      {
        code: "damaged",
        name: "signed for another purpose",
        bytes: toHex(resigned(small, pseudonyms[0], signatureDomains.roster, {})),
      },
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
