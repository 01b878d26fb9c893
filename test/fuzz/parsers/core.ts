import { checkDeviceName, deviceNameFault } from "../../../src/node/account/device-names.ts";
import { unknownWord } from "../../../src/node/account/unknown-word.ts";
import { secretOfWords, wordsOfSecret } from "../../../src/node/account/words.ts";
import { checkCounter } from "../../../src/node/blocks/shape.ts";
import { parseCount } from "../../../src/node/cli/define-command.ts";
import { drivePath } from "../../../src/node/cli/drive-path.ts";
import { typedWhen } from "../../../src/node/cli/typed-when.ts";
import { fromHex, fromUtf8, toHex, toUtf8 } from "../../../src/node/core/bytes.ts";
import { parseTime } from "../../../src/node/core/parse-time.ts";
import { checkNewPassphrase, fewestCharacters } from "../../../src/node/core/passphrase.ts";
import {
  checkName,
  formatPath,
  namesOf,
  parsePath,
  resolvePath,
} from "../../../src/node/core/path.ts";
import { decodeStamp, encodeStamp } from "../../../src/node/core/stamp.ts";
import { defaultDeviceName } from "../../../src/node/platform/device-name.ts";
import { parseLogLevel } from "../../../src/node/platform/log.ts";
import { fuzzyScore, parseFuzzy } from "../../../src/node/space/find/fuzzy-score.ts";
import { parseGlob } from "../../../src/node/space/find/glob.ts";
import { checkTagName } from "../../../src/node/space/past/tags.ts";
import { isMoment } from "../../../src/node/space/past/when.ts";
import { readAddress } from "../../../src/provider/versions/version-address.ts";
import { bytesParser, Flaw, jsonParser, type Parser, textParser } from "../parser.ts";
import { vectorBytes, vectorTexts } from "../vectors.ts";

const noon = Date.UTC(2026, 10, 21, 12);
/** As far from 1970 as a `Date` goes, in milliseconds. */
const farthest = 8.64e15;
const paths = ["/", "", "/a/b", "a/b/", "notes/2026/é.txt", "/a.b/c d/~e", `/${"a/".repeat(900)}b`];
const moments = [
  "now",
  "yesterday",
  "2 days ago",
  "an hour ago",
  "2026-01-31",
  "2026-01-31T12:00",
  "2026-01-31 12:00:05.25Z",
  "2024-02-29T23:59:59,999999999+05:30",
  "0099-01-01",
  "9999-12-31T23:59Z",
  "12 Months ago",
];
const names = ["a", "notes.txt", "é", "a b", "…", ".hidden", "x".repeat(255)];

