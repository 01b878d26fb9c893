import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diskError } from "./disk-error.ts";
import { systemErrorCode } from "./system-error.ts";

const markerName = "instance";
const domain = "ipcloud/v1/local/instance";

/**
 * The fingerprint of this copy of a data folder: of this machine, and of what the file system alone
 * decides about a marker file that is written once. A folder that is moved keeps it; one that is
 * copied, restored or synchronised to elsewhere has another. The device number is left out, since
 * it may change when the machine starts.
 * @returns 32 bytes.
 * @throws storage-full, storage-read-only, storage
 */
export function readInstance(folder: string): Uint8Array {
  const marker = join(folder, markerName);
  makeMarker(marker);
  const { ino, birthtimeNs, ctimeNs } = statSync(marker, { bigint: true });
  const text = [domain, machineId(), ino, birthtimeNs, ctimeNs].join("\n");
  return new Uint8Array(createHash("sha256").update(text).digest());
}

/**
 * Has a data folder be another copy than it was, for it went back to an earlier state.
 * @throws storage-full, storage-read-only, storage
 */
export function renewInstance(folder: string): void {
  const marker = join(folder, markerName);
  const next = `${marker}.next`;
  try {
    rmSync(next, { force: true });
    writeFileSync(next, "", { flag: "wx", mode: 0o600 });
    renameSync(next, marker);
  } catch (error) {
    throw diskError(`can't write ${marker}`, error);
  }
}

function makeMarker(path: string): void {
  try {
    writeFileSync(path, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw diskError(`can't write ${path}`, error);
  }
}

/** What the system calls this machine; empty where it does not say. */
function machineId(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return "";
  }
}
