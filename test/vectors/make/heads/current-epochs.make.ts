import { mayRead } from "../../../../src/node/account/epoch-readers.ts";
import {
  checkEpochs,
  currentEpoch,
  type EpochStatement,
  signEpoch,
} from "../../../../src/node/account/epochs.ts";
import { openRoster, type Roster } from "../../../../src/node/account/lists/roster.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { asSpaceId, type SpaceId } from "../../../../src/node/core/ids.ts";
import { asEpochCheck } from "../../../../src/node/crypto/derive.ts";
import type { SigningKey } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { labelled } from "../account/account-inputs.make.ts";
import { codeOf } from "../common.make.ts";
import {
  addTo,
  cutOff,
  firstRoster,
  override,
  pseudonyms,
  type RosterSaid,
} from "../lists/roster-story.make.ts";
import { signOn } from "../lists/statements.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const [ann, ben, cid] = pseudonyms;
const words = override;

/** A statement whose boxes nobody opens: which epoch is current is told without a key. */
function state(
  by: SigningKey,
  key: string,
  to: readonly SigningKey[],
  before?: EpochStatement,
  changes: { readonly n?: number; readonly space?: SpaceId } = {},
): EpochStatement {
  const { n = 1 + (before?.n ?? 0), space = firstRoster.space } = changes;
  return signEpoch(primitives, by, {
    space,
    n,
    ...(before === undefined ? {} : { prev: before.hash }),
    check: asEpochCheck(labelled(`check of ${key}`)),
    boxes: to.map(({ publicKey }) => ({ to: publicKey, file: Uint8Array.of(1) })),
    handover: Uint8Array.of(2),
  });
}

/** Statements of epochs, and which is current by rosters; and statements that follow none. */
export function currentEpochs(): { readonly current: VectorValue; readonly follows: VectorValue } {
  const known = [...firstRoster.statements.values()];
  const last = known.at(-1) as RosterSaid;
  const cidIn = signOn(firstRoster, override, [last], addTo(cid));
  const cidOff = signOn(firstRoster, ann, [cidIn], cutOff(cid));
  const bytesOf = (...said: RosterSaid[]): Uint8Array[] =>
    [...known, ...said].map(({ bytes }) => bytes);
  const rosters: Roster[] = [bytesOf(cidIn), bytesOf(cidIn, cidOff)].map((bytes) =>
    openRoster(primitives, firstRoster.space, bytes),
  );
  const [withCid, without] = [0, 1];

  const all = [words, ann, ben, cid];
  const staying = [words, ann, ben];
  const first = state(ann, "key 1", staying);
  const second = state(ben, "key 2", staying, first);
  const rival = state(ann, "key 3", staying, first);
  const wider = state(ann, "key 1", all, first);
  const byCid = state(cid, "key of cid", all, first);
  const drawnByCid = state(cid, "key of cid", [words, ann, cid]);
  const repeated = state(ann, "key of cid", staying, drawnByCid);
  const onRepeated = state(ben, "key 4", staying, repeated);
  const unboxed = state(ann, "key 5", [ann, ben], first);
  const hisBox = state(ann, "key 6", all, second);
  const afterHis = state(ann, "key 7", staying, hisBox);
  const falseWord = state(cid, "key 1", all, first);
  const onStranger = state(ben, "key 8", staying, byCid);
  const repeatsStranger = state(ben, "key of cid", staying, byCid);
  const byWords = state(words, "key 9", [words, ann], first);
  const onFalse = state(ben, "key 10", [ann, ben], falseWord);
  const later = state(ann, "key 1", staying, second);

  const hidden = state(cid, "key 12", staying, first);
  const repeatsHidden = state(ben, "key 12", staying, hidden);

  const cases: [name: string, roster: number, statements: EpochStatement[]][] = [
    ["none was stated", withCid, []],
    ["the first", withCid, [first]],
    ["the one of the largest number", withCid, [first, second]],
    ["of two of one number that of the larger hash", withCid, [first, second, rival]],
    ["one of more readers, all of whom may read", withCid, [first, wider]],
    ["one that a device states that is in", withCid, [first, byCid]],
    ["one by the words", withCid, [first, byWords]],
    ["not one without a box for the words", withCid, [first, unboxed]],
    ["nor is that all there is", withCid, [unboxed, first].slice(0, 1)],
    ["not one by a device that is out", without, [first, byCid]],
    ["spoilt by a box of a later statement of the same key", without, [first, wider]],
    ["spoilt by a box, and one before it by what it hands on", without, [first, second, hisBox]],
    ["a key drawn after that", without, [first, second, hisBox, afterHis]],
    [
      "spoilt by who drew it, though another repeats it for others",
      without,
      [drawnByCid, repeated],
    ],
    ["the same while that device was in", withCid, [drawnByCid, repeated]],
    ["a key that stands on it", without, [drawnByCid, repeated, onRepeated]],
    ["a stranger's word about a key spoils it not", without, [first, falseWord]],
    ["but does if somebody who may read goes on from it", without, [first, falseWord, onFalse]],
    ["what stands on a stranger's key is not spoilt", without, [first, byCid, onStranger]],
    ["but is if it repeats that key", without, [first, byCid, repeatsStranger]],
    ["and if it does, though the stranger has no box", without, [first, hidden, repeatsHidden]],
    ["an old key is stated again, and is not spoilt", withCid, [first, second, later]],
    ["the statement before the one of a stranger is not known", without, [onStranger]],
  ];
  const statements = [...new Set(cases.flatMap(([, , list]) => list))];
  const placeOf = (each: EpochStatement): number => statements.indexOf(each);
  const elsewhere = asSpaceId(labelled("another space"));
  const stray: [name: string, list: EpochStatement[]][] = [
    ["nothing", []],
    ["one after the other", [second, first]],
    ["two on one", [first, rival, second]],
    ["two first ones", [drawnByCid, first]],
    ["the one before is missing", [second]],
    ["a number is left out", [first, state(ann, "key 2", staying, first, { n: 3 })]],
    ["a number comes twice", [first, second, state(ann, "key 11", staying, second, { n: 2 })]],
    ["of another space", [state(ann, "key 1", staying, undefined, { space: elsewhere })]],
  ];
  return {
    current: {
      rosters: rosters.map(({ statements: said }) =>
        Array.from(said.values(), ({ bytes }) => toHex(bytes)),
      ),
      statements: statements.map((each) => ({
        hash: toHex(each.hash),
        n: each.n,
        prev: each.prev === undefined ? null : toHex(each.prev),
        check: toHex(each.check),
        readers: each.boxes.map(({ to }) => toHex(to)),
        signer: toHex(each.signer),
        bytes: toHex(each.bytes),
      })),
      cases: cases.map(([name, roster, list]) => {
        const by = rosters[roster] as Roster;
        const found = currentEpoch(mayRead(by), by.root, list);
        return {
          name,
          roster,
          statements: list.map(placeOf),
          current: found === undefined ? null : placeOf(found),
        };
      }),
    },
    follows: stray.map(([name, list]) => ({
      name,
      statements: list.map(({ bytes }) => toHex(bytes)),
      holds: holds(() => {
        checkEpochs(firstRoster.space, list);
      }),
    })),
  };
}

function holds(check: () => void): boolean {
  let isRefused = true;
  try {
    check();
    isRefused = false;
  } catch {
    if (codeOf(check) !== "damaged") throw new Error("expected damaged");
  }
  return !isRefused;
}
