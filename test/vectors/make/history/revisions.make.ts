import { IdMap } from "../../../../src/node/core/id-map.ts";
import { isCloudError } from "../../../../src/node/core/cloud-error.ts";
import { toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { asBlockId, asEntryId, asWriterId } from "../../../../src/node/core/ids.ts";
import { encodeStamp, type Stamp } from "../../../../src/node/core/stamp.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { encodeLink, encodeRecordLink, type Link } from "../../../../src/node/blocks/link.ts";
import { MapDraft } from "../../../../src/node/blocks/map-draft.ts";
import { sealBlock } from "../../../../src/node/blocks/seal.ts";
import { deviceNamesOf } from "../../../../src/node/history/device-names.ts";
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
  parseTagKey,
  parsePurgedKey,
  parseVersionKey,
  purgedKey,
  type Revision,
  tagKey,
  versionKey,
} from "../../../../src/node/history/revision.ts";
import { readTip } from "../../../../src/node/history/tip.ts";
import { emptyState, encodeState } from "../../../../src/node/tree/state.ts";
import { nodePrimitives } from "../../../../src/node/platform/primitives.ts";
import { about, codeOf, contentKey, hashOf, keyFields, showLink } from "../common.make.ts";
import { itemsOf } from "../../../blocks/test-maps.ts";
import { vectorMaps } from "../blocks/maps.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const writer = asWriterId(hashOf("ann").subarray(0, 16));
const stamp = (counter: number): Stamp => ({ counter, writer });
const id = asEntryId(hashOf("a file").subarray(0, 16));
const time = 1_700_000_000_000;

function linkTo(kind: "state" | "mapNode" | "record", word: string): Link {
  return sealBlock(nodePrimitives, contentKey, kind, toUtf8(word), false).link;
}

const stateLink = linkTo("state", "a state");
const recordLink = encodeRecordLink(linkTo("record", "a record"));
const roots = {
  versions: linkTo("mapNode", "versions"),
  log: linkTo("mapNode", "log"),
  tags: linkTo("mapNode", "tags"),
  purged: linkTo("mapNode", "purged"),
  names: linkTo("mapNode", "names"),
};
const parents = ["first", "second"]
  .map((word) => asBlockId(hashOf(word)))
  .sort((a, b) => toHex(a).localeCompare(toHex(b)));
const first: Revision = {
  epoch: hashOf("an epoch"),
  parents: [],
  state: stateLink,
  versions: undefined,
  log: undefined,
  tags: undefined,
  purged: undefined,
  names: undefined,
  change: { stamp: stamp(1), time },
};

const revisions: [string, Revision][] = [
  ["the first of a space", first],
  ["a change", { ...first, parents: parents.slice(0, 1), ...roots, change: { stamp: stamp(7), time } }],
  ["a rebase: a change with two parents", { ...first, parents, ...roots, change: { stamp: stamp(9), time } }],
];

/** Two ids of which the second is larger by one bit, the last. */
const neighbours = [0, 1].map((last) => asBlockId(hashOf("a neighbour").with(31, last)));

function merge(): Revision {
  const { epoch, state } = first;
  return { epoch, state, parents, ...roots };
}

function makeRevisions(): VectorValue[] {
  const merges = [
    ["a merge", merge()],
    ["a merge of two with neighbouring ids", { ...merge(), parents: neighbours }],
  ] as const;
  return [...revisions, ...merges].map(([name, revision]) => {
    const payload = encodeRevision(revision);
    const root = (link: Link | undefined): VectorValue =>
      link === undefined ? null : toHex(encodeLink(link));
    return {
      name,
      epoch: toHex(revision.epoch),
      parents: revision.parents.map(toHex),
      state: toHex(encodeLink(revision.state)),
      versions: root(revision.versions),
      log: root(revision.log),
      tags: root(revision.tags),
      purged: root(revision.purged),
      names: root(revision.names),
      stamp: revision.change === undefined ? null : toHex(encodeStamp(revision.change.stamp)),
      time: revision.change?.time ?? null,
      payload: toHex(payload),
      ...showLink(sealBlock(nodePrimitives, contentKey, "revision", payload, false).link),
    };
  });
}