/** Text that people type, and ids. */
export const coreParsers: readonly Parser[] = [
  textParser("hexadecimal", {
    samples: () => ["", "00", "A1b2", "ff".repeat(40)],
    parse: fromHex,
    check: (bytes, text) => {
      if (toHex(bytes) !== text.toLowerCase()) throw new Flaw("other digits");
    },
  }),
  bytesParser("UTF-8", {
    samples: () => ["", "a", "é\ufeff\u{1f3d4}"].map(toUtf8),
    parse: fromUtf8,
    encode: toUtf8,
  }),
  bytesParser("a stamp", {
    samples: () => vectorBytes("states").filter(({ length }) => length === 24),
    parse: (bytes) => checkCounter(decodeStamp(bytes), "a stamp"),
    check: (stamp, bytes) => {
      if (toHex(encodeStamp(stamp)) !== toHex(bytes.subarray(0, 24)))
        throw new Flaw("another stamp");
    },
  }),
  textParser("a name", {
    samples: () => names,
    codes: ["invalid-name"],
    parse: (name) => {
      checkName(name);
      return name;
    },
    check: (name) => {
      if (fromUtf8(toUtf8(name)) !== name || toUtf8(name).length > 255) throw new Flaw("no name");
    },
  }),
  textParser("a path", {
    samples: () => [...paths, ...vectorTexts("content")],
    codes: ["invalid-name"],
    parse: parsePath,
    check: (found) => {
      if (formatPath(parsePath(formatPath(found))) !== formatPath(found))
        throw new Flaw("another path");
    },
  }),
  textParser("what a link says", {
    samples: () => ["..", "../a/./b", "/x/../../y", ...vectorTexts("content")],
    parse: (target) => resolvePath("/a/b", target),
    check: (path) => {
      const isResolved = namesOf(path).every((name) => name !== "." && name !== "..");
      if (!isResolved || formatPath(namesOf(path)) !== path) throw new Flaw("not resolved");
    },
  }),
  textParser("a path as typed", {
    samples: () => paths.filter((path) => path !== ""),
    codes: ["usage", "invalid-name"],
    parse: drivePath,
    check: (path) => {
      if (drivePath(path) !== path) throw new Flaw("typed again it is another");
    },
  }),
  textParser("a time", {
    samples: () => moments,
    parse: (text) => parseTime(text, noon),
    check: (time, text) => {
      if (!(Math.abs(time) <= farthest)) throw new Flaw(`${time.toString()} is no time`);
      const year = /^\s*(\d{4})-/u.exec(text)?.[1];
      const found = new Date(time).getUTCFullYear();
      if (year !== undefined && Math.abs(found - Number(year)) > 1) throw new Flaw("another year");
    },
  }),
  textParser("a moment as typed", {
    samples: () => moments,
    parse: (text) => (isMoment(text) ? typedWhen(text) : undefined),
    check: (when) => {
      if (!isMoment(when)) throw new Flaw("no moment any more");
    },
  }),
  textParser("the name of a tag", {
    samples: () => ["v1", "before the trip", "Größe 2.0", "a_b-c"],
    codes: ["usage"],
    parse: (name) => {
      checkTagName(name);
      return name;
    },
    check: (name) => {
      if (isMoment(name) || !name.isWellFormed()) throw new Flaw("no tag");
    },
  }),
  textParser("a pattern of paths", {
    samples: () => ["*.md", "/notes/**/[a-z!]?", "{a,b{c,d}}", "\\*", "**", "[!x]y"],
    codes: ["usage"],
    parse: (pattern) => parseGlob(pattern, pattern.length % 2 === 0),
    check: (glob) => {
      for (const path of paths) glob.matches(path.split("/"));
    },
  }),
  textParser("letters of a file's name", {
    samples: () => ["nts", "Notes 26/é", " a  b ", "🏔"],
    parse: parseFuzzy,
    check: (query) => {
      for (const path of paths) {
        const score = fuzzyScore(query, path, "notes.txt");
        if (!Number.isFinite(score) || score < 0) throw new Flaw("no score");
      }
    },
  }),
  textParser("a new passphrase", {
    samples: () => ["correct horse", "Zürich is 🏔 high"],
    codes: ["usage"],
    parse: (passphrase) => {
      checkNewPassphrase(passphrase);
      return passphrase;
    },
    check: (passphrase) => {
      if (passphrase.normalize("NFC").length < fewestCharacters) throw new Flaw("short");
    },
  }),
  textParser("24 words", {
    samples: () => vectorTexts("words").filter((text) => text.split(/\s+/u).length >= 24),
    codes: ["usage"],
    share: 0.03,
    parse: secretOfWords,
    check: (secret, text) => {
      const words = text.normalize("NFKD").toLowerCase().split(/\s+/u).filter(Boolean);
      if (wordsOfSecret(secret) !== words.join(" ")) throw new Flaw("other words");
    },
  }),
  textParser("a word that is none", {
    samples: () => ["abandn", "zoo"],
    share: 0.01,
    parse: (word) => unknownWord(word, 1),
  }),
  textParser("the name of a device", {
    samples: () => ["laptop", "Größe", "x".repeat(63)],
    codes: ["usage"],
    parse: (name) => {
      checkDeviceName(name);
      return name;
    },
    check: (name) => {
      if (toUtf8(name).length > 63 || fromUtf8(toUtf8(name)) !== name) throw new Flaw("no name");
    },
  }),
  textParser("the name of a host", {
    samples: () => ["laptop.local", "", "a b", "é".repeat(80)],
    parse: defaultDeviceName,
    check: (name) => {
      const fault = deviceNameFault(name);
      if (fault !== undefined) throw new Flaw(`the name ${fault}`);
    },
  }),
  textParser("the level of a log", { samples: () => ["debug", "no"], parse: parseLogLevel }),
  textParser("a count as typed", {
    samples: () => ["1", "42"],
    codes: ["usage"],
    parse: parseCount,
  }),
  jsonParser("the address of a version", {
    samples: () => ['{"path":"/a","version":"1-a1b2c3d4"}', '{"at":"2 days ago"}'],
    codes: ["not-found"],
    parse: (query) => readAddress({ path: "/a", query }),
  }),
];
