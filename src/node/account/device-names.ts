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
 * What is wrong with a device's name: it is 1 to 63 bytes of UTF-8 without control characters, with
 * no white space at its ends.
 * @returns the end of a sentence about it; `undefined` if nothing is.
 */
export function deviceNameFault(name: string): string | undefined {
  if (name === "") return "is empty; it has 1 to 63 bytes";
  if (!name.isWellFormed()) return "is not valid Unicode: it holds half a surrogate pair";
  if (/\p{Cc}/u.test(name)) return "holds a control character";
  if (name.trim() !== name) return "begins or ends with white space";
  const length = toUtf8(name).length;
  if (length > maxDeviceNameBytes) return `has ${length.toString()} bytes; the most is 63`;
  return undefined;
}

/** Refuses a name that {@link deviceNameFault} finds fault with. @throws usage, naming it. */
export function checkDeviceName(name: string): void {
  const fault = deviceNameFault(name);
  if (fault === undefined) return;
  throw new CloudError("usage", `the device name ${JSON.stringify(name)} ${fault}`);
}

/**
 * Seals the name of a device for those who read the account's drive. FORMAT §10.7.
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
  const end = 1 + (padded[0] ?? 0);
  const name = fromUtf8(padded.subarray(1, end));
  const isSound =
    padded.length === paddedBytes &&
    end <= paddedBytes &&
    padded.subarray(end).every((byte) => byte === 0);
  return isSound && name !== undefined && deviceNameFault(name) === undefined ? name : undefined;
}