function makeItems(): VectorValue[] {
  const rewritten = stamp(12);
  const first = asBlockId(hashOf("a state that a purge rewrote"));
  const shown = (map: string, key: Uint8Array, value: Uint8Array): VectorValue => ({
    map,
    key: toHex(key),
    value: toHex(value),
  });
  return [
    shown("versions", versionKey(id, stamp(3)), encodeVersion({ time, link: recordLink })),
    shown("versions", versionKey(id, stamp(4)), encodeVersion({ time, link: recordLink, rewritten })),
    shown("log", logKey(stamp(3)), encodeLogItem({ time, state: stateLink })),
    shown("log", logKey(stamp(4)), encodeLogItem({ time, state: stateLink, rewritten: { by: rewritten, first } })),
    shown("log", logKey(stamp(5)), encodeLogItem({ time, state: undefined, rewritten: { by: rewritten, first } })),
    shown("tags", tagKey("März", stamp(5)), encodeLogItem({ time, state: stateLink })),
    shown("tags", tagKey("1", stamp(5)), encodeLogItem({ time, state: stateLink })),
    shown("purged", purgedKey({ id, stamp: stamp(4), by: rewritten }), encodePurged(neighbours)),
    shown("names", nameKey({ device: hashOf("a device"), stamp: stamp(8) }), toUtf8("n")),
    shown("purged", purgedKey({ id, stamp: stamp(3), by: rewritten }), encodePurged([asBlockId(hashOf("a block")), asBlockId(hashOf("another"))])),
    shown("names", nameKey({ device: hashOf("a device"), stamp: stamp(6) }), toUtf8("Küche")),
    shown("names", nameKey({ device: hashOf("a device"), stamp: stamp(7) }), toUtf8("n".repeat(63))),
  ];
}

function withoutChange(revision: Record<string, CborValue>): Record<string, CborValue> {
  const kept = Object.entries(revision).filter(([name]) => name !== "stamp" && name !== "time");
  return Object.fromEntries(kept);
}

/** Revisions with what their states may and may not have seen. */
async function makeOwnStates(): Promise<VectorValue[]> {
  const other = asWriterId(hashOf("bob").subarray(0, 16));
  const change = { ...first, change: { stamp: stamp(7), time } };
  const cases: [string, Revision, readonly Stamp[]][] = [
    ["its own change", change, [stamp(7)]],
    ["its own change and earlier ones of others", change, [{ counter: 6, writer: other }, stamp(7)]],
    ["nothing", change, []],
    ["less than its own change", change, [stamp(6)]],
    ["more than its own change", change, [stamp(8)]],
    ["as much of another writer", change, [{ counter: 7, writer: other }, stamp(7)]],
    ["more of another writer", change, [{ counter: 8, writer: other }, stamp(7)]],
    ["its own change of another writer alone", change, [{ counter: 7, writer: other }]],
    ["as much of two, being a merge", merge(), [{ counter: 7, writer: other }, stamp(7)]],
  ];
  const shown: VectorValue[] = [];
  for (const [name, revision, seen] of cases) {
    const vv = new IdMap(seen.map(({ counter, writer: by }) => [by, counter]));
    const state = encodeState({ ...emptyState, vv });
    const { link } = sealBlock(nodePrimitives, contentKey, "state", state, false);
    const payload = encodeRevision({ ...revision, state: link });
    shown.push({
      name: `the state has seen ${name}`,
      revision: toHex(payload),
      state: toHex(state),
      code: await codeOfTip(payload, state),
    });
  }
  return shown;
}

/** Opens a revision by its link. @returns `null`, or the code with which it is refused */
export async function codeOfTip(revision: Uint8Array, state: Uint8Array): Promise<string | null> {
  const maps = vectorMaps();
  const seal = (kind: "revision" | "state", payload: Uint8Array): Link => {
    const { link, block } = sealBlock(nodePrimitives, contentKey, kind, payload, false);
    maps.blocks.put(block);
    return link;
  };
  seal("state", state);
  try {
    await readTip(maps, seal("revision", revision));
    return null;
  } catch (error) {
    if (isCloudError(error)) return error.code;
    throw error;
  }
}

/** Names that several devices were given, and what they are called. */
async function makeNames(): Promise<VectorValue> {
  const maps = vectorMaps();
  const draft = new MapDraft(maps, undefined);
  const bob = asWriterId(hashOf("bob").subarray(0, 16));
  for (const [device, given, name] of [
    ["a device", stamp(300), "kitchen"],
    ["a device", stamp(9), "Küche"],
    ["another device", { counter: 3, writer: bob }, "by bob"],
    ["another device", stamp(3), "by ann"],
    ["a third device", stamp(1), "phone"],
  ] as const) {
    draft.set(nameKey({ device: hashOf(device), stamp: given }), toUtf8(name));
  }
  const names = await draft.flush(maps.blocks);
  const called: [string, string][] = [];
  for (const [device, name] of await deviceNamesOf(maps, { names })) called.push([toHex(device), name]);
  const items = await itemsOf(maps, names);
  return {
    items: items.map(([key, value]) => [toHex(key), toHex(value)]),
    called: called.sort(([a], [b]) => a.localeCompare(b)),
  };
}

