import { deviceIdentity } from "../account/device-keys.ts";
import { decodeHead } from "../account/heads.ts";
import { isCloudError } from "../core/cloud-error.ts";
import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import type { WriterId } from "../core/ids.ts";
import { deviceNamesOf, nameDevice } from "../history/device-names.ts";
import type { RevisionDraft, Tip } from "../history/tip.ts";
import type { Edit } from "../tree/edit.ts";
import type { OpenSpace } from "./open-space.ts";

/**
 * Names of devices by the writers whose heads the store has: writer → pseudonym by the head's
 * certificate, pseudonym → device by the epochs' claims, device → name by the drive.
 */
export async function deviceNames(
  space: OpenSpace,
  tip: Tip | undefined,
): Promise<ReadonlyIdMap<WriterId, string>> {
  const { id, primitives, store, keys, writerId, device: own } = space;
  const names = new IdMap<WriterId, string>([[writerId, own.deviceName]]);
  if (tip === undefined) return names;
  const byDevice = await readableNames(space, tip);
  for (const { bytes } of store.heads(id)) {
    const { writer, device: pseudonym } = decodeHead(primitives, bytes).certificate;
    const device = keys.devices.get(pseudonym);
    const name = device && byDevice?.get(device);
    if (name !== undefined && !names.has(writer)) names.set(writer, name);
  }
  return names;
}

/**
 * What devices are called, by their identity. Names only say who did something: where they can't be
 * read, the drive works without.
 * @returns `undefined` then.
 */
export async function readableNames(
  { sealer }: OpenSpace,
  { revision }: Tip,
): Promise<ReadonlyIdMap<Uint8Array, string> | undefined> {
  try {
    return await deviceNamesOf(sealer, revision);
  } catch (error) {
    if (isCloudError(error, "damaged", "not-found", "newer")) return undefined;
    throw error;
  }
}

/**
 * Gives this device its name in the drive with a change that is made anyway, unless it has it, or the
 * names can't be read: they keep nobody from writing.
 */
export async function nameOwnDevice(
  space: OpenSpace,
  before: Tip | undefined,
  draft: RevisionDraft,
  { stamp }: Edit,
): Promise<void> {
  const { device, primitives } = space;
  const { publicKey } = deviceIdentity(primitives, device.deviceSeed);
  const known = before === undefined ? new IdMap() : await readableNames(space, before);
  if (known === undefined || known.get(publicKey) === device.deviceName) return;
  await nameDevice(draft, stamp, publicKey, device.deviceName);
}
