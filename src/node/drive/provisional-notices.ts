import type { KeystoreContents } from "../account/keystore-contents.ts";
import { openDeviceList, provisionalRevocations } from "../account/lists/device-list.ts";
import { toHex } from "../core/bytes.ts";
import { isCloudError } from "../core/cloud-error.ts";
import type { ReadonlyIdMap } from "../core/id-map.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { PublicKey } from "../crypto/sign.ts";

/**
 * A sentence for each device with the right to change the device list that only another device took
 * out: the one that did may be the thief's.
 * @param names - what devices are called, by their identity; one that has no name is told by its key.
 */
export function provisionalNotices(
  primitives: Primitives,
  { account, devices }: KeystoreContents,
  names: ReadonlyIdMap<Uint8Array, string>,
): string[] {
  const nameOf = (key: PublicKey): string => {
    const name = names.get(key);
    const digits = toHex(key.subarray(0, 4));
    return name === undefined ? `the device ${digits}` : `${JSON.stringify(name)} (${digits})`;
  };
  try {
    const list = openDeviceList(primitives, account, devices);
    return provisionalRevocations(list).map(({ device, added }) => {
      const head = `${nameOf(device)} was taken off the device list by another device, which the 24 words have not confirmed`;
      if (added.length === 0) return head;
      return `${head}; still on it, for ${nameOf(device)} had added it: ${added.map(nameOf).join(", ")}`;
    });
  } catch (error) {
    if (!isCloudError(error, "damaged", "newer")) throw error;
    return [`the device list can't be read: ${error.message}`];
  }
}
