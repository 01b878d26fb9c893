import { CloudError, type CloudErrorCode } from "../core/cloud-error.ts";
import { systemErrorCode, systemErrorWords } from "./system-error.ts";

const codes: Readonly<Record<string, CloudErrorCode>> = {
  EROFS: "storage-read-only",
  EACCES: "storage-read-only",
  EPERM: "storage-read-only",
  ENOSPC: "storage-full",
  EDQUOT: "storage-full",
};

/**
 * What is said of a fault of the disk outside the store.
 * @param failed - what could not be done, as `can't make the folder /a`.
 */
export function diskError(failed: string, cause: unknown): CloudError {
  const code = codes[systemErrorCode(cause) ?? ""] ?? "storage";
  const hint = code === "storage-full" ? "; free some space and try again" : "";
  return new CloudError(code, `${failed}: ${systemErrorWords(cause)}${hint}`, { cause });
}
