import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import type { WriterId } from "../core/ids.ts";
import type { OpenSpace } from "./open-space.ts";

/** Names of devices by the writers whose heads the store has. */
export function deviceNames({ writerId, device }: OpenSpace): ReadonlyIdMap<WriterId, string> {
  return new IdMap([[writerId, device.deviceName]]);
}
