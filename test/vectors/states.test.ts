import type { EncodedRecordLink } from "../../src/node/blocks/link.ts";
import assert from "node:assert/strict";
import { equalBytes, toBinaryString, toHex } from "../../src/node/core/bytes.ts";
import type { CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import { asEntryId } from "../../src/node/core/ids.ts";
import { decodeStamp } from "../../src/node/core/stamp.ts";
import {
  decodeEntry,
  decodeFolder,
  encodeEntry,
  type Entry,
  entryKey,
  entryKinds,
} from "../../src/node/tree/entry.ts";
import { decodeState, encodeState } from "../../src/node/tree/state.ts";
import { refuses } from "../blocks/refuses.ts";
import { type PlainState, scratch, scratchDigest } from "../tree/test-trees.ts";
import { bytesOf } from "./common.make.ts";
import { makeStates } from "./states.make.ts";
import { readVectors } from "./vector-file.ts";

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

describe("vectors of states", () => {
  const file = readVectors("states") as {
    readonly entries: readonly {
      readonly name: string;
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
    readonly trees: readonly ({
      readonly name: string;
      readonly entries: readonly ShownEntry[];
      readonly digest: string;
      readonly payload: string;
    } & Readonly<Record<keyof PlainState, readonly Item[]>>)[];
    readonly refusedStates: readonly {
      readonly name: string;
      readonly payload: string;
      readonly code: CloudErrorCode;
    }[];
  };

  it("are what is written today", async () => {
    assert.deepEqual(file, await makeStates());
  });

  for (const { name, standsIn, entry, key, value } of file.entries) {
    it(`are read: ${name}`, () => {
      const read = decodeEntry(bytesOf(key), bytesOf(value));
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
      const entries = tree.entries.map(entryOf);
      const placed = scratch(new Map(entries.map((entry) => [toBinaryString(entry.id), entry])));
      for (const map of ["tree", "removed", "folders", "loose"] as const) {
        const given = tree[map].map((item) => item.map((hex) => toBinaryString(bytesOf(hex))));
        assert.deepEqual([...placed[map]].sort(), given.sort());
      }
      const digest = scratchDigest(placed);
      assert.equal(toHex(digest), tree.digest);
      const state = decodeState(bytesOf(tree.payload));
      assert.ok(equalBytes(state.digest, digest));
      assert.equal(toHex(encodeState(state)), tree.payload);
    });
  }

  for (const { name, payload, code } of file.refusedStates) {
    it(`are refused: ${name}`, () => refuses(() => decodeState(bytesOf(payload)), code));
  }
});
