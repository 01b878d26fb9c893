import { openDeviceList } from "../account/device-list.ts";
import { openDeviceName } from "../account/device-names.ts";
import { openEpoch } from "../account/epoch-keys.ts";
import { decodeEpoch } from "../account/epochs.ts";
import { decodeHead } from "../account/heads.ts";
import { toBinaryString } from "../core/bytes.ts";
import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import type { WriterId } from "../core/ids.ts";
import { epochKeys } from "../crypto/derive.ts";
import type { PublicKey } from "../crypto/sign.ts";
import type { OpenSpace } from "./open-space.ts";

/**
 * Names of devices by the writers whose heads the store has: writer → pseudonym
 * by the head's certificate, pseudonym → device by the epochs' claims, device → name by the list.
 */
export function deviceNames(space: OpenSpace): ReadonlyIdMap<WriterId, string> {
  const { contents, primitives, store, writerId } = space;
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
  const namesKeys = contents.epochKeys.map(({ key }) => epochKeys(primitives, key).namesKey);
  const list = openDeviceList(primitives, contents.account, contents.devices);
  const names = new IdMap<WriterId, string>();
  for (const { bytes } of store.heads()) {
    const { writer, device: pseudonym } = decodeHead(primitives, bytes).certificate;
    const key = devices.get(pseudonym);
    const device = key && list.standing.present.get(toBinaryString(key));
    const name = device && openDeviceName(namesKeys, device.key, device.name);
    if (name !== undefined) names.set(writer, name);
  }
  return names.set(writerId, contents.deviceName);
}
