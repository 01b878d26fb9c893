import { compareBytes, fromUtf8, toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";

/**
 * What the format uses of dag-cbor: integers up to 2^53 - 1 in size, byte strings, text, lists,
 * maps with text keys, booleans and null. No floats, no tags.
 */
export type CborValue =
  | number
  | boolean
  | null
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue };

/** Bounds kept while decoding; what goes beyond is refused before it is built. FORMAT §3. */
export interface CborBounds {
  /** Nesting of lists and maps, the outermost included. */
  readonly maxDepth: number;
  /** Values of all kinds, map keys included. */
  readonly maxItems: number;
}

const defaultBounds: CborBounds = { maxDepth: 8, maxItems: 100_000 };

let scratch = new Uint8Array(64 * 1024);

function room(at: number, length: number): void {
  if (at + length <= scratch.length) return;
  const larger = new Uint8Array(Math.max(scratch.length * 2, at + length));
  larger.set(scratch.subarray(0, at));
  scratch = larger;
}

function writeHead(at: number, major: number, value: number): number {
  room(at, 9);
  const lead = major << 5;
  if (value < 24) {
    scratch[at] = lead | value;
    return at + 1;
  }
  if (value < 0x100) {
    scratch[at] = lead | 24;
    scratch[at + 1] = value;
    return at + 2;
  }
  if (value < 0x1_0000) {
    scratch[at] = lead | 25;
    scratch[at + 1] = value >>> 8;
    scratch[at + 2] = value;
    return at + 3;
  }
  const view = new DataView(scratch.buffer);
  if (value < 0x1_0000_0000) {
    scratch[at] = lead | 26;
    view.setUint32(at + 1, value);
    return at + 5;
  }
  scratch[at] = lead | 27;
  view.setUint32(at + 1, Math.floor(value / 0x1_0000_0000));
  view.setUint32(at + 5, value >>> 0);
  return at + 9;
}

function writeBytes(at: number, major: number, bytes: Uint8Array): number {
  const start = writeHead(at, major, bytes.length);
  room(start, bytes.length);
  scratch.set(bytes, start);
  return start + bytes.length;
}

function compareMapKeys(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || compareBytes(a, b);
}

function write(start: number, value: CborValue): number {
  let at = start;
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new CloudError("unexpected", `expected a safe integer to encode, got ${String(value)}`);
    }
    return value >= 0 ? writeHead(at, 0, value) : writeHead(at, 1, -1 - value);
  }
  if (value instanceof Uint8Array) return writeBytes(at, 2, value);
  if (typeof value === "string") return writeBytes(at, 3, toUtf8(value));
  if (value === null || typeof value === "boolean") {
    room(at, 1);
    scratch[at] = value === null ? 0xf6 : value ? 0xf5 : 0xf4;
    return at + 1;
  }
  if (Array.isArray(value)) {
    const list = value as readonly CborValue[];
    at = writeHead(at, 4, list.length);
    for (const item of list) at = write(at, item);
    return at;
  }
  const map = value as Readonly<Record<string, CborValue>>;
  const keys = Object.keys(map)
    .map((key) => ({ key, bytes: toUtf8(key) }))
    .sort((a, b) => compareMapKeys(a.bytes, b.bytes));
  at = writeHead(at, 5, keys.length);
  for (const { key, bytes } of keys) {
    at = writeBytes(at, 3, bytes);
    at = write(at, map[key] as CborValue);
  }
  return at;
}

/** The one canonical dag-cbor encoding of a value. @throws unexpected, for an unsafe integer. */
export function encodeCanonical(value: CborValue): Uint8Array {
  const end = write(0, value);
  return scratch.slice(0, end);
}

/**
 * Decodes canonical dag-cbor and nothing else, so that equal values have equal bytes: shortest
 * heads, definite lengths, map keys sorted and unique, valid UTF-8, no byte left over.
 * Byte strings of the result are views of `bytes`.
 * @param what - names the object in errors.
 * @throws damaged
 */
export function decodeCanonical(
  bytes: Uint8Array,
  what: string,
  bounds: CborBounds = defaultBounds,
): CborValue {
  const refuse = (why: string): never => {
    throw new CloudError("damaged", `${what} is not canonical dag-cbor: ${why}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  let items = 0;

  /** Steps over some bytes. @returns where they begin. */
  const step = (length: number): number => {
    if (length > bytes.length - at) refuse("it ends early");
    at += length;
    return at - length;
  };

  const readLead = (): number => view.getUint8(step(1));

  const readArgument = (info: number): number => {
    if (info < 24) return info;
    const width = info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0;
    if (width === 0) refuse("an indefinite or reserved length");
    const start = step(width);
    let value: number;
    let least: number;
    if (width === 1) [value, least] = [view.getUint8(start), 24];
    else if (width === 2) [value, least] = [view.getUint16(start), 0x100];
    else if (width === 4) [value, least] = [view.getUint32(start), 0x1_0000];
    else {
      value = view.getUint32(start) * 0x1_0000_0000 + view.getUint32(start + 4);
      least = 0x1_0000_0000;
    }
    if (value < least) refuse("a number longer than it needs to be");
    if (value > Number.MAX_SAFE_INTEGER) refuse("a number beyond 2^53 - 1");
    return value;
  };

  const take = (length: number): Uint8Array => {
    const start = step(length);
    return bytes.subarray(start, start + length);
  };

  const readList = (length: number, depth: number): CborValue => {
    // Each value has a byte of its own at least, so that a length beyond the bytes ends early.
    const list: CborValue[] = [];
    for (let i = 0; i < length; i++) list.push(read(depth + 1));
    return list;
  };

  const readMap = (length: number, depth: number): CborValue => {
    const map: Record<string, CborValue> = {};
    let last: Uint8Array | undefined;
    for (let i = 0; i < length; i++) {
      items++; // its value, which must follow, tells if that is one too many
      const lead = readLead();
      if (lead >> 5 !== 3) refuse("a map key that is not text");
      const raw = take(readArgument(lead & 31));
      const key = fromUtf8(raw) ?? refuse("text that is not UTF-8");
      if (last !== undefined && compareMapKeys(last, raw) >= 0) refuse("map keys out of order");
      last = raw;
      Object.defineProperty(map, key, { value: read(depth + 1), enumerable: true });
    }
    return map;
  };

  const read = (depth: number): CborValue => {
    if (++items > bounds.maxItems) refuse("too many values");
    const lead = readLead();
    const info = lead & 31;
    switch (lead >> 5) {
      case 0:
        return readArgument(info);
      case 1: {
        const value = -1 - readArgument(info);
        return Number.isSafeInteger(value) ? value : refuse("a number below -(2^53 - 1)");
      }
      case 2:
        return take(readArgument(info));
      case 3:
        return fromUtf8(take(readArgument(info))) ?? refuse("text that is not UTF-8");
      case 4:
      case 5:
        if (depth > bounds.maxDepth) refuse("nested too deep");
        return lead >> 5 === 4
          ? readList(readArgument(info), depth)
          : readMap(readArgument(info), depth);
      default:
        if (lead === 0xf4) return false;
        if (lead === 0xf5) return true;
        if (lead === 0xf6) return null;
        return refuse("a tag, a float or a simple value that the format does not use");
    }
  };

  const value = read(1);
  if (at !== bytes.length) refuse("bytes left over at its end");
  return value;
}
