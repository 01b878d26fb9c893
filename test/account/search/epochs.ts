import {
  asEpochHash,
  type currentEpoch,
  type EpochHash,
  type RankedEpoch,
} from "../../../src/node/account/epochs.ts";
import { equalBytes, toUtf8 } from "../../../src/node/core/bytes.ts";
import { IdSet } from "../../../src/node/core/id-map.ts";
import { asEpochCheck } from "../../../src/node/crypto/derive.ts";
import { asPublicKey, type PublicKey } from "../../../src/node/crypto/sign.ts";
import { type Flaw, withFlaw } from "./flaws.ts";

/** The shipped function or a flawed one. */
export type CurrentEpoch = typeof currentEpoch;

/** An epoch statement as it is tried: who is whom is a letter, keys are numbers. */
interface Stated {
  readonly name: string;
  readonly signer: string;
  readonly prev: Stated | undefined;
  readonly key: number;
  readonly boxes: readonly string[];
  readonly n: number;
  /** Its signer does not know the key that it says to hand on. */
  readonly isFalse: boolean;
}

const words = "W";
/** Someone is taken out; the other two stay. */
const out = "A";
const staying = ["B", "C"];
const people = [out, ...staying];

/** Everybody to whom the key of a statement is known, by what honest and false signers do. */
function knowers(all: readonly Stated[], key: number): Set<string> {
  const known = new Set<string>();
  for (const each of all) {
    // Who has a key has all before it: each is handed on.
    for (let at: Stated | undefined = each; at !== undefined; at = at.prev) {
      if (at.key === key) for (const who of [each.signer, ...each.boxes]) known.add(who);
      if (at.isFalse) break;
    }
  }
  return known;
}

const asBytes = (name: string): Uint8Array => toUtf8(name.padEnd(32));
const asKey = (name: string): PublicKey => asPublicKey(asBytes(name));
const asHash = (name: string): EpochHash => asEpochHash(asBytes(name));

function ranked(stated: Stated): RankedEpoch {
  return {
    hash: asHash(stated.name),
    n: stated.n,
    ...(stated.prev === undefined ? {} : { prev: asHash(stated.prev.name) }),
    check: asEpochCheck(asBytes(`key ${stated.key.toString()}`)),
    signer: asKey(stated.signer),
    boxes: [words, ...stated.boxes].map((to) => ({ to: asKey(to), file: new Uint8Array(0) })),
  };
}

/**
 * Every list of up to `most` statements that signers make who know the key they stand on, and those
 * that the one who was taken out makes up.
 */
export function* epochLists(most: number): Generator<readonly Stated[]> {
  const boxSets = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
    people.filter((_, i) => (bits & (1 << i)) !== 0),
  );
  function* grow(list: readonly Stated[]): Generator<readonly Stated[]> {
    if (list.length > 0) yield list;
    if (list.length === most) return;
    for (const prev of list.length === 0 ? [undefined] : list) {
      for (const signer of people) {
        const isFalse = prev !== undefined && !knowers(list, prev.key).has(signer);
        if (isFalse ? signer !== out || prev.isFalse : prev?.isFalse === true) continue;
        for (const key of prev === undefined
          ? [0]
          : isFalse
            ? [list.length]
            : [prev.key, list.length]) {
          for (const boxes of boxSets) {
            const name = list.length.toString();
            yield* grow([
              ...list,
              { name, signer, prev, key, boxes, n: 1 + (prev?.n ?? 0), isFalse },
            ]);
          }
        }
      }
    }
  }
  yield* grow([]);
}

/** What a look over many lists came to. */
export interface FoundEpochs {
  readonly seen: number;
  /** Lists whose current key is known to the one who was taken out. */
  readonly known: number;
  /** Lists in which the word of the one who was taken out spoils a key that only others know. */
  readonly spoilt: number;
  readonly example: string;
}

/** Asks for the current epoch of every list, once A is taken out. */
export function lookAtEpochs(current: CurrentEpoch, most: number): FoundEpochs {
  const readers = new IdSet([words, ...staying].map(asKey));
  const ask = (list: readonly Stated[]): Stated | undefined => {
    const found = current(readers, asKey(words), list.map(ranked));
    return found === undefined
      ? undefined
      : list.find(({ name }) => equalBytes(asHash(name), found.hash));
  };
  let seen = 0;
  let known = 0;
  let spoilt = 0;
  let example = "";
  for (const list of epochLists(most)) {
    seen++;
    const chosen = ask(list);
    const last = list.at(-1);
    if (chosen !== undefined && knowers(list, chosen.key).has(out)) {
      known++;
      example ||= describe(list);
    }
    if (last?.isFalse !== true) continue;
    const before = ask(list.slice(0, -1));
    if (before !== undefined && chosen !== before) spoilt++;
  }
  return { seen, known, spoilt, example };
}

const describe = (list: readonly Stated[]): string =>
  list
    .map(
      ({ name, signer, prev, key, boxes }) =>
        `${name}: ${signer} states key ${key.toString()} on ${prev?.name ?? "nothing"} for ${boxes.join("")}`,
    )
    .join("; ");

/** The rule as it was, and without each of its lines. */
export const epochFlaws: readonly Flaw[] = [
  {
    name: "who drew a key that another repeats is forgotten",
    piece: "at = at.prev === undefined ? undefined : byHash.get(at.prev);",
    instead: "at = undefined;",
  },
  {
    name: "a later key does not tell the one before",
    piece: "if (isKnownOutside) spoilt.add(at.check);",
    instead:
      "if (!mayRead(at.signer) || !at.boxes.every(({ to }) => mayRead(to))) spoilt.add(at.check);",
  },
  {
    name: "boxes are not looked at",
    piece: "|| !at.boxes.every(({ to }) => mayRead(to))",
    instead: "",
  },
  {
    name: "signers are not looked at",
    piece: "!mayRead(at.signer) || ",
    instead: "",
  },
  {
    name: "a key counts whoever states it",
    piece: "const trusted = statements.filter(({ signer }) => mayRead(signer));",
    instead: "const trusted = statements;",
  },
];

/** The shipped function with one flaw in it. @throws if the piece does not stand there just once. */
export async function flawedEpoch(flaw: Flaw): Promise<CurrentEpoch> {
  return ((await withFlaw("epochs", flaw)) as { currentEpoch: CurrentEpoch }).currentEpoch;
}
