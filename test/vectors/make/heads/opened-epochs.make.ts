import { deviceReceiveSeed } from "../../../../src/node/account/device-keys.ts";
import { openEpochs } from "../../../../src/node/account/epoch-keys.ts";
import { type EpochBox, type EpochStatement, signEpoch } from "../../../../src/node/account/epochs.ts";
import { type CborValue, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { concatBytes, toHex, uint64Bytes } from "../../../../src/node/core/bytes.ts";
import { sealBox } from "../../../../src/node/crypto/box.ts";
import { asEpochKey, type EpochKey, epochKeys } from "../../../../src/node/crypto/derive.ts";
import { boxDomains } from "../../../../src/node/crypto/domains.ts";
import { type Recipient, recipientOf, sealAge } from "../../../../src/node/crypto/recipients.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { deviceSeeds, labelled, labelledRandom, withFixedAge } from "../account/account-inputs.make.ts";
import { firstRoster, pseudonyms } from "../lists/roster-story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const [ann, ben] = pseudonyms;
const { space } = firstRoster;
const keyOf = (name: string): EpochKey => asEpochKey(labelled(`epoch key ${name}`));

/** What a statement is made of, false or not. */
interface Made {
  readonly key: EpochKey;
  readonly prev?: EpochStatement;
  readonly box: EpochBox;
  /** Changes of what it hands on. */
  readonly handover?: Readonly<Record<string, CborValue>>;
  /** By which key that is sealed, if by another. */
  readonly sealedBy?: EpochKey;
}

/** Statements of which some don't open, and which the first device opens all the same. */
export async function openedEpochs(): Promise<VectorValue> {
  const seeds = deviceSeeds.map((seed) => deviceReceiveSeed(primitives, seed));
  const [annReceive, benReceive] = await Promise.all(seeds.map(recipientOf));
  const cases = await withFixedAge("opened epochs", () =>
    stories(annReceive as Recipient, benReceive as Recipient),
  );
  const statements = [...new Set(cases.flatMap(([, list]) => list))];
  const placesOf = (list: readonly EpochStatement[]): number[] =>
    list.map((each) => statements.indexOf(each));
  const [seed] = seeds;
  return {
    statements: statements.map(({ bytes }) => toHex(bytes)),
    cases: await Promise.all(
      cases.map(async ([name, list]) => {
        const opened = seed && (await openEpochs(primitives, list, ann.publicKey, seed));
        const opens = placesOf((opened ?? []).map(({ statement }) => statement));
        return { name, statements: placesOf(list), opens };
      }),
    ),
  };
}

async function stories(
  annReceive: Recipient,
  benReceive: Recipient,
): Promise<[name: string, statements: EpochStatement[]][]> {
  const random = labelledRandom("opened epochs");
  const state = ({ key, prev, box, handover = {}, sealedBy = key }: Made): EpochStatement => {
    const n = 1 + (prev?.n ?? 0);
    const { check } = epochKeys(primitives, key);
    const { handoverKey } = epochKeys(primitives, sealedBy);
    const context = concatBytes(space, uint64Bytes(n), check);
    const handedOn: Readonly<Record<string, CborValue>> = {
      version: 1,
      ...(prev === undefined ? {} : { before: keyOf("one") }),
      boundary: labelled("boundary key"),
      claims: [],
      ...handover,
    };
    const sealed = encodeCanonical(handedOn);
    return signEpoch(primitives, ann, {
      space,
      n,
      ...(prev === undefined ? {} : { prev: prev.hash }),
      check,
      boxes: [box],
      handover: sealBox(handoverKey, boxDomains.handover, context, sealed, random),
    });
  };
  const toAnn = async (name: string, recipient = annReceive): Promise<EpochBox> => ({
    to: ann.publicKey,
    file: await sealAge([recipient], keyOf(name)),
  });
  const toBen = async (name: string): Promise<EpochBox> => ({
    to: ben.publicKey,
    file: await sealAge([benReceive], keyOf(name)),
  });
  const [one, two] = [keyOf("one"), keyOf("two")];
  const first = state({ key: one, box: await toAnn("one") });
  const second = state({ key: two, prev: first, box: await toAnn("two") });
  const again = state({
    key: two,
    prev: second,
    box: await toBen("two"),
    handover: { before: two },
  });
  const falseAgain = state({ key: two, prev: second, box: await toBen("two"), sealedBy: one });
  const sealedToBen = state({ key: two, prev: first, box: await toAnn("two", benReceive) });
  const ofAnotherKey = state({ key: two, prev: first, box: await toAnn("three") });
  const noFile = state({
    key: two,
    prev: first,
    box: { to: ann.publicKey, file: new Uint8Array(2000) },
  });
  const newer = state({ key: two, prev: first, box: await toAnn("two"), handover: { version: 2 } });
  const bens = state({ key: one, box: await toBen("one") });
  const onBens = state({ key: two, prev: bens, box: await toAnn("two") });
  const falseBefore = state({
    key: two,
    prev: bens,
    box: await toAnn("two"),
    handover: { before: keyOf("three") },
  });
  return [
    ["each by its box", [second, first]],
    ["a key that is stated again without its box", [again, second, first]],
    ["and one that is so, and hands on nothing", [falseAgain, second, first]],
    ["a box that is sealed to somebody else", [sealedToBen, first]],
    ["a box that holds another key", [ofAnotherKey, first]],
    ["a box that is no age file", [noFile, first]],
    ["what is handed on needs a newer IPCloud", [newer, first]],
    ["one without its box, by what the next hands on", [bens, onBens]],
    ["the key that is handed on is another", [bens, falseBefore]],
    ["the statement before is not known", [onBens]],
    ["none has its box", [bens]],
  ];
}
