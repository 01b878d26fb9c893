import { toHex } from "../../../../src/node/core/bytes.ts";
import { type CborValue, decodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { about, type BytesSpec, bytesOf, codeOf, ruleNotes } from "../common.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** A value as a file shows it: what JSON has no form for is marked. */
export function showCbor(value: CborValue): VectorValue {
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  if (Array.isArray(value)) return (value as readonly CborValue[]).map(showCbor);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as Readonly<Record<string, CborValue>>);
  return { map: entries.map(([key, each]): VectorValue => [key, showCbor(each)]) };
}

/** Longer values are given by their bytes alone. */
const shownBytes = 300;

const accepted: [string, BytesSpec][] = [
  ["0", "00"],
  ["23, the largest in one byte", "17"],
  ["24", "1818"],
  ["255", "18ff"],
  ["256", "190100"],
  ["65,535", "19ffff"],
  ["65,536", "1a00010000"],
  ["2^32 - 1", "1affffffff"],
  ["2^32", "1b0000000100000000"],
  ["2^53 - 1", "1b001fffffffffffff"],
  ["-1", "20"],
  ["-24", "37"],
  ["-25", "3818"],
  ["-256", "38ff"],
  ["-(2^53 - 1)", "3b001ffffffffffffe"],
  ["false, true and null", "83f4f5f6"],
  ["no bytes", "40"],
  ["24 bytes", ["5818", { repeat: "07", times: 24 }]],
  ["256 bytes", ["590100", { repeat: "07", times: 256 }]],
  ["65,536 bytes", ["5a00010000", { zeros: 65_536 }]],
  ["no text", "60"],
  ["text of one, two, three and four bytes a character", "6a61c3bce282acf09f9880"],
  ["a byte order mark, which stays", "64efbbbf61"],
  ["text of a NUL", "6100"],
  ["the last character of Unicode", "64f48fbfbf"],
  ["an empty list and an empty map", "8280a0"],
  ["keys by length, then by bytes", ["a4", "616101", "616202", "62616103", "62626204"]],
  ["an empty key", "a16000"],
  ["a key that some languages take for something else", "a1695f5f70726f746f5f5f01"],
  ["lists 8 deep", [{ repeat: "81", times: 7 }, "80"]],
  ["maps 8 deep", [{ repeat: "a160", times: 7 }, "a0"]],
  ["a number below 8 lists", [{ repeat: "81", times: 8 }, "00"]],
  ["100,000 values", ["9a0001869f", { repeat: "00", times: 99_999 }]],
  ["100,000 values, map keys counted", ["998235", { repeat: "a16000", times: 33_333 }]],
];

const refused: [string, BytesSpec][] = [
  ["nothing", ""],
  ["a byte follows", "0000"],
  ["23 in two bytes", "1817"],
  ["255 in three bytes", "1900ff"],
  ["65,535 in five bytes", "1a0000ffff"],
  ["2^32 - 1 in nine bytes", "1b00000000ffffffff"],
  ["-24 in two bytes", "3817"],
  ["a length in two bytes that fits in one", "580107"],
  ["2^53", "1b0020000000000000"],
  ["2^64 - 1", "1bffffffffffffffff"],
  ["-(2^53)", "3b001fffffffffffff"],
  ["-(2^53) - 1", "3b0020000000000000"],
  ["a reserved length, 28", "1c"],
  ["a reserved length, 30", "1e"],
  ["a number without an end", "1f"],
  ["bytes of indefinite length", "5f4107ff"],
  ["text of indefinite length", "7f6161ff"],
  ["a list of indefinite length", "9f00ff"],
  ["a map of indefinite length", "bf6000ff"],
  ["a break", "ff"],
  ["a number cut off", "18"],
  ["a number of eight bytes cut off", "1b00200000000000"],
  ["bytes cut off", "4200"],
  ["text cut off", "6261"],
  ["a list cut off", "8200"],
  ["a map without its key", "a1"],
  ["a map with half a key", "a16261"],
  ["a map without its value", "a16161"],
  ["bytes of a length that nothing holds", "5b001fffffffffffff00"],
  ["a list of a length that nothing holds", "9b001fffffffffffff00"],
  ["a map of a length that nothing holds", "bb001fffffffffffff6000"],
  ["text that is no UTF-8", "61ff"],
  ["text cut within a character", "61c3"],
  ["a NUL in two bytes", "62c080"],
  ["half a surrogate pair", "63eda080"],
  ["a character beyond Unicode", "64f4908080"],
  ["a key that is no UTF-8", "a161ff00"],
  ["keys out of order by bytes", "a2616201616102"],
  ["keys out of order by length", "a262616101616202"],
  ["a key twice", "a2616101616102"],
  ["a key of bytes", "a1416100"],
  ["a key of a number", "a10000"],
  ["a key with a length in two bytes that fits in one", "a178016100"],
  ["a float of 2 bytes", "f97e00"],
  ["a float of 4 bytes", "fa3f800000"],
  ["a float of 8 bytes", "fb3ff0000000000000"],
  ["undefined", "f7"],
  ["a simple value", "e0"],
  ["a simple value of two bytes", "f8ff"],
  ["a tag", "c100"],
  ["a link of dag-cbor", ["d82a58250001551220", { zeros: 32 }]],
  ["a large number", "c249010000000000000000"],
  ["lists 9 deep", [{ repeat: "81", times: 8 }, "80"]],
  ["maps 9 deep", [{ repeat: "a160", times: 8 }, "a0"]],
  ["a map in 8 lists", [{ repeat: "81", times: 8 }, "a0"]],
  ["100,001 values", ["9a000186a0", { zeros: 100_000 }]],
  ["100,001 values, map keys counted", ["998236", { repeat: "a16000", times: 33_333 }, "00"]],
];

/** What canonical dag-cbor is here, and what it is not. */
export function makeCbor(): VectorValue {
  return {
    about: about("§3, encoding", [
      ...ruleNotes,
      '`value`: as JSON, {"bytes": hexadecimal} for bytes and {"map": [[key, value], ...]} for a map;',
      `absent where the bytes are more than ${shownBytes.toString()}.`,
    ]),
    accepted: accepted.map(([name, bytes]) => {
      const value = decodeCanonical(bytesOf(bytes), name);
      const isShown = bytesOf(bytes).length <= shownBytes;
      return { name, bytes, ...(isShown ? { value: showCbor(value) } : {}) };
    }),
    refused: refused.map(([name, bytes]) => ({
      name,
      bytes,
      code: codeOf(() => decodeCanonical(bytesOf(bytes), name)),
    })),
  };
}
