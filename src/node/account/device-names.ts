import { fromUtf8, toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { boxOverheadBytes, openBox, sealBox } from "../crypto/box.ts";
import type { NamesKey } from "../crypto/derive.ts";
import { boxDomains } from "../crypto/domains.ts";
import type { RandomBytes } from "../crypto/primitives.ts";
import type { PublicKey } from "../crypto/sign.ts";

/** The longest name of a device in bytes of UTF-8. */
export const maxDeviceNameBytes = 63;

const paddedBytes = 1 + maxDeviceNameBytes;
/** Length of every sealed name in bytes: it does not show how long the name is. */
export const sealedNameBytes = paddedBytes + boxOverheadBytes;

/**
 * Checks the name of a device.
 * @throws usage, if it is empty, longer than 63 bytes of UTF-8, begins or ends with white space, or
 * holds a control character or half a surrogate pair.
 */
export function checkDeviceName(name: string): void {
  const refuse = (why: string): never => {
    throw new CloudError("usage", `the device name ${JSON.stringify(name)} ${why}`);
  };
  if (name === "") refuse("is empty; it has 1 to 63 bytes");
  if (!name.isWellFormed()) refuse("is not valid Unicode: it holds half a surrogate pair");
  if (/\p{Cc}/u.test(name)) refuse("holds a control character");
  if (name.trim() !== name) refuse("begins or ends with white space");
  const length = toUtf8(name).length;
  if (length > maxDeviceNameBytes) refuse(`has ${length.toString()} bytes; the most is 63`);
}

/**
 * Seals the name of a device for those who read the account's drive. FORMAT "Device list".
 * @throws usage, for a name that {@link checkDeviceName} refuses.
 */
export function sealDeviceName(
  namesKey: NamesKey,
  device: PublicKey,
  name: string,
  random: RandomBytes,
): Uint8Array {
  checkDeviceName(name);
  const utf8 = toUtf8(name);
  const padded = new Uint8Array(paddedBytes);
  padded[0] = utf8.length;
  padded.set(utf8, 1);
  return sealBox(namesKey, boxDomains.deviceName, device, padded, random);
}

/**
 * Opens a sealed name by whichever of the epochs' keys sealed it.
 * @returns `undefined` if none did, or if it holds no sound name: a list goes on without it.
 */
export function openDeviceName(
  namesKeys: Iterable<NamesKey>,
  device: PublicKey,
  sealed: Uint8Array,
): string | undefined {
  for (const key of namesKeys) {
    const padded = openBox(key, boxDomains.deviceName, device, sealed);
    if (padded !== undefined) return decodePadded(padded);
  }
  return undefined;
}

function decodePadded(padded: Uint8Array): string | undefined {
  const name = fromUtf8(padded.subarray(1, 1 + (padded[0] ?? 0)));
  if (name === undefined || padded.length !== paddedBytes) return undefined;
  try {
    checkDeviceName(name);
    return name;
  } catch {
    return undefined;
  }
}
