import type { VersionVector } from "../../../../src/node/tree/version-vector.ts";
import { IdMap } from "../../../../src/node/core/id-map.ts";
import { compareBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../../src/node/core/cloud-error.ts";
import { asEntryId, type EntryId, rootId } from "../../../../src/node/core/ids.ts";
import type { Stamp } from "../../../../src/node/core/stamp.ts";
import { sealBlock } from "../../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../../src/node/platform/primitives.ts";
import type { Entry } from "../../../../src/node/tree/entry.ts";
import { find, list, listedName } from "../../../../src/node/tree/lookup.ts";
import { emptyState, encodeState } from "../../../../src/node/tree/state.ts";
import { StateDraft } from "../../../../src/node/tree/state-draft.ts";
import type { StateView } from "../../../../src/node/tree/state-view.ts";
import { bytesOf, contentKey, showLink } from "../common.make.ts";
import {
  at,
  bob,
  content,
  dead,
  entry,
  folder,
  id,
  placeAll,
  showEntry,
  showMaps,
} from "./entry-words.make.ts";
import { showRoot, vectorMaps } from "../blocks/maps.make.ts";
import type { VectorValue } from "../../vector-file.ts";

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

async function makeTree([name, entries]: (typeof trees)[number]): Promise<VectorValue> {
  const maps = vectorMaps();
  const draft = new StateDraft(maps, emptyState);
  await placeAll(draft, entries);
  for (const { at: placed, content: contents, live, gone } of entries) {
    const stamps = [placed, ...contents.map(({ stamp }) => stamp), ...live, ...(gone ?? [])];
    for (const stamp of stamps) draft.see(stamp);
  }
  draft.raiseFloor(new IdMap([[bob, 2]]));
  const plain = await showMaps(draft);
  const asked = entries === names ? await showAsked(draft) : {};
  const listing = await show(draft);
  const state = await draft.flush(maps.blocks);
  const payload = encodeState(state);
  const { link } = sealBlock(nodePrimitives, contentKey, "state", payload, false);
  const vector = (value: VersionVector): VectorValue =>
    [...value].map(([writer, counter]) => [toHex(writer), counter]).sort();
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

/** Trees of entries: what they come to, and how they are listed. */
export async function makeTrees(): Promise<VectorValue[]> {
  const made: VectorValue[] = [];
  for (const tree of trees) made.push(await makeTree(tree));
  return made;
}
