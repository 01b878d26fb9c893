import { deviceIdentity } from "../account/device-keys.ts";
import { openEpoch } from "../account/epoch-keys.ts";
import { decodeEpoch } from "../account/epochs.ts";
import { decodeHead } from "../account/heads.ts";
import { isCloudError } from "../core/cloud-error.ts";
import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import type { WriterId } from "../core/ids.ts";
import type { PublicKey } from "../crypto/sign.ts";
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
  const { contents, primitives, store, writerId } = space;
  const names = new IdMap<WriterId, string>([[writerId, contents.deviceName]]);
  if (tip === undefined) return names;
  const byDevice = await readableNames(space, tip);
  const devices = devicesByPseudonym(space);
  for (const { bytes } of store.heads()) {
    const { writer, device: pseudonym } = decodeHead(primitives, bytes).certificate;
    const device = devices.get(pseudonym);
    const name = device && byDevice.get(device);
    if (name !== undefined && !names.has(writer)) names.set(writer, name);
  }
  return names;
}

/** Names only say who did something: where they can't be read, the drive works without. */
async function readableNames(
  { sealer }: OpenSpace,
  { revision }: Tip,
): Promise<ReadonlyIdMap<Uint8Array, string>> {
  try {
    return await deviceNamesOf(sealer, revision);
  } catch (error) {
    if (isCloudError(error, "damaged", "not-found", "newer")) return new IdMap();
    throw error;
  }
}

function devicesByPseudonym({
  contents,
  primitives,
}: OpenSpace): ReadonlyIdMap<PublicKey, PublicKey> {
  const keys = new IdMap(contents.epochKeys.map((each) => [each.statement, each.key] as const));
  const devices = new IdMap<PublicKey, PublicKey>();
  for (const bytes of contents.epochs) {
    const statement = decodeEpoch(primitives, bytes);
    const key = keys.get(statement.hash);
    if (key === undefined) continue;
    for (const { pseudonym, device } of openEpoch(primitives, statement, key).claims) {
      devices.set(pseudonym, device);
    }
  }
  return devices;
}

/** Gives this device its name in the drive with a change that is made anyway, unless it has it. */
export async function nameOwnDevice(
  space: OpenSpace,
  before: Tip | undefined,
  draft: RevisionDraft,
  { stamp }: Edit,
): Promise<void> {
  const { contents, primitives } = space;
  const { publicKey } = deviceIdentity(primitives, contents.deviceSeed);
  const known = before && (await readableNames(space, before)).get(publicKey);
  if (known !== contents.deviceName) {
    await nameDevice(draft, stamp, publicKey, contents.deviceName);
  }
}
