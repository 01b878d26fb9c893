import { hostname } from "node:os";
import { maxDeviceNameBytes } from "../account/device-names.ts";
import { toUtf8 } from "../core/bytes.ts";

/**
 * What this machine is called until its user says otherwise: the first label of its host name, cut
 * to what a device's name may be; `computer` if that leaves nothing.
 */
export function defaultDeviceName(host: string = hostname()): string {
  const label = host.toWellFormed().split(".")[0] ?? "";
  let name = "";
  for (const character of label.replace(/\p{Cc}/gu, "").trim()) {
    if (toUtf8(name + character).length > maxDeviceNameBytes) break;
    name += character;
  }
  return name.trimEnd() || "computer";
}
