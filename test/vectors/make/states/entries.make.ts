import { concatBytes, toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { type EntryId, rootId } from "../../../../src/node/core/ids.ts";
import { encodeStamp } from "../../../../src/node/core/stamp.ts";
import { type CborValue, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { asRecordLink } from "../../../../src/node/blocks/link.ts";
import {
  decodeEntry,
  decodeFolder,
  encodeEntry,
  type Entry,
  entryKey,
} from "../../../../src/node/tree/entry.ts";
import { codeOf } from "../common.make.ts";
import { ann, at, bob, content, dead, entry, id, linkTo, showEntry } from "./entry-words.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Entries as items of `tree` and `removed`. */
export function makeEntries(): VectorValue[] {
  const parent = id("a folder");
  const list: [string, Entry, EntryId, ("tree" | "removed")?][] = [
    ["a new file", entry("x", rootId, "name", { content: [content("x", at(1))] }), rootId],
    ["a file put again", entry("x", parent, "name", { content: [content("y", at(5))], live: [at(5)] }), parent],
    [
      "a conflict",
      entry("x", parent, "näme", { content: [content("x", at(4)), content("y", at(4, bob))], live: [at(4), at(4, bob)] }),
      parent,
    ],
    [
      "a file whose record a purge sealed anew",
      entry("x", parent, "name", { content: [{ ...content("x", at(1)), rewritten: at(8) }] }),
      parent,
    ],
    ["a folder without a record", entry("x", rootId, "name", { kind: "folder" }), rootId],
    ["a symbolic link", entry("x", rootId, "name", { kind: "link", content: [content("z", at(1))] }), rootId],
    ["a removed file", entry("x", parent, "name", { content: [content("x", at(1))], ...dead }), parent],
    [
      "one removed at two places",
      entry("x", parent, "name", { content: [content("x", at(1))], live: [], gone: [at(7), at(9, bob)] }),
      parent,
    ],
    ["one that is alive again", entry("x", parent, "name", { live: [at(12)], gone: [at(9)] }), parent],
    ["one that stands at the root for want of its parent", entry("x", parent, "name"), rootId],
    ["a name of 255 bytes", entry("x", rootId, "n".repeat(255)), rootId],
    [
      "a file whose record is in a pack",
      entry("x", rootId, "...", { content: [{ stamp: at(1), link: asRecordLink(concatBytes(linkTo("x"), Uint8Array.of(1, 2)), "a link") }] }),
      rootId,
    ],
    ["the last counter", entry("x", rootId, "name", { at: at(Number.MAX_SAFE_INTEGER) }), rootId],
    ["a mount", entry("x", rootId, "name", { kind: "mount" }), rootId, "tree"],
    ["a ghost", entry("x", rootId, "name", { kind: "folder", ...dead }), rootId, "tree"],
    ["a removed folder", entry("x", parent, "name", { kind: "folder", ...dead }), parent, "removed"],
    ["a husk", entry("x", parent, "name", { content: [], gone: [at(9)] }), parent, "removed"],
    ["a husk of a link", entry("x", parent, "name", { kind: "link", content: [] }), parent, "removed"],
  ];
  return list.map(([name, one, standsIn, map]) => ({
    name,
    ...(map === undefined ? {} : { map }),
    standsIn: toHex(standsIn),
    entry: showEntry(one),
    key: toHex(entryKey(standsIn, one.name, one.id)),
    value: toHex(encodeEntry(one, standsIn)),
  }));
}

/** Items of these that must not be read. */
export function makeRefusedEntries(): VectorValue[] {
  const [parent, own] = [id("a folder"), id("x")];
  const key = entryKey(parent, "name", own);
  const named = (name: Uint8Array): Uint8Array => concatBytes(parent, name, Uint8Array.of(0), own);
  const [one, two] = [encodeStamp(at(1)), encodeStamp(at(2))];
  const good: CborValue = [0, one, [], null, null, null];
  const link = linkTo("x");
  const items: [string, Uint8Array, CborValue, ("tree" | "removed")?][] = [
    ["the root's id", entryKey(parent, "name", rootId), good],
    ["a link of a later suite", key, [0, one, [one, link.with(0, 2)], null, null, null]],
    ["a link of suite 0", key, [0, one, [one, link.with(0, 0)], null, null, null]],
    ["neither in its parent nor in the root", key, [0, one, [], own, null, null]],
    ["dead and no folder in `tree`", key, [0, one, [], null, [], [two]], "tree"],
    ["alive in `removed`", key, [0, one, [one, link], null, null, null], "removed"],
    ["a folder alive in `removed`", key, [1, one, [], null, null, null], "removed"],
    ["a mount alive in `removed`", key, [3, one, [], null, null, null], "removed"],
    [
      "away from its parent in `removed`",
      entryKey(rootId, "name", own),
      [1, one, [], parent, [], [two]],
      "removed",
    ],
    ["an empty name", concatBytes(parent, Uint8Array.of(0), own), good],
    ["a slash in the name", named(toUtf8("a/b")), good],
    ["a NUL in the name", named(toUtf8("a\0b")), good],
    ["the name ..", named(toUtf8("..")), good],
    ["a name that is no UTF-8", named(Uint8Array.of(0xff)), good],
    ["a name of 256 bytes", named(toUtf8("n".repeat(256))), good],
    ["a later kind", key, [4, one, [], null, null, null]],
    ["a field too many", key, [0, one, [], null, null, null, null]],
    ["a counter of 0", key, [0, encodeStamp(at(0)), [], null, null, null]],
    ["the parent of the key once more", key, [0, one, [], parent, null, null]],
    ["a life that is just its place", key, [0, one, [], null, [one], null]],
    ["a life out of order", key, [0, one, [], null, [two, one], null]],
    ["contents out of order", key, [0, one, [two, link, one, link], null, null, null]],
    ["two contents of one stamp", key, [0, one, [one, link, one, link], null, null, null]],
    ["a content without a link", key, [0, one, [one], null, null, null]],
    ["a link of 66 bytes", key, [0, one, [one, concatBytes(link, Uint8Array.of(0))], null, null, null]],
    ["a record sealed anew by nobody", key, [0, one, [one, [link]], null, null, null]],
    ["a record sealed anew twice", key, [0, one, [one, [link, two, two]], null, null, null]],
    ["a record sealed anew at counter 0", key, [0, one, [one, [link, encodeStamp(at(0))]], null, null, null]],
    ["bytes, as many as an entry has parts", key, new Uint8Array(6)],
    ["text, as many characters as an entry has parts", key, "012345"],
    ["null", key, null],
    ["a kind in text", key, ["0", one, [], null, null, null]],
    ["a kind below 0", key, [-1, one, [], null, null, null]],
    ["a stamp of 25 bytes", key, [0, concatBytes(one, Uint8Array.of(0)), [], null, null, null]],
    ["a stamp of 23 bytes", key, [0, one.subarray(1), [], null, null, null]],
    ["a counter of 2^53", key, [0, concatBytes(Uint8Array.of(0, 32, 0, 0, 0, 0, 0, 0), ann), [], null, null, null]],
    ["no bytes for its life", key, [0, one, [], null, new Uint8Array(0), null]],
    ["text for its life", key, [0, one, [], null, "", null]],
    ["no bytes for its content", key, [0, one, new Uint8Array(0), null, null, null]],
    ["null for a link", key, [0, one, [one, null], null, null, null]],
    ["text for its parent", entryKey(rootId, "name", own), [0, one, [], "0123456789abcdef", null, null]],
    ["the root written out as its parent", entryKey(rootId, "name", own), [0, one, [], rootId, null, null]],
    ["a key without a zero before the id", concatBytes(parent, toUtf8("name"), Uint8Array.of(1), own), good],
    ["a key of 32 bytes", concatBytes(parent, own), good],
    ["a key of 15 bytes", own.subarray(1), good],
    ["the name .", named(toUtf8(".")), good],
    ["no removals in a list", key, [0, one, [], null, [], []]],
    ["removals out of order", key, [0, one, [], null, [], [two, one]]],
  ];
  return items.map(([name, itemKey, value, map]) => ({
    name,
    ...(map === undefined ? {} : { map }),
    key: toHex(itemKey),
    value: toHex(encodeCanonical(value)),
    code: codeOf(() => decodeEntry(itemKey, encodeCanonical(value), map)),
  }));
}

/** Values of `folders` that must not be read. */
export function makeRefusedFolders(): VectorValue[] {
  const [parent, stamp] = [id("a folder"), encodeStamp(at(1))];
  const items: [string, CborValue][] = [
    ["an empty name", [parent, "", stamp]],
    ["the name ..", [parent, "..", stamp]],
    ["a slash in the name", [parent, "a/b", stamp]],
    ["a NUL in the name", [parent, "a\0b", stamp]],
    ["a name of 256 bytes", [parent, "n".repeat(256), stamp]],
    ["a parent of 15 bytes", [parent.subarray(1), "name", stamp]],
    ["a counter of 0", [parent, "name", encodeStamp(at(0))]],
    ["a field too many", [parent, "name", stamp, null]],
    ["bytes for its name", [parent, toUtf8("name"), stamp]],
    ["text for its parent", ["0123456789abcdef", "name", stamp]],
    ["bytes, as many as a place has parts", new Uint8Array(3)],
    ["the name .", [parent, ".", stamp]],
  ];
  return items.map(([name, value]) => ({
    name,
    value: toHex(encodeCanonical(value)),
    code: codeOf(() => decodeFolder(encodeCanonical(value))),
  }));
}
