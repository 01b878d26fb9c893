const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Joins byte arrays into a new one. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Whether two byte arrays hold the same bytes. Not constant time: never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Compares byte by byte, a prefix before what it begins. Negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Orders two texts as their UTF-8 is ordered, where `<` goes by UTF-16. */
export function compareAsUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return Number(isSurrogate(x)) - Number(isSurrogate(y)) || x - y;
  }
  return a.length - b.length;
}

/** Whether a unit is half of a character that lies above all that have one unit. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Whether `bytes` begins with `prefix`. */
export function startsWithBytes(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

const hexDigits = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexDigits[byte] as string;
  return text;
}

/**
 * Bytes from hexadecimal of either case.
 * @returns `undefined` if `text` is not an even number of hexadecimal digits.
 */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** UTF-8 of a string. A lone surrogate becomes U+FFFD, so check names before. */
export function toUtf8(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

/**
 * The string of UTF-8 bytes.
 * @returns `undefined` if they are not valid UTF-8.
 */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Calls take their arguments from the stack, which is not endless. */
const charactersACall = 4096;

/**
 * One string for each sequence of bytes (a character a byte), to key a `Map` by. Sorts as the
 * bytes do.
 */
export function toBinaryString(bytes: Uint8Array): string {
  if (bytes.length <= charactersACall) {
    return Reflect.apply(String.fromCharCode, undefined, bytes) as string;
  }
  let text = "";
  for (let at = 0; at < bytes.length; at += charactersACall) {
    text += toBinaryString(bytes.subarray(at, at + charactersACall));
  }
  return text;
}

/** The 8 bytes of an unsigned integer up to 2^53 - 1, most significant first. */
export function uint64Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  let low = value >>> 0;
  let high = Math.floor(value / 0x1_0000_0000);
  for (let i = 7; i >= 4; i--, low >>>= 8) bytes[i] = low;
  for (let i = 3; i >= 0; i--, high >>>= 8) bytes[i] = high;
  return bytes;
}

/** Reads {@link uint64Bytes} back: 8 bytes must stand at `offset`. */
export function readUint64(bytes: Uint8Array, offset = 0): number {
  let value = 0;
  for (let i = offset; i < offset + 8; i++) value = value * 256 + (bytes[i] as number);
  return value;
}
