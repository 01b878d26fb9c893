import { CloudError, type CloudErrorCode } from "../core/cloud-error.ts";
import type { ErrorData } from "./contract.ts";

/** The JSON-RPC number of every error of ours; the code that says more stands in its `data`. */
export const errorNumber = 1;

/** Every code; the compiler keeps it complete. */
const codes: Readonly<Record<CloudErrorCode, true>> = {
  unexpected: true,
  cancelled: true,
  unavailable: true,
  usage: true,
  "invalid-name": true,
  "not-found": true,
  "no-account": true,
  locked: true,
  "wrong-passphrase": true,
  "may-not-write": true,
  conflict: true,
  exists: true,
  "not-a-folder": true,
  "is-a-folder": true,
  "not-empty": true,
  damaged: true,
  newer: true,
  "storage-full": true,
  "storage-read-only": true,
  "storage-busy": true,
  storage: true,
};

function isCode(value: unknown): value is CloudErrorCode {
  return typeof value === "string" && Object.hasOwn(codes, value);
}

/**
 * What of an error crosses the socket. A {@link CloudError} crosses with its sentence; of anything
 * else nothing does, for nobody checked what its message holds.
 */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof CloudError) return { code: error.code, message: error.message };
  if (error instanceof Error && error.name === "AbortError") {
    return { code: "cancelled", message: "the request was cancelled" };
  }
  return {
    code: "unexpected",
    message: "the local node met an error that it did not expect; its log tells where",
  };
}

/** The error that {@link toErrorData} was made of, as far as it crossed; `cause` is what carried it. */
export function fromErrorData(data: unknown, cause?: unknown): CloudError {
  if (typeof data === "object" && data !== null && "code" in data && "message" in data) {
    const message = typeof data.message === "string" ? data.message : "the local node refused";
    return new CloudError(isCode(data.code) ? data.code : "unexpected", message, { cause });
  }
  return new CloudError("unexpected", "the local node answered with an error of no known form", {
    cause,
  });
}
