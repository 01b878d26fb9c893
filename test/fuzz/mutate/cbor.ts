import { type CborValue, encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { concatBytes } from "../../../src/node/core/bytes.ts";
import { below, pick, type Random, randomBytes } from "../../blocks/random.ts";
import { changeBytes } from "./bytes.ts";
import { changeText } from "./text.ts";

const numbers = [
  0,
  1,
  2,
  23,
  24,
  255,
  256,
  65_535,
  65_536,
  2 ** 32 - 1,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  -1,
  -24,
  -25,
  -256,
  -257,
  Number.MIN_SAFE_INTEGER,
];
const lengths = [0, 1, 15, 16, 17, 24, 31, 32, 33, 64, 65, 67, 112, 300];
const names = [
  "version",
  "signature",
  "n",
  "prev",
  "",
  "__proto__",
  "constructor",
  "toString",
  "x",
];
/** Nesting that the decoder still takes. */
const maxDepth = 5;

/** A value of the format's CBOR. */
export function randomValue(random: Random, depth = 0): CborValue {
  switch (below(random, depth < maxDepth ? 8 : 6)) {
    case 0:
      return pick(random, numbers);
    case 1:
      return below(random, 1000);
    case 2:
      return randomBytes(random, pick(random, lengths));
    case 3:
      return pick(random, [null, true, false]);
    case 4:
      return pick(random, ["", "add", "revoke", "checkpoint", "found", "name", "é", "\0"]);
    case 5:
      return pick(random, names);
    case 6:
      return Array.from({ length: below(random, 5) }, () => randomValue(random, depth + 1));
    default:
      return mapOf(
        Array.from({ length: below(random, 4) }, () => [
          pick(random, names),
          randomValue(random, depth + 1),
        ]),
      );
  }
}

/** `{...}` would make a field `__proto__` the prototype. */
function mapOf(fields: readonly (readonly [string, CborValue])[]): CborValue {
  const map: Record<string, CborValue> = {};
  for (const [name, value] of fields) {
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true });
  }
  return map;
}

/** The same value but for one of all that it is made of. */
export function changeValue(random: Random, value: CborValue): CborValue {
  if (random() < 0.08) return randomValue(random, 2);
  if (typeof value === "number") return changeNumber(random, value);
  if (typeof value === "string")
    return changeText(random, value, () => pick(random, names))
      .slice(0, 1000)
      .toWellFormed();
  if (value instanceof Uint8Array) return changeByteString(random, value);
  if (value === null || typeof value === "boolean") return randomValue(random, 2);
  return Array.isArray(value)
    ? changeList(random, value as readonly CborValue[])
    : changeMap(random, value as Readonly<Record<string, CborValue>>);
}

function changeNumber(random: Random, value: number): number {
  const near = value + pick(random, [-1, 1]);
  return random() < 0.5 && Number.isSafeInteger(near) ? near : pick(random, numbers);
}

function changeByteString(random: Random, bytes: Uint8Array): Uint8Array {
  if (random() < 0.2) return randomBytes(random, bytes.length);
  return changeBytes(random, bytes, () => randomBytes(random, pick(random, lengths)));
}

function changeList(random: Random, list: readonly CborValue[]): CborValue {
  const at = below(random, list.length || 1);
  const item = list[at];
  if (item !== undefined && random() < 0.7) return list.with(at, changeValue(random, item));
  const other = below(random, list.length || 1);
  switch (below(random, 5)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return item === undefined ? [null] : list.toSpliced(other, 0, item);
    case 2:
      return item === undefined ? [] : list.with(at, list[other] as CborValue).with(other, item);
    case 3:
      return list.toSpliced(at, 0, randomValue(random, 2));
    default:
      return item === undefined
        ? [0]
        : Array.from({ length: below(random, mostTimes(item)) }, () => item);
  }
}

/** How often something is repeated at most: what is large would make inputs that only take memory. */
function mostTimes(item: CborValue): number {
  const isSmall = item instanceof Uint8Array ? item.length <= 64 : typeof item !== "object";
  return isSmall ? 300 : 16;
}

function changeMap(random: Random, map: Readonly<Record<string, CborValue>>): CborValue {
  const fields = Object.entries(map);
  const at = below(random, fields.length || 1);
  const field = fields[at];
  if (field === undefined) return mapOf([[pick(random, names), randomValue(random, 2)]]);
  const [name, value] = field;
  if (random() < 0.8) return mapOf(fields.with(at, [name, changeValue(random, value)]));
  if (random() < 0.5) return mapOf(fields.toSpliced(at, 1));
  return mapOf([...fields, [pick(random, names), random() < 0.5 ? value : randomValue(random, 2)]]);
}

/** A value in an encoding that is mostly not the canonical one. */
export function looseCbor(random: Random, depth = 0): Uint8Array {
  const major = below(random, depth < maxDepth ? 8 : 4);
  const isIndefinite = major >= 2 && major <= 5 && random() < 0.1;
  const count = below(random, random() < 0.9 ? 6 : 40);
  const length = random() < 0.05 ? pick(random, numbers) : count;
  const parts = [
    isIndefinite ? Uint8Array.of((major << 5) | 31) : looseHead(random, major, Math.abs(length)),
  ];
  if (major === 2 || major === 3) parts.push(randomBytes(random, count));
  const values = major === 4 ? count : major === 5 ? 2 * count : major === 6 ? 1 : 0;
  for (let i = 0; i < values; i++) parts.push(looseCbor(random, depth + 1));
  if (isIndefinite) parts.push(Uint8Array.of(0xff));
  return concatBytes(...parts);
}

/** The head of a value in some width that holds it, or in a smaller one. */
function looseHead(random: Random, major: number, value: number): Uint8Array {
  const shortest =
    value < 24 ? 0 : value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 2 ** 32 ? 3 : 4;
  const width = random() < 0.9 ? shortest : below(random, 5);
  if (width === 0) return Uint8Array.of((major << 5) | (value & 31));
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return concatBytes(
    Uint8Array.of((major << 5) | (23 + width)),
    bytes.subarray(8 - 2 ** (width - 1)),
  );
}

/** Canonical bytes of some value. */
export const randomCbor = (random: Random): Uint8Array => encodeCanonical(randomValue(random));
