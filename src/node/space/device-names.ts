import { openDeviceList } from "../account/device-list.ts";
import { openDeviceName } from "../account/device-names.ts";
import { openEpoch } from "../account/epoch-keys.ts";
import { decodeEpoch } from "../account/epochs.ts";
import { decodeHead } from "../account/heads.ts";
import { toBinaryString } from "../core/bytes.ts";
import { epochKeys } from "../crypto/derive.ts";
import type { OpenSpace } from "./open-space.ts";

/**
 * Names of devices by the writers (as binary strings) whose heads the store has: writer → pseudonym
 * by the head's certificate, pseudonym → device by the epochs' claims, device → name by the list.
 */
export function deviceNames(space: OpenSpace): Map<string, string> {
  const { contents, primitives, store, writerId } = space;
  const keys = new Map(
    contents.epochKeys.map((each) => [toBinaryString(each.statement), each.key]),
  );
  const devices = new Map<string, string>();
  for (const bytes of contents.epochs) {
    const statement = decodeEpoch(primitives, bytes);
    const key = keys.get(toBinaryString(statement.hash));
    if (key === undefined) continue;
    for (const { pseudonym, device } of openEpoch(primitives, statement, key).claims) {
      devices.set(toBinaryString(pseudonym), toBinaryString(device));
    }
  }
  const namesKeys = contents.epochKeys.map(({ key }) => epochKeys(primitives, key).namesKey);
  const list = openDeviceList(primitives, contents.account, contents.devices);
  const names = new Map<string, string>();
  for (const { bytes } of store.heads()) {
    const { writer, device: pseudonym } = decodeHead(primitives, bytes).certificate;
    const device = list.standing.present.get(devices.get(toBinaryString(pseudonym)) ?? "");
    const name = device && openDeviceName(namesKeys, device.key, device.name);
    if (name !== undefined) names.set(toBinaryString(writer), name);
  }
  return names.set(toBinaryString(writerId), contents.deviceName);
}
