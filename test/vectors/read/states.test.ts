import { IdMap } from "../../../src/node/core/id-map.ts";
import type { EncodedRecordLink } from "../../../src/node/blocks/link.ts";
import assert from "node:assert/strict";
import { toBinaryString, toHex } from "../../../src/node/core/bytes.ts";
import type { CloudErrorCode } from "../../../src/node/core/cloud-error.ts";
import { asWriterId, asEntryId, rootId } from "../../../src/node/core/ids.ts";
import { decodeCanonical, encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { MapDraft } from "../../../src/node/blocks/map-draft.ts";
import { decodeStamp } from "../../../src/node/core/stamp.ts";
import {
  decodeEntry,
  decodeFolder,
  encodeEntry,
  type Entry,
  entryKey,
  entryKinds,
} from "../../../src/node/tree/entry.ts";
import { find, list, listedName } from "../../../src/node/tree/lookup.ts";
import { decodeState, DigestSum, encodeState } from "../../../src/node/tree/state.ts";
import { type StateView, viewState } from "../../../src/node/tree/state-view.ts";
import {
  checkJump,
  decodeVector,
  encodeVector,
  loadVector,
  storeVector,
  vectorItems,
  type VersionVector,
} from "../../../src/node/tree/version-vector.ts";
import { refuses } from "../../blocks/refuses.ts";
import { type PlainState, scratch, scratchDigest } from "../../tree/test-trees.ts";
import { bytesOf } from "../make/common.make.ts";
import { vectorMaps } from "../make/blocks/maps.make.ts";
import { makeStates } from "../make/states/states.make.ts";
import { vectorOfRule } from "../make/states/version-vectors.make.ts";
import { readVectors } from "../vector-file.ts";

interface ShownEntry {
  readonly id: string;
  readonly kind: number;
  readonly parent: string;
  readonly name: string;
  readonly at: string;
  readonly content: readonly (readonly [stamp: string, link: string, rewritten?: string])[];
  readonly live: readonly string[];
  readonly gone: readonly string[] | null;
}

function entryOf(shown: ShownEntry): Entry {
  const stampOf = (text: string) => decodeStamp(bytesOf(text));
  return {
    id: asEntryId(bytesOf(shown.id)),
    kind: entryKinds[shown.kind] as Entry["kind"],
    parent: asEntryId(bytesOf(shown.parent)),
    name: shown.name,
    at: stampOf(shown.at),
    content: shown.content.map(([stamp, link, rewritten]) => ({
      stamp: stampOf(stamp),
      link: bytesOf(link) as EncodedRecordLink,
      ...(rewritten === undefined ? {} : { rewritten: stampOf(rewritten) }),
    })),
    live: shown.live.map(stampOf),
    ...(shown.gone === null ? {} : { gone: shown.gone.map(stampOf) }),
  };
}

type Item = readonly [string, string];
type Maps = Readonly<Record<keyof PlainState, readonly Item[]>>;

const mapNames = ["tree", "removed", "folders", "loose"] as const;

/** Asserts that maps are what their entries make them, by the definition alone. */
function checkMaps(entries: readonly Entry[], given: Maps, digest: string): void {
  const placed = scratch(new Map(entries.map((entry) => [toBinaryString(entry.id), entry])));
  for (const map of mapNames) {
    const items = given[map].map((item) => item.map((hex) => toBinaryString(bytesOf(hex))));
    assert.deepEqual([...placed[map]].sort(), items.sort());
  }
  assert.equal(toHex(scratchDigest(placed)), digest);
}

/** The state of a vector as a reader has it: sealed, its maps made of the items given. */
async function sealMaps(given: Maps, payload: string): Promise<StateView> {
  const maps = vectorMaps();
  const state = decodeState(bytesOf(payload));
  for (const map of mapNames) {
    const draft = new MapDraft(maps, undefined);
    for (const [key, value] of given[map]) draft.set(bytesOf(key), bytesOf(value));
    assert.deepEqual(await draft.flush(maps.blocks), state[map]);
  }
  return viewState(maps, { ...state, vv: new IdMap(), floor: new IdMap() });
}

describe("vectors of states", () => {
  const file = readVectors("states") as {
    readonly entries: readonly {
      readonly name: string;
      readonly map?: "tree" | "removed";
      readonly standsIn: string;
      readonly entry: ShownEntry;
      readonly key: string;
      readonly value: string;
    }[];
    readonly refusedEntries: readonly {
      readonly name: string;
      readonly map?: "tree" | "removed";
      readonly key: string;
      readonly value: string;
      readonly code: CloudErrorCode;
    }[];
    readonly refusedFolders: readonly {
      readonly name: string;
      readonly value: string;
      readonly code: CloudErrorCode;
    }[];
    readonly trees: readonly (Maps & {
      readonly name: string;
      readonly entries: readonly ShownEntry[];
      readonly listing: readonly (readonly [path: string, id: string])[];
      readonly nothingAt?: readonly { readonly path: string; readonly code: CloudErrorCode | null }[];
      readonly wouldBe?: readonly { readonly name: string; id: string; listed: string }[];
      readonly digest: string;
      readonly payload: string;
    })[];
    readonly steps: readonly (Maps & {
      readonly name: string;
      readonly before: readonly ShownEntry[];
      readonly changed: readonly ShownEntry[];
      readonly purged: readonly string[];
      readonly digest: string;
    })[];
    readonly sums: readonly { readonly one: string; readonly other: string; readonly sum: string }[];
    readonly vectors: readonly { readonly writers: number; readonly value: string }[];
    readonly refusedVectors: readonly {
      readonly name: string;
      readonly items: readonly Item[];
      readonly code: CloudErrorCode;
    }[];
    readonly jumps: readonly {
      readonly name: string;
      readonly known: readonly (readonly [string, number])[];
      readonly received: readonly (readonly [string, number])[];
      readonly code: CloudErrorCode | null;
    }[];
    readonly refusedStates: readonly {
      readonly name: string;
      readonly payload: string;
      readonly code: CloudErrorCode;
    }[];
  };

  it("are what is written today", async () => {
    assert.deepEqual(file, await makeStates());
  });

  for (const { name, map, standsIn, entry, key, value } of file.entries) {
    it(`are read: ${name}`, () => {
      const read = decodeEntry(bytesOf(key), bytesOf(value), map);
      assert.deepEqual(read, entryOf(entry));
      const folder = asEntryId(bytesOf(standsIn));
      assert.equal(toHex(entryKey(folder, read.name, read.id)), key);
      assert.equal(toHex(encodeEntry(read, folder)), value);
    });
  }

  for (const { name, map, key, value, code } of file.refusedEntries) {
    it(`are refused: ${name}`, () =>
      refuses(() => decodeEntry(bytesOf(key), bytesOf(value), map), code));
  }

  for (const { name, value, code } of file.refusedFolders) {
    it(`are refused of a folder's place: ${name}`, () =>
      refuses(() => decodeFolder(bytesOf(value)), code));
  }

  for (const tree of file.trees) {
    it(`place by the definition alone: ${tree.name}`, () => {
      checkMaps(tree.entries.map(entryOf), tree, tree.digest);
      const state = decodeState(bytesOf(tree.payload));
      assert.equal(toHex(state.digest), tree.digest);
      assert.equal(toHex(encodeState(state)), tree.payload);
    });

    it(`are listed, and found by the path that is listed: ${tree.name}`, async () => {
      const view = await sealMaps(tree, tree.payload);
      const paths = new Map([["", rootId]]);
      for (const [path, id] of tree.listing) {
        const found = (await find(view, path))?.id;
        assert.equal(found && toHex(found), id, path);
        if (found !== undefined) paths.set(path, found);
      }
      const listed: string[] = [];
      for (const [path, id] of paths) {
        for await (const { name } of list(view, id)) listed.push(`${path}/${name}`);
      }
      assert.deepEqual(listed.sort(), tree.listing.map(([path]) => path).sort());
      for (const { path, code } of tree.nothingAt ?? []) {
        if (code !== null) await refuses(() => find(view, path), code);
        else assert.equal(await find(view, path), undefined, path);
      }
      for (const { name, id, listed: expected } of tree.wouldBe ?? []) {
        const one = { id: asEntryId(bytesOf(id)), name };
        assert.equal(await listedName(view, rootId, one), expected);
      }
    });
  }

  for (const step of file.steps) {
    it(`come to what the entries say afterwards: ${step.name}`, () => {
      const after = new Map([...step.before, ...step.changed].map((one) => [one.id, one]));
      for (const id of step.purged) after.delete(id);
      checkMaps([...after.values()].map(entryOf), step, step.digest);
    });
  }

  it("are summed up mod 2^256", () => {
    for (const { one, other, sum } of file.sums) {
      const digest = new DigestSum(bytesOf(one));
      digest.add(bytesOf(other));
      assert.equal(toHex(digest.value()), sum);
      digest.subtract(bytesOf(other));
      assert.equal(toHex(digest.value()), one);
    }
  });

  for (const { writers, value } of file.vectors) {
    it(`hold a version vector of ${writers.toString()} writers`, async () => {
      const maps = vectorMaps();
      await storeVector(maps, maps.blocks, vectorOfRule(writers));
      const stored = decodeVector(decodeCanonical(bytesOf(value), "it"), "it");
      assert.equal(toHex(encodeCanonical(encodeVector(stored))), value);
      const read = await loadVector(maps, stored, "it");
      assert.deepEqual(vectorItems(read), vectorItems(vectorOfRule(writers)));
    });
  }

  for (const { name, items, code } of file.refusedVectors) {
    it(`do not hold a version vector of ${name}`, async () => {
      const maps = vectorMaps();
      const draft = new MapDraft(maps, undefined);
      for (const [key, value] of items) draft.set(bytesOf(key), bytesOf(value));
      const root = (await draft.flush(maps.blocks)) ?? assert.fail();
      await refuses(() => loadVector(maps, root, "it"), code);
    });
  }

  for (const { name, known, received, code } of file.jumps) {
    it(`may jump or not: ${name}`, async () => {
      const vectorOf = (items: readonly (readonly [string, number])[]): VersionVector =>
        new IdMap(items.map(([writer, counter]) => [asWriterId(bytesOf(writer)), counter]));
      const check = (): void => {
        checkJump(vectorOf(known), vectorOf(received));
      };
      if (code === null) check();
      else await refuses(check, code);
    });
  }

  for (const { name, payload, code } of file.refusedStates) {
    it(`are refused: ${name}`, () => refuses(() => decodeState(bytesOf(payload)), code));
  }
});
