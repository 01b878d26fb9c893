import { compareBytes, concatBytes, toBinaryString, toHex, toUtf8 } from "../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../src/node/core/cloud-error.ts";
import { asEntryId, asWriterId, type EntryId, rootId } from "../../../src/node/core/ids.ts";
import { encodeStamp, type Stamp } from "../../../src/node/core/stamp.ts";
import { type CborValue, encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { asRecordLink, type EncodedRecordLink, encodeRecordLink } from "../../../src/node/blocks/link.ts";
import { encodeRecord } from "../../../src/node/blocks/record.ts";
import { sealBlock } from "../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import {
  decodeEntry,
  decodeFolder,
  encodeEntry,
  type Entry,
  type EntryContent,
  entryKey,
  entryKinds,
} from "../../../src/node/tree/entry.ts";
import { find, list, listedName } from "../../../src/node/tree/lookup.ts";
import { place } from "../../../src/node/tree/place.ts";
import { decodeState, emptyState, encodeState } from "../../../src/node/tree/state.ts";
import { StateDraft } from "../../../src/node/tree/state-draft.ts";
import type { StateView } from "../../../src/node/tree/state-view.ts";
import {
  checkJump,
  encodeVector,
  isListed,
  storeVector,
  type VersionVector,
} from "../../../src/node/tree/version-vector.ts";
import { about, bytesOf, codeOf, contentKey, hashOf, keyFields, showLink } from "./common.make.ts";
import { showRoot, vectorMaps } from "./maps.make.ts";
import type { VectorValue } from "../vector-file.ts";

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
  const { at: placed = at(1), kind = "file" } = more;
  const held = kind === "file" || kind === "link" ? [content(own, placed)] : [];
  return { id: id(own), kind, parent, name, at: placed, content: held, live: [placed], ...more };
}

function content(word: string, stamp: Stamp): EntryContent {
  return { stamp, link: linkTo(word) };
}
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

const folder = { kind: "folder" } as const;

/** An id with digits of one's own at both ends. */
function idOf(first: string, lastDigits: string): EntryId {
  return asEntryId(bytesOf(`${first}${"0".repeat(32 - first.length - lastDigits.length)}${lastDigits}`));
}

function named(entryId: EntryId, name: string, placed: Stamp): Entry {
  return entry("", rootId, name, { id: entryId, at: placed });
}

const squatter = `55667788${"0".repeat(22)}02`;

/** Names that clash, each for one clause of FORMAT §10.5. */
const names: Entry[] = [
  named(idOf("aabbccdd", "01"), "same.txt", at(1)),
  named(idOf("aabbccdd", "02"), "same.txt", at(2)),
  named(idOf("11223344", "01"), "pair", at(1)),
  named(idOf("99887766", "01"), "pair", at(2)),
  named(idOf("99887766", "02"), "pair", at(3)),
  named(idOf("01", "01"), "squat", at(1)),
  named(idOf("55667788", "02"), "squat", at(2)),
  named(idOf("01", "02"), "squat~55667788", at(1)),
  named(idOf("01", "03"), `squat~${squatter}`, at(1)),
  named(idOf("01", "04"), `squat~${squatter}~2`, at(1)),
  named(idOf("02", "01"), `e.${"x".repeat(63)}`, at(1)),
  named(idOf("02", "02"), `e.${"x".repeat(63)}`, at(2)),
  named(idOf("03", "01"), `e.${"x".repeat(64)}`, at(1)),
  named(idOf("03", "02"), `e.${"x".repeat(64)}`, at(2)),
  named(idOf("04", "01"), "a.b", at(1)),
  named(idOf("04", "02"), "a.b", at(2)),
  named(idOf("05", "01"), "trail.", at(1)),
  named(idOf("05", "02"), "trail.", at(2)),
  named(idOf("06", "01"), `${"😀".repeat(62)}.md`, at(1)),
  named(idOf("06", "02"), `${"😀".repeat(62)}.md`, at(2)),
  named(idOf("07", "01"), "é".repeat(127), at(1)),
  named(idOf("07", "02"), "é".repeat(127), at(2)),
  named(idOf("08", "01"), `${"c".repeat(240)}.text`, at(1)),
  named(idOf("08", "02"), `${"c".repeat(240)}.text`, at(2)),
  named(idOf("09", "02"), "tie", at(7)),
  named(idOf("09", "01"), "tie", at(7)),
  named(idOf("0a", "01"), "order", at(2)),
  named(idOf("0a1", "02"), "order", at(1)),
];

