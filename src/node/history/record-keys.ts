import { compareStamps, type Stamp } from "../core/stamp.ts";
import {
  decodeLogItem,
  decodeVersion,
  encodeLogItem,
  encodeVersion,
  nameKey,
  parseLogKey,
  parseNameKey,
  parsePurgedKey,
  parseTagKey,
  parseVersionKey,
  purgedKey,
  tagKey,
  versionKey,
} from "./revision.ts";

/** A stamp told anew. */
export type Rename = (stamp: Stamp) => Stamp;

/**
 * How the items of one map of a history hold their stamps. FORMAT §11.1.
 * All throw `damaged` for what is no item of that map.
 */
export interface RecordKeys {
  /** The stamp of the change that inserted a record. */
  readonly stampOf: (key: Uint8Array) => Stamp;
  /** The purge that rewrote a value, if one did. */
  readonly rewrittenBy: (value: Uint8Array) => Stamp | undefined;
  /** The key of a record under other stamps; `undefined`: it is left out. */
  readonly renamed: (key: Uint8Array, rename: Rename) => Uint8Array | undefined;
  /** A value under other stamps. */
  readonly valueOf: (value: Uint8Array, rename: Rename) => Uint8Array;
}

const versionKeys: RecordKeys = {
  stampOf: (key) => parseVersionKey(key).stamp,
  rewrittenBy: (value) => decodeVersion(value).rewritten,
  renamed: (key, rename) => {
    const { id, stamp } = parseVersionKey(key);
    return versionKey(id, rename(stamp));
  },
  valueOf: (value, rename) => {
    const { rewritten, ...item } = decodeVersion(value);
    if (rewritten === undefined) return value;
    return encodeVersion({ ...item, rewritten: rename(rewritten) });
  },
};

/** What `log` and `tags` lead to: states. */
const stateValues = {
  rewrittenBy: (value) => decodeLogItem(value).rewritten?.by,
  valueOf: (value, rename) => {
    const { rewritten, ...item } = decodeLogItem(value);
    if (rewritten === undefined) return value;
    return encodeLogItem({ ...item, rewritten: { ...rewritten, by: rename(rewritten.by) } });
  },
} satisfies Partial<RecordKeys>;

const logKeys: RecordKeys = {
  ...stateValues,
  stampOf: parseLogKey,
  // The state that a log record leads to has seen the old stamp.
  renamed: (key, rename) => (isRenamed(parseLogKey(key), rename) ? undefined : key),
};

const tagKeys: RecordKeys = {
  ...stateValues,
  stampOf: (key) => parseTagKey(key).stamp,
  renamed: (key, rename) => {
    const { name, stamp } = parseTagKey(key);
    return tagKey(name, rename(stamp));
  },
};

/** The values of `purged` and `names`, which no purge changes. */
const plainValues = {
  rewrittenBy: () => undefined,
  valueOf: (value) => value,
} satisfies Partial<RecordKeys>;

const purgedKeys: RecordKeys = {
  ...plainValues,
  stampOf: (key) => parsePurgedKey(key).by,
  renamed: (key, rename) => {
    const { id, stamp, by } = parsePurgedKey(key);
    return purgedKey({ id, stamp: rename(stamp), by: rename(by) });
  },
};

const nameKeys: RecordKeys = {
  ...plainValues,
  stampOf: (key) => parseNameKey(key).stamp,
  renamed: (key, rename) => {
    const { device, stamp } = parseNameKey(key);
    return nameKey({ device, stamp: rename(stamp) });
  },
};

/** The items of each map of a revision. */
export const keysOf = {
  versions: versionKeys,
  log: logKeys,
  tags: tagKeys,
  purged: purgedKeys,
  names: nameKeys,
} as const;

function isRenamed(stamp: Stamp, rename: Rename): boolean {
  return compareStamps(rename(stamp), stamp) !== 0;
}