function makeRefusedRevisions(): VectorValue[] {
  const good = decodeCanonical(encodeRevision(first), "a revision") as Record<string, CborValue>;
  const without = (field: string): CborValue =>
    Object.fromEntries(Object.entries(good).filter(([name]) => name !== field));
  const sorted: CborValue[] = [...parents];
  const items: [string, CborValue][] = [
    ["version 2", { ...good, version: 2 }],
    ["version 0", { ...good, version: 0 }],
    ["a field of a later version", { ...good, note: "x" }],
    ["no state", without("state")],
    ["a stamp without a time", without("time")],
    ["a time without a stamp", without("stamp")],
    ["parents out of order", { ...good, parents: [...sorted].reverse() }],
    ["one parent twice", { ...good, parents: [sorted[0] as CborValue, sorted[0] as CborValue] }],
    ["a parent of 31 bytes", { ...good, parents: [new Uint8Array(31)] }],
    ["a parent that is a text of 32 characters", { ...good, parents: ["p".repeat(32)] }],
    ["parents that are bytes", { ...good, parents: new Uint8Array(0) }],
    ["a merge with a time", { ...withoutChange(good), parents: sorted, time }],
    ["an epoch of 16 bytes", { ...good, epoch: new Uint8Array(16) }],
    ["a state that is null", { ...good, state: null }],
    ["a stamp of counter 0", { ...good, stamp: encodeStamp(stamp(0)) }],
    ["a negative time", { ...good, time: -1 }],
    ["a root of a later suite", { ...good, log: Uint8Array.of(2, ...new Uint8Array(64)) }],
    ["a merge with one parent", { ...withoutChange(good), parents: [sorted[0] as CborValue] }],
    ["a merge without parents", withoutChange(good)],
    ["a list", []],
  ];
  return items.map(([name, value]) => ({
    name,
    payload: toHex(encodeCanonical(value)),
    code: codeOf(() => decodeRevision(encodeCanonical(value))),
  }));
}

/** Reads one item of a map of a revision. */
export function readItem(map: string, key: Uint8Array, value: Uint8Array): void {
  if (map === "names") {
    parseNameKey(key);
    decodeDeviceName(value);
  } else if (map === "purged") {
    parsePurgedKey(key);
    decodePurged(value);
  } else if (map === "versions") {
    parseVersionKey(key);
    decodeVersion(value);
  } else {
    if (map === "log") {
      parseLogKey(key);
      decodeLogItem(value);
    } else {
      parseTagKey(key);
      decodeKeptState(value);
    }
  }
}

