import { IdMap } from "../../../../src/node/core/id-map.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { type EntryId, rootId } from "../../../../src/node/core/ids.ts";
import type { Entry } from "../../../../src/node/tree/entry.ts";
import {byEntry, place} from "../../../../src/node/tree/place.ts";
import { emptyState } from "../../../../src/node/tree/state.ts";
import { StateDraft } from "../../../../src/node/tree/state-draft.ts";
import { at, bob, dead, entry, folder, id, placeAll, showEntry, showMaps } from "./entry-words.make.ts";
import { vectorMaps } from "../blocks/maps.make.ts";
import type { VectorValue } from "../../vector-file.ts";

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

/** What the maps become step by step. */
export async function makeSteps(): Promise<VectorValue[]> {
  const made: VectorValue[] = [];
  for (const [name, before, next] of steps) {
    const maps = vectorMaps();
    const first = new StateDraft(maps, emptyState);
    await placeAll(first, before);
    const draft = new StateDraft(maps, await first.flush(maps.blocks));
    const old = new IdMap(before.map((one) => [one.id, one]));
    const changes = next.map((one) =>
      "id" in one ? { old: old.get(one.id), next: one } : { old: old.get(one) },
    );
    await place(draft, byEntry(changes));
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
