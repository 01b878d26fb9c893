import { below, pick, type Random } from "../../blocks/random.ts";

/** What parsers of text have stumbled over elsewhere. */
const pieces = [
  "\0",
  "\ud800",
  "\udc00",
  "\ud83d\ude00",
  "\ufeff",
  "\ufffd",
  "\uffff",
  "\u202e",
  "\u200d",
  "\u0301",
  "\u00a0",
  "\u2028",
  "é",
  "e\u0301",
  "İ",
  "ß",
  "ﬀ",
  "\n",
  "\r\n",
  "\t",
  " ",
  "\\",
  '"',
  "'",
  "/",
  "//",
  ".",
  "..",
  "/../",
  "~",
  "*",
  "**",
  "/**/",
  "?",
  "[",
  "]",
  "[!",
  "{",
  "}",
  "(",
  "!",
  "#",
  "%00",
  "$",
  "^",
  "+",
  "-",
  "0",
  "9",
  "-1",
  "1e999",
  "999999999999999999999",
  "NaN",
  "null",
  "__proto__",
  "constructor",
  "ago",
  " days ago",
  "T",
  "Z",
  ":",
  "\u{1f3d4}",
  "\u{10ffff}",
  "a",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];
/** What grows beyond this is cut, but for one of a thousand. */
const maxCharacters = 4096;
const maxLongCharacters = 256 * 1024;

type Change = (random: Random, text: string, other: () => string) => string;

const changes: readonly Change[] = [
  (random, text) => {
    const at = below(random, text.length + 1);
    return text.slice(0, at) + pick(random, pieces) + text.slice(at);
  },
  (random, text) => {
    const at = below(random, text.length + 1);
    return text.slice(0, at) + String.fromCharCode(below(random, 0x1_0000)) + text.slice(at + 1);
  },
  (random, text) => {
    const at = below(random, text.length + 1);
    return text.slice(0, at) + String.fromCharCode(below(random, 0x80)) + text.slice(at + 1);
  },
  (random, text) => {
    const at = below(random, text.length + 1);
    return (
      text.slice(0, at) + text.slice(at + 1 + below(random, random() < 0.7 ? 4 : text.length + 1))
    );
  },
  (random, text) => {
    const at = below(random, text.length + 1);
    const slice = text.slice(at, at + 1 + below(random, 12));
    return text.slice(0, at) + slice.repeat(1 + below(random, 4)) + text.slice(at);
  },
  (random, text, other) => {
    const tail = other();
    return (
      text.slice(0, below(random, text.length + 1)) + tail.slice(below(random, tail.length + 1))
    );
  },
  (random, text) => text.slice(0, below(random, text.length + 1)),
  (random, text) => (random() < 0.5 ? text.toUpperCase() : text.toLowerCase()),
  (random, text) => text.normalize(pick(random, ["NFC", "NFD", "NFKC", "NFKD"])),
  (random, text) => text.replace(/\d+/u, () => pick(random, pieces)),
];

/** Changes text in one way. @param other - gives another to take pieces from. */
export function changeText(random: Random, text: string, other: () => string): string {
  if (random() < 0.001) return lengthened(random, text);
  return pick(random, changes)(random, text, other).slice(0, maxCharacters);
}

function lengthened(random: Random, text: string): string {
  const at = below(random, text.length + 1);
  const slice = text.slice(at, at + 1 + below(random, 12)) || "a";
  const long = slice.repeat(Math.ceil((random() * maxLongCharacters) / slice.length));
  return text.slice(0, at) + long + text.slice(at);
}

/** Text of pieces that are odd together. */
export function randomText(random: Random): string {
  return Array.from({ length: below(random, 12) }, () => pick(random, pieces)).join("");
}