/** Paths of those that lead nowhere. */
const nothingAt = [
  "/nothing",
  "/nothing/below",
  "/tie/below",
  "/same~aabbccdd.md",
  "/same~aabbccdd",
  "/same~aabbccdd~2.txt",
  `/same~aabbccdd${"0".repeat(22)}01.txt`,
  "/pair~99887766",
  "/order~0a100000",
  `/squat~${squatter}~4`,
  "/~aabbccdd.txt",
];

/** Entries that stand elsewhere, and how they would be listed here. */
const wouldBe: [string, EntryId][] = [
  ["nobody", idOf("0b", "01")],
  ["same.txt", idOf("0b", "02")],
  ["same.txt", idOf("aabbccdd", "03")],
];
const trees: [string, Entry[]][] = [
  ["names", names],
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
    "husks: a file and a link without content are dead, a folder and a mount live",
    [
      entry("docs", rootId, "docs", { ...folder, ...dead }),
      entry("a", id("docs"), "a.txt", { content: [] }),
      entry("b", rootId, "b", { kind: "link", content: [], gone: [at(9)] }),
      entry("c", rootId, "c", folder),
      entry("d", rootId, "d", { kind: "mount" }),
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
    "a cycle of two placed by one change: the larger id breaks it",
    [
      entry("x", id("y"), "x", { ...folder, at: at(4) }),
      entry("y", id("x"), "y", { ...folder, at: at(4) }),
      entry("below", id("x"), "below", { at: at(5) }),
    ],
  ],
  [
    "a folder that hangs on a cycle, and one on itself",
    [
      entry("x", id("y"), "x", { ...folder, at: at(4) }),
      entry("y", id("x"), "y", { ...folder, at: at(5) }),
      entry("hung", id("y"), "hung", { ...folder, at: at(9) }),
      entry("own", id("own"), "own", { ...folder, at: at(2) }),
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

function placeAll(draft: StateDraft, entries: readonly Entry[]): Promise<void> {
  return place(draft, new Map(entries.map((next) => [toBinaryString(next.id), { next }])));
}

/** All items of the four maps. */
async function showMaps(view: StateView): Promise<Record<string, VectorValue>> {
  const shown: Record<string, VectorValue> = {};
  for (const map of ["tree", "removed", "folders", "loose"] as const) {
    const found: VectorValue[] = [];
    for await (const [key, value] of view[map].range(new Uint8Array(0))) {
      found.push([toHex(key), toHex(value)]);
    }
    shown[map] = found;
  }
  return shown;
}

async function showAsked(view: StateView): Promise<Record<string, VectorValue>> {
  const paths: VectorValue[] = [];
  for (const path of nothingAt) {
    let code: string | null = null;
    try {
      if ((await find(view, path)) !== undefined) throw new Error(`${path} leads somewhere`);
    } catch (error) {
      if (!isCloudError(error)) throw error;
      ({ code } = error);
    }
    paths.push({ path, code });
  }
  const listed: VectorValue[] = [];
  for (const [name, one] of wouldBe) {
    listed.push({ name, id: toHex(one), listed: await listedName(view, rootId, { id: one, name }) });
  }
  return { nothingAt: paths, wouldBe: listed };
}

/** A state, and what becomes of some of its entries: `undefined` where one is purged. */
type Step = readonly [name: string, before: Entry[], next: (Entry | EntryId)[]];

const docs = entry("docs", rootId, "docs", folder);
const inDocs = [
  entry("a", id("docs"), "a", { at: at(2) }),
  entry("b", id("docs"), "b", { ...dead }),
  entry("sub", id("docs"), "sub", { ...folder, at: at(3) }),
  entry("c", id("sub"), "c", { at: at(4) }),
  entry("elsewhere", id("nowhere"), "elsewhere", { at: at(4) }),
  entry("dead elsewhere", id("nowhere"), "dead", { ...dead }),
];
const [x, y] = [
  entry("x", id("y"), "x", { ...folder, at: at(4) }),
  entry("y", id("x"), "y", { ...folder, at: at(6) }),
];
const [p, q] = [
  entry("p", id("q"), "p", { ...folder, at: at(4) }),
  entry("q", id("p"), "q", { ...folder, at: at(5) }),
];
const outer = entry("outer", rootId, "outer", { ...folder, ...dead });
const inner = entry("inner", id("outer"), "inner", { ...folder, ...dead });
const kept = entry("kept", id("inner"), "kept", { at: at(5) });
const gone = { ...kept, live: [], gone: [at(10)] };

const steps: readonly Step[] = [
  ["a folder is purged: what was in it is loose", [docs, ...inDocs], [id("docs")]],
  ["it comes back: what was in it stands in it again", inDocs, [docs]],
  ["it comes back dead: a ghost", inDocs, [{ ...docs, ...dead }]],
  ["another folder comes: what is loose stays", inDocs, [entry("new", rootId, "new", { ...folder, at: at(8) })]],
  ["a folder goes to the root: its cycle is broken", [x, y, p, q], [{ ...x, parent: rootId, at: at(9) }]],
  ["the one that stands at the root goes into a folder", [x, y, docs], [{ ...y, parent: id("docs"), at: at(9) }]],
  [
    "a move makes a cycle of three",
    [
      entry("x", rootId, "x", { ...folder, at: at(4) }),
      entry("y", id("x"), "y", { ...folder, at: at(6) }),
      entry("z", id("y"), "z", { ...folder, at: at(5) }),
      entry("f", id("z"), "f", { at: at(7) }),
    ],
    [entry("x", id("z"), "x", { ...folder, at: at(5, bob) })],
  ],
  ["another folder of a cycle becomes the largest", [x, y], [{ ...x, name: "x2", at: at(9) }]],
  ["a folder of a cycle is purged: the other hangs on nothing", [x, y], [id("x")]],
  ["a folder of a cycle dies", [x, y, entry("f", id("x"), "f", { at: at(7) })], [{ ...y, live: [], gone: [at(9)] }]],
  ["something alive comes into a dead folder: two ghosts", [outer, inner, gone], [{ ...kept, at: at(11), live: [at(11)] }]],
  ["the last thing alive below ghosts goes", [outer, inner, kept], [gone]],
  ["it moves out", [outer, inner, kept], [{ ...kept, parent: rootId, at: at(11), live: [at(11)] }]],
  ["it moves from ghost to ghost", [outer, inner, kept], [{ ...kept, parent: id("outer"), at: at(11), live: [at(11)] }]],
  ["one of two below a ghost goes", [outer, inner, kept, entry("k2", id("inner"), "k2", { at: at(6) })], [gone]],
  ["a folder with something alive below dies", [{ ...outer, live: [at(1)] }, inner, kept], [outer]],
  ["a ghost lives again", [outer, inner, kept], [{ ...inner, live: [at(12)] }]],
  ["a loose file moves to another place that is not there", inDocs, [{ ...(inDocs[0] as Entry), parent: id("void"), at: at(9) }]],
  ["a loose file is purged", inDocs, [id("a")]],
  ["a loose file dies", inDocs, [{ ...(inDocs[0] as Entry), live: [], gone: [at(9)] }]],
  ["a loose folder is put again, not moved", inDocs, [{ ...(inDocs[2] as Entry), live: [at(3), at(9)] }]],
  ["a folder comes while two cycles stand", [x, y, p, q, ...inDocs], [docs]],
  ["a dead file that was loose stands in its parent again", inDocs, [docs, id("a")]],
  [
    "a folder goes while a ghost stands below it",
    [docs, { ...outer, parent: id("docs") }, { ...kept, parent: id("outer") }],
    [id("docs")],
  ],
];

async function makeSteps(): Promise<VectorValue[]> {
  const made: VectorValue[] = [];
  for (const [name, before, next] of steps) {
    const maps = vectorMaps();
    const first = new StateDraft(maps, emptyState);
    await placeAll(first, before);
    const draft = new StateDraft(maps, await first.flush(maps.blocks));
    const old = new Map(before.map((one) => [toBinaryString(one.id), one]));
    const changes = next.map((one) => {
      const key = toBinaryString("id" in one ? one.id : one);
      return [key, { old: old.get(key), ...("id" in one ? { next: one } : {}) }] as const;
    });
    await place(draft, new Map(changes));
    const plain = await showMaps(draft);
    const { digest } = await draft.flush(maps.blocks);
    made.push({
      name,
      before: before.map(showEntry),
      changed: next.flatMap((one) => ("id" in one ? [showEntry(one)] : [])),
      purged: next.flatMap((one) => ("id" in one ? [] : [toHex(one)])),
      ...plain,
      digest: toHex(digest),
    });
  }
  return made;
}

async function makeTree([name, entries]: (typeof trees)[number]): Promise<VectorValue> {
  const maps = vectorMaps();
  const draft = new StateDraft(maps, emptyState);
  await placeAll(draft, entries);
  for (const { at: placed, content: contents, live, gone } of entries) {
    const stamps = [placed, ...contents.map(({ stamp }) => stamp), ...live, ...(gone ?? [])];
    for (const stamp of stamps) draft.see(stamp);
  }
  draft.raiseFloor(new Map([[toBinaryString(bob), 2]]));
  const plain = await showMaps(draft);
  const asked = entries === names ? await showAsked(draft) : {};
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
    ...asked,
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
    ["null", null],
    ["a number", 1],
    ["text", "version"],
    ["bytes", new Uint8Array(8)],
    ["no version", { digest: fields.digest }],
    ["a later version in text", { ...fields, version: "2" }],
    ["a later version with a field too many", { ...fields, version: 2, more: null }],
    ["a root that is a number", { ...fields, tree: 65 }],
    ["a root that is text", { ...fields, loose: "r".repeat(65) }],
    ["a root with a place in a pack", { ...fields, tree: linkTo("x").length === 65 ? concatBytes(linkTo("x"), Uint8Array.of(0, 0)) : null }],
    ["a map of writers", { ...fields, vv: {} }],
    ["text of writers", { ...fields, floor: "" }],
    ["a writer without a counter", { ...fields, vv: [ann] }],
    ["a vector behind a link of a later suite", { ...fields, vv: linkTo("x").with(0, 2) }],
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

const counterBytes = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);
const [one8, zero8] = [counterBytes(0, 0, 0, 0, 0, 0, 0, 1), new Uint8Array(8)];

/** Maps of version vectors that must not be read. */
function makeRefusedVectors(): VectorValue[] {
  const many = [...vectorOfRule(70)].map(([name]): [Uint8Array, Uint8Array] => [bytesOfName(name), one8]);
  const with65 = (key: Uint8Array, value: Uint8Array) => [...many.slice(0, 65), [key, value] as const];
  const cases: [string, readonly (readonly [Uint8Array, Uint8Array])[]][] = [
    ["64 writers, which stand in a list", many.slice(0, 64)],
    ["one writer", many.slice(0, 1)],
    ["a writer of 15 bytes", with65(ann.subarray(1), one8)],
    ["a writer of 17 bytes", with65(concatBytes(ann, Uint8Array.of(0)), one8)],
    ["a counter of 7 bytes", with65(ann, one8.subarray(1))],
    ["a counter of 9 bytes", with65(ann, concatBytes(one8, Uint8Array.of(1)))],
    ["a counter of 0", with65(ann, zero8)],
    ["a counter of 2^53", with65(ann, counterBytes(0, 32, 0, 0, 0, 0, 0, 0))],
  ];
  return cases.map(([name, items]) => ({
    name,
    items: items.map(([key, value]) => [toHex(key), toHex(value)]),
    code: "damaged",
  }));
}

/** What one may come to know of counters at once. */
function makeJumps(): VectorValue[] {
  const vectorOf = (...items: [Uint8Array, number][]): VersionVector =>
    new Map(items.map(([writer, counter]) => [toBinaryString(writer), counter]));
  const far = 2 ** 32;
  const cases: [string, VersionVector, VersionVector][] = [
    ["as far as may be", vectorOf([ann, 5]), vectorOf([ann, 5 + far])],
    ["one farther", vectorOf([ann, 5]), vectorOf([ann, 6 + far])],
    ["as far as may be, from nothing", vectorOf(), vectorOf([bob, far])],
    ["one farther, from nothing", vectorOf(), vectorOf([bob, far + 1])],
    ["of a writer not met, measured by the largest of all", vectorOf([ann, 9]), vectorOf([ann, 1], [bob, 9 + far])],
    ["one farther", vectorOf([ann, 9]), vectorOf([ann, 9], [bob, 10 + far])],
    ["back", vectorOf([ann, far + 10]), vectorOf([bob, 1])],
  ];
  const shown = (vector: VersionVector): VectorValue =>
    [...vector].map(([writer, counter]) => [toHex(bytesOfName(writer)), counter]);
  return cases.map(([name, known, received]) => ({
    name,
    known: shown(known),
    received: shown(received),
    code: codeOrNull(() => {
      checkJump(known, received);
    }),
  }));
}

function codeOrNull(body: () => void): string | null {
  try {
    body();
  } catch {
    return codeOf(body);
  }
  return null;
}

/** Sums of digests at the edges of words of 32 bits. */
function makeSums(): VectorValue[] {
  const ones = "ff".repeat(32);
  const cases: [string, string][] = [
    ["00".repeat(32), "00".repeat(32)],
    [`${"00".repeat(28)}ffffffff`, "00".repeat(32)],
    [`${"00".repeat(28)}ffffffff`, `${"00".repeat(31)}01`],
    [`${"00".repeat(28)}fffffffe`, `${"00".repeat(31)}01`],
    [`${"00".repeat(24)}ffffffff00000001`, `${"00".repeat(28)}ffffffff`],
    [`${"00".repeat(24)}fffffffe80000000`, `${"00".repeat(28)}80000000`],
    [ones, `${"00".repeat(31)}01`],
    [ones, ones],
    [toHex(hashOf("one")), toHex(hashOf("other"))],
  ];
  return cases.map(([one, other]) => {
    const sum = (BigInt(`0x${one}`) + BigInt(`0x${other}`)) % 2n ** 256n;
    return { one, other, sum: sum.toString(16).padStart(64, "0") };
  });
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
    about: about("§10, entries, placement, digest, listing, state", [
      "Stamps are counter (8 B) ‖ writer (16 B). `listing`: every visible entry by the path at which",
      "it is listed, a folder before what is in it. `tree`, `removed`, `folders`, `loose`: all items.",
      "`map` in `refusedEntries`: refused only there. `refusedFolders`: values of `folders`.",
      "`nothingAt`: paths that lead nowhere, with the code where one leads through a file. `wouldBe`:",
      "how an entry would be listed that does not stand in the root. `steps`: entries, what becomes of",
      "some of them, or that they are purged, and the maps afterwards. `sums`: mod 2^256. `jumps`: of",
      "one's own vector and a received one. In `vectors` writer i is the first 16 bytes of SHA-256(\"writer i\"), its counter i + 1.",
    ]),
    ...keyFields,
    entries: makeEntries(),
    refusedEntries: makeRefusedEntries(),
    refusedFolders: makeRefusedFolders(),
    trees: made,
    steps: await makeSteps(),
    sums: makeSums(),
    vectors: await makeVectors(),
    refusedVectors: makeRefusedVectors(),
    jumps: makeJumps(),
    refusedStates: makeRefusedStates(),
  };
}
