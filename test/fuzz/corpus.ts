import { type CborValue, decodeCanonical, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { below, pick, type Random, randomBytes } from "../blocks/random.ts";
import { changeBytes } from "./mutate/bytes.ts";
import { changeValue, looseCbor, randomCbor } from "./mutate/cbor.ts";
import { changeJson, deepJson } from "./mutate/json.ts";
import { changeText, randomText } from "./mutate/text.ts";
import { Flaw, type Input, type InputKind, joinPair, type Parser, splitPair } from "./parser.ts";

const maxSeeds = 64;
/** Seeds of one length are mostly alike. */
const maxSeedsOfLength = 4;

/** What a parser accepted of its samples: what inputs are made of. */
export interface Corpus {
  readonly seeds: readonly Input[];
  /** Makes an input; the same randomness makes the same one. */
  readonly make: (random: Random) => Input;
}

/**
 * Tries a parser's samples.
 * @param onFlaw - told of a sample that shows one.
 * @throws Flaw, if none is accepted: what is made of them would show nothing.
 */
export async function corpusOf(
  parser: Parser,
  onFlaw: (sample: Input, error: unknown) => void,
): Promise<Corpus> {
  const seeds: Input[] = [];
  const ofLength = new Map<number, number>();
  for (const sample of parser.samples()) {
    const count = ofLength.get(sample.length) ?? 0;
    if (seeds.length >= maxSeeds) break;
    if (count >= maxSeedsOfLength) continue;
    try {
      if ((await parser.run(sample)) !== "accepted") continue;
      ofLength.set(sample.length, count + 1);
      seeds.push(sample);
    } catch (error) {
      onFlaw(sample, error);
    }
  }
  if (seeds.length === 0) throw new Flaw(`none of the samples of ${parser.name} is accepted`);
  return { seeds, make: makerOf(parser.kind, seeds) };
}

function makerOf(kind: InputKind, seeds: readonly Input[]): (random: Random) => Input {
  switch (kind) {
    case "bytes":
      return bytesMaker(seeds as readonly Uint8Array[]);
    case "pair":
      return pairMaker(seeds as readonly Uint8Array[]);
    case "text":
      return textMaker(seeds as readonly string[], (random, text, other) =>
        changeText(random, text, other),
      );
    case "json":
      return textMaker(seeds as readonly string[], jsonChanger(seeds as readonly string[]));
  }
}

/** How many changes are made to one seed: mostly one. */
function times(random: Random): number {
  let count = 1;
  while (count < 8 && random() < 0.4) count++;
  return count;
}

function bytesMaker(seeds: readonly Uint8Array[]): (random: Random) => Uint8Array {
  const values = seeds.map(valueOf);
  return (random) => {
    const kind = random();
    if (kind < 0.01) return pick(random, seeds);
    if (kind < 0.03) return randomBytes(random, below(random, 200));
    if (kind < 0.05) return randomCbor(random);
    if (kind < 0.07) return looseCbor(random);
    const at = below(random, seeds.length);
    let bytes = seeds[at] as Uint8Array;
    const value = values[at];
    if (value !== undefined && random() < 0.5) {
      let changed = value;
      for (let left = times(random); left > 0; left--) changed = changeValue(random, changed);
      bytes = encodeCanonical(changed);
      if (random() < 0.9) return bytes;
    }
    const other = (): Uint8Array => pick(random, seeds);
    for (let left = times(random); left > 0; left--) bytes = changeBytes(random, bytes, other);
    return bytes;
  };
}

/** What a seed decodes to, so that a part of it can be changed and the rest stays canonical. */
function valueOf(seed: Uint8Array): CborValue | undefined {
  try {
    return decodeCanonical(seed, "a seed");
  } catch {
    return undefined;
  }
}

function pairMaker(seeds: readonly Uint8Array[]): (random: Random) => Uint8Array {
  const pairs = seeds.map(splitPair);
  const makeKey = bytesMaker(pairs.map(({ key }) => key));
  const makeValue = bytesMaker(pairs.map(({ value }) => value));
  return (random) => {
    const { key, value } = pick(random, pairs);
    const which = random();
    if (which < 0.02) return joinPair(key, value);
    if (which < 0.4) return joinPair(makeKey(random), value);
    return which < 0.9
      ? joinPair(key, makeValue(random))
      : joinPair(makeKey(random), makeValue(random));
  };
}

type ChangeText = (random: Random, text: string, other: () => string) => string;

function textMaker(seeds: readonly string[], change: ChangeText): (random: Random) => string {
  return (random) => {
    const kind = random();
    if (kind < 0.01) return pick(random, seeds);
    if (kind < 0.05) return randomText(random);
    let text = pick(random, seeds);
    for (let left = times(random); left > 0; left--)
      text = change(random, text, () => pick(random, seeds));
    return text;
  };
}

function jsonChanger(seeds: readonly string[]): ChangeText {
  const values = new Map<string, unknown>(seeds.map((seed) => [seed, JSON.parse(seed)]));
  return (random, text, other) => {
    if (random() < 0.0005) return deepJson(random);
    if (!values.has(text) || random() < 0.3) return changeText(random, text, other);
    let value = values.get(text);
    for (let left = times(random); left > 0; left--) value = changeJson(random, value);
    return JSON.stringify(value);
  };
}
