import { concatBytes } from "../../../src/node/core/bytes.ts";
import { below, pick, type Random, randomBytes } from "../../blocks/random.ts";

/** What grows beyond this is cut: most inputs are small. */
const maxBytes = 64 * 1024;

/** Bytes at which something ends in CBOR, zstd and JSON. */
const interesting = [
  0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1f, 0x20, 0x38, 0x3b, 0x40, 0x41, 0x58, 0x59, 0x5a,
  0x5b, 0x5f, 0x60, 0x61, 0x78, 0x7b, 0x7f, 0x80, 0x81, 0x98, 0x9a, 0x9b, 0x9f, 0xa0, 0xa1, 0xb8,
  0xbb, 0xbf, 0xc0, 0xd8, 0xf4, 0xf5, 0xf6, 0xf7, 0xf9, 0xfb, 0xfe, 0xff,
];
/** Lengths that no input has, behind the heads of byte strings, texts, lists and maps. */
const hugeLengths = [
  "ffff",
  "ffffffff",
  "7fffffff",
  "001fffffffffffff",
  "0020000000000000",
  "ffffffffffffffff",
];

type Change = (random: Random, bytes: Uint8Array, other: () => Uint8Array) => Uint8Array;

/** Writes over what stands at a place. */
function overwrite(bytes: Uint8Array, at: number, by: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed.set(by.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
  return changed;
}

/** Puts something in the place of a stretch. */
function splice(bytes: Uint8Array, at: number, end: number, by: Uint8Array): Uint8Array {
  return concatBytes(bytes.subarray(0, at), by, bytes.subarray(end));
}

/** A stretch: where it begins and ends. Short ones are likelier. */
function stretch(random: Random, bytes: Uint8Array): [at: number, end: number] {
  const at = below(random, bytes.length + 1);
  const longest = bytes.length - at;
  const length =
    random() < 0.7 ? below(random, Math.min(longest, 8) + 1) : below(random, longest + 1);
  return [at, at + length];
}

function setBytes(random: Random, bytes: Uint8Array, value: number): Uint8Array {
  const [at, end] = stretch(random, bytes);
  return overwrite(bytes, at, new Uint8Array(Math.max(1, end - at)).fill(value));
}

const changes: readonly Change[] = [
  (random, bytes) => {
    const at = below(random, bytes.length || 1);
    return overwrite(bytes, at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << below(random, 8))));
  },
  (random, bytes) =>
    overwrite(bytes, below(random, bytes.length || 1), Uint8Array.of(pick(random, interesting))),
  (random, bytes) => {
    const at = below(random, bytes.length || 1);
    return overwrite(bytes, at, Uint8Array.of((bytes[at] ?? 0) + (random() < 0.5 ? 1 : -1)));
  },
  (random, bytes) => setBytes(random, bytes, 0),
  (random, bytes) => setBytes(random, bytes, 0xff),
  (random, bytes) => bytes.subarray(0, below(random, bytes.length + 1)),
  (random, bytes) => bytes.subarray(below(random, bytes.length + 1)),
  (random, bytes) => concatBytes(bytes, randomBytes(random, 1 + below(random, 16))),
  (random, bytes) => {
    const at = below(random, bytes.length + 1);
    return splice(bytes, at, at, randomBytes(random, 1 + below(random, 8)));
  },
  (random, bytes) => splice(bytes, ...stretch(random, bytes), new Uint8Array(0)),
  (random, bytes, other) => {
    const [tail, [from, end]] = [other(), stretch(random, bytes)];
    const [start, stop] = stretch(random, tail);
    return splice(bytes, from, end, tail.subarray(start, stop));
  },
  (random, bytes, other) => {
    const tail = other();
    return concatBytes(
      bytes.subarray(0, below(random, bytes.length + 1)),
      tail.subarray(below(random, tail.length + 1)),
    );
  },
  (random, bytes) => {
    const [at, end] = stretch(random, bytes);
    const times = random() < 0.9 ? 1 : below(random, 64);
    const slice = bytes.subarray(at, end);
    return splice(bytes, end, end, concatBytes(...Array.from({ length: times }, () => slice)));
  },
  (random, bytes) => {
    const at = below(random, bytes.length + 1);
    const length = Buffer.from(pick(random, hugeLengths), "hex");
    const width = { 2: 25, 4: 26, 8: 27 }[length.length as 2 | 4 | 8];
    const head = Uint8Array.of((below(random, 8) << 5) | width);
    const huge = random() < 0.7 ? concatBytes(head, length) : Uint8Array.from(length);
    return random() < 0.5
      ? overwrite(bytes, at, huge)
      : splice(bytes, at, Math.min(at + 1, bytes.length), huge);
  },
];

/** Changes bytes in one way. @param other - gives another input to take pieces from. */
export function changeBytes(
  random: Random,
  bytes: Uint8Array,
  other: () => Uint8Array,
): Uint8Array {
  return pick(random, changes)(random, bytes, other).subarray(0, maxBytes);
}
