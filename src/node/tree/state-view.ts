import {
  getFromMap,
  type MapItem,
  type MapReader,
  type MapRoot,
  rangeOfMap,
} from "../blocks/sealed-map.ts";
import type { State } from "./state.ts";
import type { VersionVector } from "./version-vector.ts";

/** Reading one map, sealed or being changed. */
export interface MapView {
  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** The items whose key begins with `prefix`, in order, from `from` on if that is given. */
  range(prefix: Uint8Array, from?: Uint8Array): AsyncIterable<MapItem>;
}

/** Reading a tree, sealed or being changed. */
export interface StateView {
  readonly vv: VersionVector;
  readonly floor: VersionVector;
  readonly tree: MapView;
  readonly removed: MapView;
  readonly folders: MapView;
  readonly loose: MapView;
}

/** A sealed map as a view. */
export function viewMap(reader: MapReader, root: MapRoot): MapView {
  return {
    get: (key) => getFromMap(reader, root, key),
    range: (prefix, from) => rangeOfMap(reader, root, prefix, from),
  };
}

/** A sealed state as a view. */
export function viewState(reader: MapReader, state: State): StateView {
  return {
    vv: state.vv,
    floor: state.floor,
    tree: viewMap(reader, state.tree),
    removed: viewMap(reader, state.removed),
    folders: viewMap(reader, state.folders),
    loose: viewMap(reader, state.loose),
  };
}
