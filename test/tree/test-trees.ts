// Trees over memory, and what a state must be by its definition alone.
import assert from "node:assert/strict";
import { encodeCanonical } from "../../src/node/blocks/cbor.ts";
import {
  type BlockKey,
  type EncodedRecordLink,
  encodeRecordLink,
} from "../../src/node/blocks/link.ts";
import type { MapSealer } from "../../src/node/blocks/map-draft.ts";
import { compareBytes, concatBytes, toBinaryString, toUtf8 } from "../../src/node/core/bytes.ts";
import { asBlockId, asEntryId, asWriterId, type EntryId, rootId } from "../../src/node/core/ids.ts";
import { compareStamps, encodeStamp, type Stamp } from "../../src/node/core/stamp.ts";
import type { RandomBytes } from "../../src/node/crypto/primitives.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { beginEdit, type Edit } from "../../src/node/tree/edit.ts";
import { decodeEntry, type Entry, entryKinds } from "../../src/node/tree/entry.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import type { StateView } from "../../src/node/tree/state-view.ts";
import { nextStamp } from "../../src/node/tree/version-vector.ts";
import { type Random, randomBytes } from "../blocks/random.ts";
import { type MemoryBlocks, testKey } from "../blocks/test-maps.ts";

/** A writer's id of the tests. */
export const testWriter = asWriterId(testKey("a writer of the tests").subarray(0, 16));

/** Seeded randomness in the form that the verbs take. */
export function bytesFrom(random: Random): RandomBytes {
  return (length) => randomBytes(random, length);
}

/** A link that leads nowhere, one for each word. */
export function fakeLink(word: string): EncodedRecordLink {
  return encodeRecordLink({
    suite: 1,
    id: asBlockId(testKey(`id ${word}`)),
    key: testKey(`key ${word}`) as BlockKey,
  });
}

/** An id that a word stands for. */
export function testId(word: string): EntryId {
  return asEntryId(testKey(word).subarray(0, 16));
}

/** Begins the next change of the writer of the tests. */
export function nextEdit(draft: StateDraft, random: Random): Edit {
  return beginEdit(draft, nextStamp(draft.vv, testWriter), bytesFrom(random));
}

/** The items of the four maps by key, as binary strings. */
export interface PlainState {
  readonly tree: ReadonlyMap<string, string>;
  readonly removed: ReadonlyMap<string, string>;
  readonly folders: ReadonlyMap<string, string>;
  readonly loose: ReadonlyMap<string, string>;
}

/** Reads all items of a view; every entry must stand in one map only. */
export async function readAll(
  view: StateView,
): Promise<{ state: PlainState; entries: Map<string, Entry> }> {
  const entries = new Map<string, Entry>();
  const read = async (map: "tree" | "removed" | "folders" | "loose") => {
    const items = new Map<string, string>();
    for await (const [key, value] of view[map].range(new Uint8Array(0))) {
      items.set(toBinaryString(key), toBinaryString(value));
      if (map !== "tree" && map !== "removed") continue;
      const entry = decodeEntry(key, value);
      assert.ok(!entries.has(toBinaryString(entry.id)), "an entry stands twice");
      entries.set(toBinaryString(entry.id), entry);
    }
    return items;
  };
  const tree = await read("tree");
  const state = {
    tree,
    removed: await read("removed"),
    folders: await read("folders"),
    loose: await read("loose"),
  };
  return { state, entries };
}

/** FORMAT §10.2 a second time. */
function encodeValue(entry: Entry, standsIn: EntryId): Uint8Array {
  const onlyAt = entry.live.length === 1 && compareStamps(entry.live[0] as Stamp, entry.at) === 0;
  return encodeCanonical([
    entryKinds.indexOf(entry.kind),
    encodeStamp(entry.at),
    entry.content.flatMap(({ stamp, link, rewritten }) => [
      encodeStamp(stamp),
      rewritten === undefined ? link : [link, encodeStamp(rewritten)],
    ]),
    compareBytes(entry.parent, standsIn) === 0 ? null : entry.parent,
    onlyAt ? null : entry.live.map(encodeStamp),
    entry.gone === undefined ? null : entry.gone.map(encodeStamp),
  ]);
}

