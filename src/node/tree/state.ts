import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { decodeLink, encodeLink } from "../blocks/link.ts";
import type { MapRoot } from "../blocks/sealed-map.ts";
import { asBytes, asRecord } from "../blocks/shape.ts";
import { concatBytes, toUtf8 } from "../core/bytes.ts";
import { IdMap } from "../core/id-map.ts";
import type { Primitives } from "../crypto/primitives.ts";
import {
  decodeVector,
  encodeVector,
  type StoredVector,
  type VersionVector,
} from "./version-vector.ts";

/** The tree of a space at one point of its history. FORMAT §10. */
export interface State {
  /** Highest counter seen of each writer. */
  readonly vv: VersionVector;
  /** (actual parent ‖ name ‖ 0 ‖ id) → entry: all that is visible. */
  readonly tree: MapRoot;
  /** (intended parent ‖ name ‖ 0 ‖ id) → entry: all that is not. */
  readonly removed: MapRoot;
  /** id → {@link FolderPlace}, of folders live and dead. */
  readonly folders: MapRoot;
  /** (intended parent ‖ id) → nothing: entries that stand at the root for want of a parent. */
  readonly loose: MapRoot;
  /** Pointwise maximum of the stamps purged. */
  readonly floor: VersionVector;
  /** Sum mod 2^256 of {@link itemDigest} over `tree` and `removed`: 32 bytes, big endian. */
  readonly digest: Uint8Array;
}

/** A state as its block holds it: a vector of many writers stands in a map of its own. */
export interface StoredState extends Omit<State, "vv" | "floor"> {
  readonly vv: StoredVector;
  readonly floor: StoredVector;
}

const stateVersion = 1;
const noDigest = new Uint8Array(32);

/** The state of a space in which nothing ever happened. */
export const emptyState: State = {
  vv: new IdMap(),
  tree: undefined,
  removed: undefined,
  folders: undefined,
  loose: undefined,
  floor: new IdMap(),
  digest: noDigest,
};

/** A root as it stands in a state or revision: a link or null. */
export function encodeRoot(root: MapRoot): CborValue {
  return root === undefined ? null : encodeLink(root);
}

/** Reads {@link encodeRoot} back. @throws damaged, newer */
export function decodeRoot(value: CborValue | undefined, what: string): MapRoot {
  return value === null ? undefined : decodeLink(asBytes(value, what), what);
}

/** The canonical payload of a state. @throws RangeError for a vector that should be in a map */
export function encodeState(state: StoredState): Uint8Array {
  return encodeCanonical({
    version: stateVersion,
    vv: encodeVector(state.vv),
    tree: encodeRoot(state.tree),
    removed: encodeRoot(state.removed),
    folders: encodeRoot(state.folders),
    loose: encodeRoot(state.loose),
    floor: encodeVector(state.floor),
    digest: state.digest,
  });
}

/** Reads {@link encodeState} back. @throws damaged, newer */
export function decodeState(payload: Uint8Array): StoredState {
  const what = "a state";
  const fields = ["vv", "tree", "removed", "folders", "loose", "floor", "digest"];
  const record = asRecord(decodeCanonical(payload, what), what, stateVersion, fields);
  return {
    vv: decodeVector(record["vv"], `the vv of ${what}`),
    tree: decodeRoot(record["tree"], `the tree of ${what}`),
    removed: decodeRoot(record["removed"], `the removed of ${what}`),
    folders: decodeRoot(record["folders"], `the folders of ${what}`),
    loose: decodeRoot(record["loose"], `the loose of ${what}`),
    floor: decodeVector(record["floor"], `the floor of ${what}`),
    digest: asBytes(record["digest"], `the digest of ${what}`, 32),
  };
}

/** Which of the two maps an item of the digest stands in. */
export type DigestMap = "tree" | "removed";

const digestTags: Record<DigestMap, Uint8Array> = {
  tree: toUtf8("tree"),
  removed: toUtf8("removed"),
};

/** SHA-256(map ‖ 0 ‖ length of the key (2 B) ‖ key ‖ value). FORMAT §10.4. */
export function itemDigest(
  primitives: Primitives,
  map: DigestMap,
  key: Uint8Array,
  value: Uint8Array,
): Uint8Array {
  const head = Uint8Array.of(0, key.length >>> 8, key.length & 0xff);
  return primitives.sha256(concatBytes(digestTags[map], head, key, value));
}

/** A running sum mod 2^256. */
export class DigestSum {
  readonly #limbs = new Uint32Array(8);

  constructor(start: Uint8Array) {
    const view = new DataView(start.buffer, start.byteOffset, 32);
    for (let i = 0; i < 8; i++) this.#limbs[i] = view.getUint32(i * 4);
  }

  /** Adds 32 bytes, big endian. */
  add(term: Uint8Array): void {
    const view = new DataView(term.buffer, term.byteOffset, 32);
    let carry = 0;
    for (let i = 7; i >= 0; i--) {
      const sum = (this.#limbs[i] as number) + view.getUint32(i * 4) + carry;
      this.#limbs[i] = sum >>> 0;
      carry = sum > 0xffff_ffff ? 1 : 0;
    }
  }

  /** Takes 32 bytes away, big endian. */
  subtract(term: Uint8Array): void {
    const view = new DataView(term.buffer, term.byteOffset, 32);
    let borrow = 0;
    for (let i = 7; i >= 0; i--) {
      const difference = (this.#limbs[i] as number) - view.getUint32(i * 4) - borrow;
      this.#limbs[i] = difference >>> 0;
      borrow = difference < 0 ? 1 : 0;
    }
  }

  /** The sum so far: 32 bytes, big endian. */
  value(): Uint8Array {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    this.#limbs.forEach((limb, i) => {
      view.setUint32(i * 4, limb);
    });
    return bytes;
  }
}
