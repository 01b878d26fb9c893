import type { Mutant } from "./mutate.ts";

/** A change that nobody can see, and why. */
export interface Equivalent extends Pick<Mutant, "file" | "within" | "from" | "to"> {
  readonly why: string;
}

/**
 * Changes that no vector can notice. Each says why; one that a vector notices after all, or that no
 * longer stands in the code, is told by `npm run mutants`.
 */
export const equivalents: readonly Equivalent[] = [
  {
    file: "src/node/blocks/content/content-reader.ts",
    within: "cacheBytes",
    from: "cacheBytes = 8 * 1024 * 1024",
    to: "cacheBytes = (8 * 1024 * 1024 + 1)",
    why: "how much is held in memory changes no byte",
  },
  {
    file: "src/node/blocks/content/content-reader.ts",
    within: "cacheBytes",
    from: "cacheBytes = 8 * 1024 * 1024",
    to: "cacheBytes = (8 * 1024 * 1024 - 1)",
    why: "how much is held in memory changes no byte",
  },
  {
    file: "src/node/blocks/content/content-reader.ts",
    within: "chunksAhead",
    from: "chunksAhead = 4",
    to: "chunksAhead = (4 + 1)",
    why: "how many chunks are asked for ahead changes no byte",
  },
  {
    file: "src/node/blocks/content/content-reader.ts",
    within: "chunksAhead",
    from: "chunksAhead = 4",
    to: "chunksAhead = (4 - 1)",
    why: "how many chunks are asked for ahead changes no byte",
  },
  {
    file: "src/node/blocks/content/content-reader.ts",
    within: "read",
    from: "next < last && ahead.length <= chunksAhead",
    to: "(next < last)",
    why: "how many chunks are asked for ahead changes no byte",
  },
  {
    file: "src/node/blocks/content/content-reader.ts",
    within: "read",
    from: "next < last && ahead.length <= chunksAhead",
    to: "next < last && ahead.length < chunksAhead",
    why: "how many chunks are asked for ahead changes no byte",
  },
  {
    file: "src/node/core/follow-links.ts",
    within: "firstLink",
    from: 'if (kind !== "folder") return undefined;',
    to: "if (false) return undefined;",
    why: "below what is no folder stands nothing, so no link either: this spares asking",
  },
  {
    file: "src/node/blocks/record.ts",
    within: "checked",
    from: "asInteger(size, `the size in ${what}`, 0, maxFileBytes)",
    to: "asInteger(size, `the size in ${what}`, (0 - 1), maxFileBytes)",
    why: "no content has -1 bytes, and it must have as many as the size says",
  },
  {
    file: "src/node/blocks/seal.ts",
    within: "openBlock",
    from: "bytes.length < commitmentBytes + headerBytes + tagBytes || bytes.length > maxBlockBytes",
    to: "bytes.length < commitmentBytes + headerBytes + tagBytes || bytes.length >= maxBlockBytes",
    why: "no padded length makes a block of just 1,048,576 bytes",
  },
  {
    file: "src/node/blocks/sealed-map.ts",
    within: "first",
    from: "compareBytes(from, prefix) > 0 ? from : prefix",
    to: "compareBytes(from, prefix) >= 0 ? from : prefix",
    why: "where the two are equal either is the same",
  },
  {
    file: "src/node/blocks/sealed-map.ts",
    within: "rangeOfMap",
    from: "compareBytes(place.start, prefix) > 0 && !startsWithBytes(place.start, prefix)",
    to: "compareBytes(place.start, prefix) >= 0 && !startsWithBytes(place.start, prefix)",
    why: "what is equal to the prefix begins with it",
  },
  {
    file: "src/node/blocks/shape.ts",
    within: "asRecord",
    from: 'if (value === null || Object.getPrototypeOf(value) !== Object.prototype) { return refuseShape(what, "a map of fields"); }',
    to: 'if ((value === null)) { return refuseShape(what, "a map of fields"); }',
    why: "what is no map has no version either, and is refused alike",
  },
  {
    file: "src/node/blocks/shape.ts",
    within: "asRecord",
    from: 'if (!field.endsWith("?") && !(field in record)) refuseShape(what, `the field "${field}"`);',
    to: 'if (false) refuseShape(what, `the field "${field}"`);',
    why: "no field may be undefined, so that its reader refuses it alike; this names it better",
  },
  {
    file: "src/node/crypto/derive.ts",
    within: "hkdfSha256",
    from: "at < length",
    to: "at <= length",
    why: "a block more of which nothing is taken",
  },
  {
    file: "src/node/crypto/sign.ts",
    within: "isStrongPoint",
    from: "topIsFull && (y[0] ?? 0) >= 0xed",
    to: "topIsFull && (y[0] ?? 0) >= (0xed - 1)",
    why: "2^255 - 20 is the y of a point of small order, and refused as that",
  },
  {
    file: "src/node/tree/ancestry.ts",
    within: "cycleOf",
    from: "at !== undefined && !isRoot(at)",
    to: "(at !== undefined)",
    why: "the root has no place in `folders`: the way ends there either way",
  },
  {
    file: "src/node/tree/listed-name.ts",
    within: "compareNamesakes",
    from: "( Number(isLive(b)) - Number(isLive(a)) || compareStamps(a.at, b.at) || compareBytes(a.id, b.id) )",
    to: "( (Number(isLive(b)) - Number(isLive(a)) || compareStamps(a.at, b.at)) )",
    why: "namesakes come out of the map by their ids, and sorting leaves equal ones in that order",
  },
  {
    file: "src/node/tree/place.ts",
    within: "isVisible",
    from: 'if (entry.kind !== "folder") return false;',
    to: "if (false) return false;",
    why: "what is dead and no folder never stands in `tree`: this spares looking for it",
  },
  {
    file: "src/node/tree/version-vector.ts",
    within: "covers",
    from: "(vector.get(toBinaryString(stamp.writer)) ?? 0) >= stamp.counter",
    to: "((vector.get(toBinaryString(stamp.writer)))) >= stamp.counter",
    why: "undefined is not as large as any counter, as 0 is not",
  },
  {
    file: "src/node/tree/version-vector.ts",
    within: "joinVectors",
    from: "(joined.get(writer) ?? 0) < counter",
    to: "(joined.get(writer) ?? 0) <= counter",
    why: "of two equal counters either is the larger",
  },
];