function makeRefusedItems(): VectorValue[] {
  const version = encodeVersion({ time, link: recordLink });
  const state = encodeLogItem({ time, state: stateLink });
  const [key, log, tag] = [versionKey(id, stamp(3)), logKey(stamp(3)), tagKey("name", stamp(3))];
  const items: [string, string, Uint8Array, Uint8Array][] = [
    ["a key of 39 bytes", "versions", key.subarray(1), version],
    ["a key of 23 bytes", "log", log.subarray(1), state],
    ["a key of 41 bytes", "versions", Uint8Array.of(...key, 0), version],
    ["a key of 25 bytes", "log", Uint8Array.of(...log, 0), state],
    ["a name and a stamp without a 0 between them", "tags", Uint8Array.from(tag, (byte, i) => (i === 4 ? 1 : byte)), state],
    ["a map with the fields of a list", "versions", key, encodeCanonical({ 0: time, 1: recordLink, length: 2 })],
    ["a map with the fields of a list", "log", log, encodeCanonical({ 0: time, 1: encodeLink(stateLink), length: 2 })],
    ["a key of 57 bytes", "names", Uint8Array.of(...nameKey({ device: hashOf("a device"), stamp: stamp(3) }), 0), toUtf8("name")],
    ["no list", "versions", key, encodeCanonical(0)],
    ["no list", "log", log, encodeCanonical(0)],
    ["a link that is no bytes", "versions", key, encodeCanonical([time, 0])],
    ["a link that is no bytes", "log", log, encodeCanonical([time, 0])],
    ["a negative time", "versions", key, encodeCanonical([-1, recordLink])],
    ["a key of 65 bytes", "purged", Uint8Array.of(...purgedKey({ id, stamp: stamp(3), by: stamp(4) }), 0), hashOf("a block")],
    ["an id of 33 bytes", "purged", purgedKey({ id, stamp: stamp(3), by: stamp(4) }), new Uint8Array(33)],
    ["ids that fall", "purged", purgedKey({ id, stamp: stamp(3), by: stamp(4) }), Uint8Array.from({ length: 64 }, (_, i) => (i < 32 ? 2 : 1))],
    ["a first state that is no bytes", "log", log, encodeCanonical([time, encodeLink(stateLink), 0, encodeStamp(stamp(4))])],
    ["a thinned state", "tags", tag, encodeCanonical([time, null, hashOf("a state"), encodeStamp(stamp(4))])],
    ["a thinned state without what it was", "log", log, encodeCanonical([time, null])],
    ["a key without a name", "tags", tag.subarray(4), state],
    ["a name that is no UTF-8", "tags", Uint8Array.of(0xff, ...tag.subarray(4)), state],
    ["a NUL in the name", "tags", tagKey("a\0b", stamp(3)), state],
    ["a counter of 0", "versions", versionKey(id, stamp(0)), version],
    ["a counter of 2^53", "versions", versionKey(id, stamp(2 ** 53)), version],
    ["a counter of 0", "log", logKey(stamp(0)), state],
    ["a counter of 2^53", "log", logKey(stamp(2 ** 53)), state],
    ["a counter of 0", "tags", tagKey("name", stamp(0)), state],
    ["a counter of 2^53", "tags", tagKey("name", stamp(2 ** 53)), state],
    ["a link of 64 bytes", "versions", key, encodeCanonical([time, recordLink.subarray(1)])],
    ["a link of a later suite", "versions", key, encodeCanonical([time, recordLink.with(0, 2)])],
    ["no link", "versions", key, encodeCanonical([time])],
    ["a purge of counter 0", "purged", purgedKey({ id, stamp: stamp(3), by: stamp(0) }), hashOf("a block")],
    ["a key without the purge", "purged", key, hashOf("a block")],
    ["an id of 31 bytes", "purged", purgedKey({ id, stamp: stamp(3), by: stamp(4) }), new Uint8Array(31)],
    ["three fields", "log", log, encodeCanonical([time, encodeLink(stateLink), encodeStamp(stamp(4))])],
    ["five fields", "log", log, encodeCanonical([time, encodeLink(stateLink), hashOf("a state"), encodeStamp(stamp(4)), 0])],
    ["a first state of 31 bytes", "log", log, encodeCanonical([time, encodeLink(stateLink), new Uint8Array(31), encodeStamp(stamp(4))])],
    ["a purge of counter 0", "log", log, encodeCanonical([time, encodeLink(stateLink), hashOf("a state"), encodeStamp(stamp(0))])],
    ["a purge of 23 bytes", "tags", tag, encodeCanonical([time, encodeLink(stateLink), hashOf("a state"), new Uint8Array(23)])],
    ["a key of 55 bytes", "names", nameKey({ device: hashOf("a device"), stamp: stamp(3) }).subarray(1), toUtf8("name")],
    ["a counter of 0", "names", nameKey({ device: hashOf("a device"), stamp: stamp(0) }), toUtf8("name")],
    ["no name", "names", nameKey({ device: hashOf("a device"), stamp: stamp(3) }), new Uint8Array(0)],
    ["a name of 64 bytes", "names", nameKey({ device: hashOf("a device"), stamp: stamp(3) }), toUtf8("n".repeat(64))],
    ["a name that is no UTF-8", "names", nameKey({ device: hashOf("a device"), stamp: stamp(3) }), Uint8Array.of(0xff)],
    ["no block", "purged", purgedKey({ id, stamp: stamp(3), by: stamp(4) }), new Uint8Array(0)],
    ["one block twice", "purged", purgedKey({ id, stamp: stamp(3), by: stamp(4) }), new Uint8Array(64)],
    ["four fields", "versions", key, encodeCanonical([time, recordLink, encodeStamp(stamp(4)), 0])],
    ["a purge of counter 0", "versions", key, encodeCanonical([time, recordLink, encodeStamp(stamp(0))])],
    ["a negative time", "log", log, encodeCanonical([-1, encodeLink(stateLink)])],
    ["a link of 64 bytes", "log", log, encodeCanonical([time, new Uint8Array(64)])],
    ["a state of a later suite", "log", log, encodeCanonical([time, Uint8Array.of(2, ...new Uint8Array(64))])],
  ];
  return items.map(([name, map, itemKey, value]) => ({
    name,
    map,
    key: toHex(itemKey),
    value: toHex(value),
    code: codeOf(() => {
      readItem(map, itemKey, value);
    }),
  }));
}

/** The vectors of FORMAT §11.1. */
export async function makeRevisionVectors(): Promise<VectorValue> {
  return {
    about: about("§11.1, revisions and the items of their maps", [
      "What records and roots link to is not in the file: it is never read. `ownStates` hold the",
      "payloads of a revision and of the state to which it links. `names` are all items of a map",
      "`names`, and what each device is called.",
    ]),
    ...keyFields,
    revisions: makeRevisions(),
    items: makeItems(),
    names: await makeNames(),
    refusedRevisions: makeRefusedRevisions(),
    ownStates: await makeOwnStates(),
    refusedItems: makeRefusedItems(),
  };
}
