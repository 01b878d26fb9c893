import { decodeCanonical, encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { concatBytes, toUtf8, uint64Bytes } from "../../../src/node/core/bytes.ts";
import { IdMap } from "../../../src/node/core/id-map.ts";
import { asEntryId, asWriterId } from "../../../src/node/core/ids.ts";
import { parseStamp } from "../../../src/node/history/changes.ts";
import {
  decodeDeviceName,
  decodeKeptState,
  decodeLogItem,
  decodePurged,
  decodeRevision,
  decodeVersion,
  encodeLogItem,
  encodePurged,
  encodeRevision,
  encodeVersion,
  logKey,
  nameKey,
  parseLogKey,
  parseNameKey,
  parsePurgedKey,
  parseTagKey,
  parseVersionKey,
  purgedKey,
  tagKey,
  versionKey,
} from "../../../src/node/history/revision.ts";
import type { Tip } from "../../../src/node/history/tip.ts";
import {
  decodeEntry,
  decodeFolder,
  encodeEntry,
  encodeFolder,
  entryKey,
} from "../../../src/node/tree/entry.ts";
import {
  decodeRoot,
  decodeState,
  emptyState,
  encodeRoot,
  encodeState,
} from "../../../src/node/tree/state.ts";
import {
  decodeVector,
  encodeVector,
  parseVectorItem,
} from "../../../src/node/tree/version-vector.ts";
import {
  bytesParser,
  Flaw,
  joinPair,
  type Parser,
  pairParser,
  splitPair,
  textParser,
} from "../parser.ts";
import { vectorBytes, vectorPairs } from "../vectors.ts";

const what = "what is tried";
const states = (): Uint8Array[] => vectorBytes("states", "joins");
const revisions = (): Uint8Array[] => vectorBytes("revisions", "joins");
const keys = (): Uint8Array[] =>
  vectorPairs("revisions", "past").map((pair) => splitPair(pair).key);
const writers = ["a1b2c3d4", "a1b2c3d5", "00000000"].map((hex) =>
  asWriterId(Buffer.from(hex.padEnd(32, "0"), "hex")),
);
const tip = {
  state: {
    ...emptyState,
    vv: new IdMap(writers.map((writer) => [writer, 9])),
  },
} as unknown as Tip;

/** What maps and states of a tree hold. */
const treeParsers: readonly Parser[] = [
  ...(["tree", "removed", undefined] as const).map((map) =>
    pairParser(map === undefined ? "an entry" : `an entry of the map "${map}"`, {
      samples: () => vectorPairs("states", "joins"),
      parse: (pair) => {
        const { key, value } = splitPair(pair);
        return { standsIn: asEntryId(key.slice(0, 16)), entry: decodeEntry(key, value, map) };
      },
      encode: ({ standsIn, entry }) =>
        joinPair(entryKey(standsIn, entry.name, entry.id), encodeEntry(entry, standsIn)),
    }),
  ),
  bytesParser("the place of a folder", {
    samples: () => vectorPairs("states", "joins").map((pair) => splitPair(pair).value),
    parse: decodeFolder,
    encode: encodeFolder,
  }),
  bytesParser("a state", { samples: states, parse: decodeState, encode: encodeState }),
  bytesParser("the root of a map", {
    samples: () => [
      encodeCanonical(null),
      ...vectorBytes("links").map((link) => encodeCanonical(link)),
    ],
    parse: (bytes) => ({ root: decodeRoot(decodeCanonical(bytes, what), what) }),
    encode: ({ root }) => encodeCanonical(encodeRoot(root)),
  }),
  bytesParser("a version vector", {
    samples: states,
    parse: (bytes) => decodeVector(decodeCanonical(bytes, what), what),
    encode: (vector) => encodeCanonical(encodeVector(vector)),
  }),
  pairParser("an item of a version vector", {
    samples: () => writers.map((writer, i) => joinPair(writer, uint64Bytes(i + 1))),
    parse: (pair) => {
      const { key, value } = splitPair(pair);
      return parseVectorItem(key, value);
    },
    encode: ({ writer, counter }) => joinPair(writer, uint64Bytes(counter)),
  }),
];

/** What revisions and the maps of a history hold. */
const historyParsers: readonly Parser[] = [
  bytesParser("a revision", { samples: revisions, parse: decodeRevision, encode: encodeRevision }),
  bytesParser("the key of a version", {
    samples: keys,
    parse: parseVersionKey,
    encode: ({ id, stamp }) => versionKey(id, stamp),
  }),
  bytesParser("a version in a history", {
    samples: revisions,
    parse: decodeVersion,
    encode: encodeVersion,
  }),
  bytesParser("the key of a log record", { samples: keys, parse: parseLogKey, encode: logKey }),
  bytesParser("a log record", { samples: revisions, parse: decodeLogItem, encode: encodeLogItem }),
  bytesParser("a tag", { samples: revisions, parse: decodeKeptState, encode: encodeLogItem }),
  bytesParser("the key of a tag", {
    samples: keys,
    parse: parseTagKey,
    encode: ({ name, stamp }) => tagKey(name, stamp),
  }),
  bytesParser("the key of a purged version", {
    samples: keys,
    parse: parsePurgedKey,
    encode: purgedKey,
  }),
  bytesParser("a purged version", {
    samples: () =>
      [1, 2, 5].map((count) =>
        concatBytes(...Array.from({ length: count }, (_, i) => new Uint8Array(32).fill(i))),
      ),
    parse: decodePurged,
    encode: encodePurged,
  }),
  bytesParser("the key of a device's name", {
    samples: keys,
    parse: parseNameKey,
    encode: nameKey,
  }),
  bytesParser("a device's name", {
    samples: () => ["a", "laptop", "é"].map(toUtf8),
    parse: decodeDeviceName,
    encode: toUtf8,
  }),
  textParser("the name of a version", {
    samples: () => ["1-a1b2c3d40", "9-00000000", `12-${"a1b2c3d4".padEnd(32, "0")}`],
    codes: ["usage", "not-found"],
    parse: (text) => parseStamp(tip, text),
    check: ({ counter }) => {
      if (!Number.isSafeInteger(counter) || counter < 1) throw new Flaw("no counter");
    },
  }),
];

/** Both. */
export const treeAndHistoryParsers: readonly Parser[] = [...treeParsers, ...historyParsers];
