import { type MapReader, rangeOfMap } from "../blocks/sealed-map.ts";
import { toUtf8 } from "../core/bytes.ts";
import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import type { Stamp } from "../core/stamp.ts";
import { decodeDeviceName, nameKey, parseNameKey, type Revision } from "./revision.ts";
import type { RevisionDraft } from "./tip.ts";

/** What devices are called, by their identity: of several names of one the one given last. */
export async function deviceNamesOf(
  reader: MapReader,
  { names }: Pick<Revision, "names">,
): Promise<ReadonlyIdMap<Uint8Array, string>> {
  const found = new IdMap<Uint8Array, string>();
  // The keys of one device rise by their stamps.
  for await (const [key, value] of rangeOfMap(reader, names, new Uint8Array(0))) {
    found.set(parseNameKey(key).device, decodeDeviceName(value));
  }
  return found;
}

/** Gives a device a name, in place of those that it had. @param name - 1 to 63 bytes of UTF-8. */
export async function nameDevice(
  draft: RevisionDraft,
  stamp: Stamp,
  device: Uint8Array,
  name: string,
): Promise<void> {
  const before: Uint8Array[] = [];
  for await (const [key] of draft.names.range(device)) before.push(key);
  for (const key of before) draft.names.delete(key);
  draft.names.set(nameKey({ device, stamp }), toUtf8(name));
}
