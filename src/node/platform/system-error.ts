const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  ENOENT: "it is not there any more",
  ENOTDIR: "a folder on the way is not one any more",
  EISDIR: "a folder stands there",
  ENOTEMPTY: "a folder that is not empty stands there",
  EEXIST: "something stands there",
  ELOOP: "it is a symbolic link now",
  ENAMETOOLONG: "its path is too long for this system",
  EIO: "the disk failed to read or write it",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota of the disk is used up",
  EROFS: "the disk is read-only",
  EBUSY: "it is in use",
  EFBIG: "it is larger than this file system allows",
  EINVAL: "this file system does not allow it",
  ENXIO: "it is not a file any more",
};

/** Why the system refused something, in a few words. */
export function systemErrorWords(error: unknown): string {
  const code = systemErrorCode(error);
  if (code !== undefined) return words[code] ?? `the system says ${code}`;
  return error instanceof Error ? error.message : String(error);
}

/** The code of a system error (`ENOENT`), if it is one. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
