/**
 * Every way in which IPCloud says no. The set is closed: the CLI turns each code into an exit
 * status and the provider turns each into a `FileSystemError`.
 */
export type CloudErrorCode =
  | "unexpected" // a bug, or a system error nobody foresaw
  | "cancelled" // the caller withdrew the request
  | "unavailable" // not reachable within its deadline: the node, a block
  | "usage" // arguments that make no sense, whoever gave them
  | "invalid-name" // a name or path that cannot be stored
  | "not-found" // no such path, version, tag or block
  | "no-account" // the data folder holds no account yet
  | "locked" // the account is there, its keys are not
  | "wrong-passphrase" // the keystore did not open
  | "may-not-write" // this device was taken out, or has no key that counts
  | "conflict" // the base version is not the current one any more
  | "exists" // something stands at that path already
  | "not-a-folder"
  | "is-a-folder"
  | "not-empty"
  | "damaged" // stored bytes that are not what their name says
  | "newer" // written by a newer IPCloud
  | "storage-full"
  | "storage-read-only"
  | "storage-busy" // another node holds the store
  | "storage"; // any other fault of disk or database

/** Options of {@link CloudError}. */
export interface CloudErrorOptions {
  /** What led to it. Never shown to users as it is. */
  readonly cause?: unknown;
}

/**
 * The one error of IPCloud.
 *
 * The message is one sentence for a person: it names the object, says what was expected and what
 * came, and where there is something to do, what. It never holds key material.
 */
export class CloudError extends Error {
  override readonly name = "CloudError";
  readonly code: CloudErrorCode;

  constructor(code: CloudErrorCode, message: string, options: CloudErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}

/** Whether `error` is a {@link CloudError} of one of the given codes (of any, if none is given). */
export function isCloudError(error: unknown, ...codes: CloudErrorCode[]): error is CloudError {
  return error instanceof CloudError && (codes.length === 0 || codes.includes(error.code));
}
