import { asEpochHash, type EpochStatement, signEpoch } from "../../../../src/node/account/epochs.ts";
import { type CborValue, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { concatBytes, toHex, uint64Bytes } from "../../../../src/node/core/bytes.ts";
import { sealBox } from "../../../../src/node/crypto/box.ts";
import { asEpochCheck, asEpochKey, epochKeys } from "../../../../src/node/crypto/derive.ts";
import { boxDomains } from "../../../../src/node/crypto/domains.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { labelled, labelledRandom } from "../account/account-inputs.make.ts";
import { firstRoster, pseudonyms } from "../lists/roster-story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const key = asEpochKey(labelled("epoch key of a false epoch"));
const keys = epochKeys(primitives, key);
const { space } = firstRoster;

type Fields = Readonly<Record<string, CborValue>>;
type Case = [code: "damaged" | "newer", name: string, statement: EpochStatement];

/** Seals handovers for statements of some number, with the same randomness each time. */
function handoverSealer(): (n: number, fields: Fields, check?: Uint8Array) => Uint8Array {
  const random = labelledRandom("false epochs");
  return (n, fields, check = keys.check) => {
    const context = concatBytes(space, uint64Bytes(n), check);
    return sealBox(keys.handoverKey, boxDomains.handover, context, encodeCanonical(fields), random);
  };
}

function state(n: number, sealed: Uint8Array, check = keys.check): EpochStatement {
  const prev = asEpochHash(labelled("the statement before"));
  const terms = { space, n, ...(n === 1 ? {} : { prev }), check, boxes: [], handover: sealed };
  return signEpoch(primitives, pseudonyms[0], terms);
}

/** Statements that are well signed and don't open by the key that they are opened with. */
export function falseEpochs(): VectorValue {
  const handover = handoverSealer();
  const boundary = labelled("boundary key");
  const before = labelled("epoch key");
  const good: Fields = { version: 1, boundary, claims: [] };
  const second: Fields = { ...good, before };
  const claim = [labelled("pseudonym"), labelled("identity"), new Uint8Array(64)];
  const sealed = handover(1, good);
  const cases: Case[] = [
    ["damaged", "the key is another than the check says", state(1, sealed, asEpochCheck(labelled("a check")))],
    ["damaged", "the handover was altered", state(1, sealed.with(30, (sealed[30] ?? 0) ^ 1))],
    ["damaged", "the handover is of another number", state(1, handover(2, good))],
    ["damaged", "a key before the first", state(1, handover(1, second))],
    ["damaged", "no key before the second", state(2, handover(2, good))],
    [
      "damaged",
      "the key before has 31 bytes",
      state(2, handover(2, { ...second, before: before.subarray(1) })),
    ],
    [
      "damaged",
      "a boundary key of 31 bytes",
      state(1, handover(1, { ...good, boundary: boundary.subarray(1) })),
    ],
    ["damaged", "no boundary key", state(1, handover(1, { version: 1, claims: [] }))],
    ["damaged", "no claims", state(1, handover(1, { version: 1, boundary }))],
    ["damaged", "claims are no list", state(1, handover(1, { ...good, claims: 1 }))],
    [
      "damaged",
      "a claim of two parts",
      state(1, handover(1, { ...good, claims: [claim.slice(1)] })),
    ],
    [
      "damaged",
      "a claim of four parts",
      state(1, handover(1, { ...good, claims: [[...claim, 1]] })),
    ],
    [
      "damaged",
      "a pseudonym that is text",
      state(1, handover(1, { ...good, claims: [["x".repeat(32), ...claim.slice(1)]] })),
    ],
    [
      "damaged",
      "a signature of 63 bytes",
      state(1, handover(1, { ...good, claims: [[...claim.slice(0, 2), new Uint8Array(63)]] })),
    ],
    [
      "damaged",
      "the key is another than the check says, though the handover opens by it",
      state(1, handover(1, good, labelled("a check")), asEpochCheck(labelled("a check"))),
    ],
    [
      "damaged",
      "the key before is a list of its bytes",
      state(2, handover(2, { ...second, before: [...before] })),
    ],
    [
      "damaged",
      "a boundary key that is a list of its bytes",
      state(1, handover(1, { ...good, boundary: [...boundary] })),
    ],
    ...claim.map((part, i): Case => [
      "damaged",
      `part ${(1 + i).toString()} of a claim is a list of its bytes`,
      state(1, handover(1, { ...good, claims: [claim.map((each, j) => (j === i ? [...part] : each))] })),
    ]),
    ["newer", "version 2", state(1, handover(1, { ...good, version: 2 }))],
    ["newer", "an unknown field", state(1, handover(1, { ...good, colour: "red" }))],
  ];
  const opens = [state(1, sealed), state(2, handover(2, { ...second, claims: [claim] }))];
  const shown = ({ bytes }: EpochStatement) => ({ key: toHex(key), bytes: toHex(bytes) });
  return {
    opens: opens.map(shown),
    refused: cases.map(([code, name, statement]) => ({ code, name, ...shown(statement) })),
  };
}
