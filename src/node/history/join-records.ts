import { diffMaps } from "../blocks/map-diff.ts";
import type { MapDraft } from "../blocks/map-draft.ts";
import type { MapReader, MapRoot } from "../blocks/sealed-map.ts";
import { concatBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { compareStamps, decodeStamp, encodeStamp, type Stamp, stampBytes } from "../core/stamp.ts";
import type { Entry } from "../tree/entry.ts";
import { covers, type VersionVector } from "../tree/version-vector.ts";
import {
  parseLogKey,
  parsePurgedKey,
  purgedKey,
  type Revision,
  renameRewritten,
  rewrittenBy,
  versionKey,
} from "./revision.ts";
import type { RevisionDraft } from "./tip.ts";

/** A revision that is joined, with what it has seen. */
export interface RecordSide {
  readonly vv: VersionVector;
  readonly revision: Revision;
  /**
   * By what stamp a record of this side goes from now on, the side being a writer's forked past;
   * absent: by its own. FORMAT §9.5.
   */
  readonly rename?: ((stamp: Stamp) => Stamp) | undefined;
}

/**
 * Joins the maps of history of `from` into a draft of `base`: a record stands in the
 * result if it stands in both, or in one and the other has not seen the change that inserted it.
 * FORMAT §9.3.
 * @throws damaged, if one change left two records
 */
export async function joinRecords(
  reader: MapReader,
  draft: RevisionDraft,
  base: RecordSide,
  from: RecordSide,
): Promise<void> {
  for (const map of ["versions", "log", "tags", "purged"] as const) {
    const roots = [base.revision[map], from.revision[map]] as const;
    await joinMap(reader, draft[map], roots, keysOf[map], base, from);
  }
}

/**
 * Takes the mark from purged versions that entries show all the same: who had not heard of the purge
 * did something to the entry, and an edit beats a purge as it beats a deletion.
 * @param kept - entries that only one side of the join had.
 */
export async function unpurge(draft: RevisionDraft, kept: readonly Entry[]): Promise<void> {
  const keys: Uint8Array[] = [];
  for (const { id, content } of kept) {
    for (const { stamp } of content) {
      for await (const [key] of draft.purged.range(versionKey(id, stamp))) keys.push(key);
    }
  }
  for (const key of keys) draft.purged.delete(key);
}

/** How the keys of a map hold their stamps. */
interface Keys {
  readonly stampOf: (key: Uint8Array) => Stamp;
  /** The key of a record whose stamp was renamed; `undefined`: it is left out. */
  readonly renamed: (key: Uint8Array, rename: (stamp: Stamp) => Stamp) => Uint8Array | undefined;
  /** A value with its stamps renamed. */
  readonly valueOf: (value: Uint8Array, rename: (stamp: Stamp) => Stamp) => Uint8Array;
}

const endKeys: Keys = {
  stampOf: (key) => decodeStamp(key, key.length - stampBytes),
  renamed: (key, rename) => {
    const end = key.length - stampBytes;
    return concatBytes(key.subarray(0, end), encodeStamp(rename(decodeStamp(key, end))));
  },
  valueOf: renameRewritten,
};

const logKeys: Keys = {
  stampOf: parseLogKey,
  // The state that a log record leads to has seen the old stamp.
  renamed: () => undefined,
  valueOf: renameRewritten,
};

const purgedKeys: Keys = {
  stampOf: endKeys.stampOf,
  renamed: (key, rename) => {
    const { id, stamp, by } = parsePurgedKey(key);
    return purgedKey({ id, stamp: rename(stamp), by: rename(by) });
  },
  valueOf: (value) => value,
};

const keysOf = { versions: endKeys, log: logKeys, tags: endKeys, purged: purgedKeys } as const;

async function joinMap(
  reader: MapReader,
  draft: MapDraft,
  roots: readonly [MapRoot, MapRoot],
  keys: Keys,
  base: RecordSide,
  from: RecordSide,
): Promise<void> {
  const { rename } = from;
  for await (const { key, a, b: other } of diffMaps(reader, ...roots)) {
    const stamp = keys.stampOf(key);
    const b = rename === undefined || other === undefined ? other : keys.valueOf(other, rename);
    if (b !== undefined && rename !== undefined && compareStamps(rename(stamp), stamp) !== 0) {
      const newKey = keys.renamed(key, rename);
      if (newKey !== undefined) draft.set(newKey, b);
    } else if (a !== undefined && b !== undefined) {
      if (isLaterRewrite(b, a)) draft.set(key, b);
    } else if (b === undefined) {
      if (covers(from.vv, stamp)) draft.delete(key);
    } else if (!covers(base.vv, stamp)) draft.set(key, b);
  }
}

/**
 * Of two records that one change left, whether the first was rewritten by the later purge.
 * @throws damaged, if no purge explains that they differ
 */
function isLaterRewrite(value: Uint8Array, other: Uint8Array): boolean {
  const [stamp, otherStamp] = [rewrittenBy(value), rewrittenBy(other)];
  if (stamp === undefined && otherStamp === undefined) {
    throw new CloudError("damaged", "one change wrote two records: a fork or a bug");
  }
  if (stamp === undefined) return false;
  return otherStamp === undefined || compareStamps(stamp, otherStamp) > 0;
}
