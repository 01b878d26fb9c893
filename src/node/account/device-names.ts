import { toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";

/** The longest name of a device in bytes of UTF-8. */
export const maxDeviceNameBytes = 63;

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