/** The state of a set of entries by its definition (FORMAT §10.3), slowly and from nothing. */
export function scratch(entries: ReadonlyMap<string, Entry>): PlainState {
  const root = toBinaryString(rootId);
  const folders = new Map([...entries].filter(([, { kind }]) => kind === "folder"));
  const parentOf = (id: string): string => toBinaryString((entries.get(id) as Entry).parent);
  const cycleOf = (id: string): string[] => {
    const path = [id];
    for (let at = parentOf(id); at !== id; at = parentOf(at)) {
      if (at === root || !folders.has(at) || path.includes(at)) return [];
      path.push(at);
    }
    return path;
  };
  const isLoose = (id: string, { kind }: Entry): boolean => {
    const parent = parentOf(id);
    if (parent === root) return false;
    if (!folders.has(parent)) return true;
    if (kind !== "folder") return false;
    const cycle = cycleOf(id).sort((a, b) => {
      const [x, y] = [entries.get(a) as Entry, entries.get(b) as Entry];
      return compareStamps(x.at, y.at) || compareBytes(x.id, y.id);
    });
    return cycle.at(-1) === id;
  };
  const standsIn = new Map<string, string>();
  const loose = new Map<string, string>();
  for (const [id, entry] of entries) {
    const isOne = isLoose(id, entry);
    if (isOne) loose.set(parentOf(id) + id, "");
    standsIn.set(id, isOne ? root : parentOf(id));
  }
  const visible = new Set<string>();
  for (const [id, { live, kind, content }] of entries) {
    const isFile = kind === "file" || kind === "link";
    if (live.length === 0 || (isFile && content.length === 0)) continue;
    for (let at = id; at !== root && !visible.has(at); at = standsIn.get(at) as string) {
      visible.add(at);
    }
  }
  const maps = { tree: new Map<string, string>(), removed: new Map<string, string>() };
  for (const [id, entry] of entries) {
    const parent = visible.has(id) ? (standsIn.get(id) as string) : parentOf(id);
    const key = `${parent}${toBinaryString(toUtf8(entry.name))}\0${id}`;
    const parentId = asEntryId(Uint8Array.from(parent, (character) => character.charCodeAt(0)));
    const value = toBinaryString(encodeValue(entry, parentId));
    maps[visible.has(id) ? "tree" : "removed"].set(key, value);
  }
  const places = new Map<string, string>();
  for (const [id, { parent, name, at }] of folders) {
    places.set(id, toBinaryString(encodeCanonical([parent, name, encodeStamp(at)])));
  }
  return { ...maps, folders: places, loose };
}

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The digest of a state by its definition (FORMAT §10.4). */
export function scratchDigest(state: PlainState): Uint8Array {
  let sum = 0n;
  for (const map of ["tree", "removed"] as const) {
    for (const [key, value] of state[map]) {
      const length = Uint8Array.of(0, key.length >>> 8, key.length & 0xff);
      const item = concatBytes(toUtf8(map), length, bytesOf(key), bytesOf(value));
      sum += BigInt(`0x${Buffer.from(nodePrimitives.sha256(item)).toString("hex")}`);
    }
  }
  const digits = (sum % 2n ** 256n).toString(16).padStart(64, "0");
  return new Uint8Array(Buffer.from(digits, "hex"));
}

const inOrder = (items: ReadonlyMap<string, string>): [string, string][] =>
  [...items].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Asserts that a draft is what its entries make it, and, flushed, that its digest is right. */
export async function checkState(view: StateView, digest?: Uint8Array): Promise<void> {
  const { state, entries } = await readAll(view);
  const expected = scratch(entries);
  for (const map of ["tree", "removed", "folders", "loose"] as const) {
    assert.deepEqual(inOrder(state[map]), inOrder(expected[map]), map);
  }
  if (digest !== undefined) assert.deepEqual(digest, scratchDigest(state));
}

/** Seals a draft. @returns a draft on top of it, and the digest that it came to. */
export async function reopen(
  maps: MapSealer & { readonly blocks: MemoryBlocks },
  draft: StateDraft,
): Promise<{ draft: StateDraft; digest: Uint8Array }> {
  const state = await draft.flush(maps.blocks);
  return { draft: new StateDraft(maps, state), digest: state.digest };
}
