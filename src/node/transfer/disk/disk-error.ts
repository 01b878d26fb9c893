import { CloudError, type CloudErrorCode, isCloudError } from "../../core/cloud-error.ts";
import { systemErrorCode } from "../../platform/system-error.ts";

/** An error on its way out of a thread; what stands behind it stays there. */
export interface ToldError {
  readonly message: string;
  /** Of a {@link CloudError}. */
  readonly code?: CloudErrorCode;
  /** Of an error of the system, as `ENOENT`. */
  readonly system?: string;
}

/** What a thread tells of an error. */
export function toldError(error: unknown): ToldError {
  if (isCloudError(error)) return { message: error.message, code: error.code };
  const system = systemErrorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  return system === undefined ? { message } : { message, system };
}

/** The error that was told: a {@link CloudError}, or one that `systemErrorWords` knows. */
export function errorOf({ message, code, system }: ToldError): Error {
  if (code !== undefined) return new CloudError(code, message);
  return system === undefined
    ? new Error(message)
    : Object.assign(new Error(message), { code: system });
}
