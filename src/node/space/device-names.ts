import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import type { WriterId } from "../core/ids.ts";
import type { OpenSpace } from "./open-space.ts";

/** Names of devices by the writers whose heads the store has. */
export function deviceNames(space: OpenSpace): ReadonlyIdMap<WriterId, string> {
  const { contents, writerId } = space;
  return new IdMap([[writerId, contents.deviceName]]);
}
