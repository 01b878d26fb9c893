import { CloudError, type CloudErrorCode } from "../core/cloud-error.ts";

const codeOf: Readonly<Record<string, CloudErrorCode>> = {
  ENOENT: "not-found",
  EEXIST: "exists",
  EISDIR: "is-a-folder",
  ENOTDIR: "not-a-folder",
  ENAMETOOLONG: "invalid-name",
  ENOSPC: "storage-full",
  EDQUOT: "storage-full",
  EROFS: "storage-read-only",
  EACCES: "storage",
  EPERM: "storage",
  EIO: "storage",
};

const sentenceOf: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder on this machine",
  EEXIST: "it exists already; choose another name",
  EISDIR: "it is a folder; a file was expected",
  ENOTDIR: "it goes through a file where a folder was expected",
  ENOSPC: "the disk is full",
  EROFS: "the disk is read-only",
  EACCES: "access is not permitted",
  EPERM: "access is not permitted",
};

/**
 * An error of the local disk as a {@link CloudError} that names the path. Others pass as they are.
 * @param doing - what failed, as `read` or `write`.
 */
export function localError(error: unknown, doing: string, path: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string")
    return error;
  if (error instanceof CloudError) return error;
  const why = sentenceOf[error.code] ?? `the system says ${error.code}`;
  const message = `can't ${doing} ${JSON.stringify(path)}: ${why}`;
  return new CloudError(codeOf[error.code] ?? "unexpected", message, { cause: error });
}

/** Runs something on the local disk, its errors told by {@link localError}. */
export async function onDisk<T>(doing: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw localError(error, doing, path);
  }
}
