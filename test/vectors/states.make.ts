import { compareBytes, concatBytes, toBinaryString, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { asEntryId, asWriterId, type EntryId, rootId } from "../../src/node/core/ids.ts";
import { encodeStamp, type Stamp } from "../../src/node/core/stamp.ts";
import { type CborValue, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { type EncodedRecordLink, encodeRecordLink } from "../../src/node/blocks/link.ts";
import { encodeRecord } from "../../src/node/blocks/record.ts";
import { sealBlock } from "../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import {
  decodeEntry,
  decodeFolder,
  encodeEntry,
  type Entry,
  entryKey,
  entryKinds,
} from "../../src/node/tree/entry.ts";
import { list } from "../../src/node/tree/lookup.ts";
import { place } from "../../src/node/tree/place.ts";
import { decodeState, emptyState, encodeState } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import type { StateView } from "../../src/node/tree/state-view.ts";
import { encodeVector, isListed, storeVector, type VersionVector } from "../../src/node/tree/version-vector.ts";
import { about, codeOf, contentKey, hashOf, keyFields, showLink } from "./common.make.ts";
import { showRoot, vectorMaps } from "./maps.make.ts";
import type { VectorValue } from "./vector-file.ts";

const [ann, bob] = ["ann", "bob"].map((name) => asWriterId(hashOf(name).subarray(0, 16))) as [
  Stamp["writer"],
  Stamp["writer"],
];
const at = (counter: number, writer = ann): Stamp => ({ counter, writer });
const id = (word: string): EntryId => asEntryId(hashOf(word).subarray(0, 16));

function linkTo(word: string): EncodedRecordLink {
  const content = toUtf8(word);
  const payload = encodeRecord({ size: content.length, mtime: 7, mode: 0o644, content });
  return encodeRecordLink(sealBlock(nodePrimitives, contentKey, "record", payload, false).link);
}

function entry(own: string, parent: EntryId, name: string, more: Partial<Entry> = {}): Entry {
  const placed = more.at ?? at(1);
  return { id: id(own), kind: "file", parent, name, at: placed, content: [], live: [placed], ...more };
}

const content = (word: string, stamp: Stamp) => ({ stamp, link: linkTo(word) });
const dead = { live: [], gone: [at(9)] };

/** An entry in a vector. */
export function showEntry(one: Entry): VectorValue {
  return {
    id: toHex(one.id),
    kind: entryKinds.indexOf(one.kind),
    parent: toHex(one.parent),
    name: one.name,
    at: toHex(encodeStamp(one.at)),
    content: one.content.map(({ stamp, link, rewritten }) => [
      toHex(encodeStamp(stamp)),
      toHex(link),
      ...(rewritten === undefined ? [] : [toHex(encodeStamp(rewritten))]),
    ]),
    live: one.live.map((stamp) => toHex(encodeStamp(stamp))),
    gone: one.gone === undefined ? null : one.gone.map((stamp) => toHex(encodeStamp(stamp))),
  };
}

function makeEntries(): VectorValue[] {
  const parent = id("a folder");
  const list: [string, Entry, EntryId][] = [
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
  ];
  return list.map(([name, one, standsIn]) => ({
    name,
    standsIn: toHex(standsIn),
    entry: showEntry(one),
    key: toHex(entryKey(standsIn, one.name, one.id)),
    value: toHex(encodeEntry(one, standsIn)),
  }));
}

function makeRefusedEntries(): VectorValue[] {
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
    ["alive in `removed`", key, good, "removed"],
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
    ["a record sealed anew at counter 0", key, [0, one, [one, [link, encodeStamp(at(0))]], null, null, null]],
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

function makeRefusedFolders(): VectorValue[] {
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
  ];
  return items.map(([name, value]) => ({
    name,
    value: toHex(encodeCanonical(value)),
    code: codeOf(() => decodeFolder(encodeCanonical(value))),
  }));
}

const folder = { kind: "folder" } as const;
const trees: [string, Entry[]][] = [
  ["nothing", []],
  [
    "a folder with two files",
    [
      entry("docs", rootId, "docs", folder),
      entry("a", id("docs"), "a.txt", { at: at(2), content: [content("a", at(2))] }),
      entry("b", id("docs"), "B.txt", { at: at(3, bob), content: [content("b", at(3, bob))] }),
    ],
  ],
  [
    "a ghost: a dead folder with something alive below",
    [
      entry("outer", rootId, "outer", { ...folder, ...dead }),
      entry("inner", id("outer"), "inner", { ...folder, ...dead }),
      entry("kept", id("inner"), "kept", { at: at(5), content: [content("kept", at(5))] }),
      entry("gone", id("outer"), "gone", { content: [content("gone", at(1))], ...dead }),
    ],
  ],
  [
    "loose: the parent was purged",
    [
      entry("orphan", id("purged"), "orphan", { content: [content("orphan", at(1))] }),
      entry("dead orphan", id("purged"), "dead", { ...dead }),
      entry("loose folder", id("purged"), "folder", { ...folder, at: at(2) }),
      entry("in it", id("loose folder"), "in it", { at: at(3) }),
    ],
  ],
  [
    "a cycle of three, one of them dead, broken at the largest (at, id)",
    [
      entry("x", id("z"), "x", { ...folder, at: at(4) }),
      entry("y", id("x"), "y", { ...folder, ...dead, at: at(6, bob) }),
      entry("z", id("y"), "z", { ...folder, at: at(5) }),
      entry("file", id("y"), "file", { at: at(7) }),
    ],
  ],
  [
    "two folders moved into each other by changes of one counter",
    [
      entry("x", id("y"), "x", { ...folder, at: at(4) }),
      entry("y", id("x"), "y", { ...folder, at: at(4, bob) }),
    ],
  ],
  [
    "namesakes",
    [
      entry("n1", rootId, "notes.txt", { at: at(3) }),
      entry("n2", rootId, "notes.txt", { at: at(2) }),
      entry("n3", rootId, "notes.txt", { at: at(2, bob) }),
      entry("n4", rootId, "Notes.txt", { at: at(1) }),
      entry("ghost", rootId, "notes.txt", { ...folder, ...dead }),
      entry("below", id("ghost"), "below", { at: at(4) }),
      entry("hidden", rootId, ".profile", { at: at(1) }),
      entry("hidden too", rootId, ".profile", { at: at(2) }),
      entry("taken", rootId, `${"l".repeat(250)}.md`, { at: at(1) }),
      entry("cut", rootId, `${"l".repeat(250)}.md`, { at: at(2) }),
      entry("squat", rootId, `notes~${toHex(id("n1")).slice(0, 8)}.txt`, { at: at(8) }),
    ],
  ],
];

async function show(view: StateView): Promise<VectorValue[]> {
  const lines: VectorValue[] = [];
  const walk = async (parent: EntryId, path: string): Promise<void> => {
    for await (const { name, entry: one } of list(view, parent)) {
      lines.push([`${path}/${name}`, toHex(one.id)]);
      if (one.kind === "folder") await walk(one.id, `${path}/${name}`);
    }
  };
  await walk(rootId, "");
  return lines;
}

async function makeTree([name, entries]: (typeof trees)[number]): Promise<VectorValue> {
  const maps = vectorMaps();
  const draft = new StateDraft(maps, emptyState);
  await place(draft, new Map(entries.map((next) => [toBinaryString(next.id), { next }])));
  for (const { at: placed, content: contents, live, gone } of entries) {
    const stamps = [placed, ...contents.map(({ stamp }) => stamp), ...live, ...(gone ?? [])];
    for (const stamp of stamps) draft.see(stamp);
  }
  draft.raiseFloor(new Map([[toBinaryString(bob), 2]]));
  const items = async (map: "tree" | "removed" | "folders" | "loose"): Promise<VectorValue> => {
    const found: VectorValue[] = [];
    for await (const [key, value] of draft[map].range(new Uint8Array(0))) {
      found.push([toHex(key), toHex(value)]);
    }
    return found;
  };
  const plain = {
    tree: await items("tree"),
    removed: await items("removed"),
    folders: await items("folders"),
    loose: await items("loose"),
  };
  const listing = await show(draft);
  const state = await draft.flush(maps.blocks);
  const payload = encodeState(state);
  const { link } = sealBlock(nodePrimitives, contentKey, "state", payload, false);
  const vector = (value: ReadonlyMap<string, number>): VectorValue =>
    [...value].map(([writer, counter]) => [toHex(bytesOfName(writer)), counter]).sort();
  const inOrder = [...entries].sort((a, b) => compareBytes(a.id, b.id));
  return {
    name,
    entries: inOrder.map(showEntry),
    ...plain,
    listing,
    digest: toHex(state.digest),
    vv: vector(state.vv),
    floor: vector(state.floor),
    roots: {
      tree: showRoot(state.tree),
      removed: showRoot(state.removed),
      folders: showRoot(state.folders),
      loose: showRoot(state.loose),
    },
    payload: toHex(payload),
    ...showLink(link),
  };
}

function bytesOfName(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}

function listOf(writers: number): CborValue[] {
  const items = [...vectorOfRule(writers)].map(([name, counter]) => [bytesOfName(name), counter] as const);
  return items.sort(([a], [b]) => compareBytes(a, b)).flat();
}

function makeRefusedStates(): VectorValue[] {
  const fields = {
    version: 1,
    vv: [ann, 3],
    tree: null,
    removed: null,
    folders: null,
    loose: null,
    floor: [],
    digest: new Uint8Array(32),
  };
  const { loose, ...fewer } = fields;
  const cases: [string, CborValue][] = [
    ["a field too many", { ...fields, more: loose }],
    ["a later version", { version: 2 }],
    ["a field too few", fewer],
    ["version 0", { ...fields, version: 0 }],
    ["a list", [1]],
    ["a root of 64 bytes", { ...fields, tree: new Uint8Array(64) }],
    ["a root of a later suite", { ...fields, tree: new Uint8Array(65).fill(2) }],
    ["a digest of 31 bytes", { ...fields, digest: new Uint8Array(31) }],
    ["a writer twice", { ...fields, vv: [ann, 3, ann, 4] }],
    ["a writer of 15 bytes", { ...fields, vv: [ann.subarray(1), 3] }],
    ["a counter of 0", { ...fields, floor: [ann, 0] }],
    ["a list of 65 writers", { ...fields, vv: listOf(65) }],
  ];
  const payloads = cases.map(([name, value]): [string, Uint8Array] => [name, encodeCanonical(value)]);
  const ordered = [ann, bob].sort(compareBytes).reverse();
  const backwards = { ...fields, vv: ordered.flatMap((writer) => [writer, 1]) };
  payloads.push(["writers out of order", encodeCanonical(backwards)]);
  payloads.push(["a byte follows", concatBytes(encodeCanonical(fields), Uint8Array.of(0))]);
  return payloads.map(([name, payload]) => ({
    name,
    payload: toHex(payload),
    code: codeOf(() => decodeState(payload)),
  }));
}

/** Vectors at the border between a list and a map, and beyond. */
async function makeVectors(): Promise<VectorValue[]> {
  const made: VectorValue[] = [];
  for (const writers of [0, 1, 64, 65, 1000]) {
    const maps = vectorMaps();
    const stored = await storeVector(maps, maps.blocks, vectorOfRule(writers));
    made.push({
      writers,
      value: toHex(encodeCanonical(encodeVector(stored))),
      ...(isListed(stored) ? {} : { root: showLink(stored) }),
    });
  }
  return made;
}

/** Writer i is the first 16 bytes of SHA-256("writer i"), its counter i + 1. */
export function vectorOfRule(writers: number): VersionVector {
  const items = Array.from({ length: writers }, (_, i): [string, number] => [
    toBinaryString(hashOf(`writer ${i.toString()}`).subarray(0, 16)),
    i + 1,
  ]);
  return new Map(items);
}

/** Entries, their placement, digests, listings and states. */
export async function makeStates(): Promise<VectorValue> {
  const made: VectorValue[] = [];
  for (const tree of trees) made.push(await makeTree(tree));
  return {
    about: about("§8, entries, placement, digest, listing, state", [
      "Stamps are counter (8 B) ‖ writer (16 B). `listing`: every visible entry by the path at which",
      "it is listed, a folder before what is in it. `tree`, `removed`, `folders`, `loose`: all items.",
      "`map` in `refusedEntries`: refused only there. `refusedFolders`: values of `folders`.",
      "In `vectors` writer i is the first 16 bytes of SHA-256(\"writer i\"), its counter i + 1.",
    ]),
    ...keyFields,
    entries: makeEntries(),
    refusedEntries: makeRefusedEntries(),
    refusedFolders: makeRefusedFolders(),
    trees: made,
    vectors: await makeVectors(),
    refusedStates: makeRefusedStates(),
  };
}
