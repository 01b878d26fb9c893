import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/**
 * Tells of each call of this process that changes a keystore, before and after it: the keystore is no
 * part of the store, which tells its write points itself.
 */
export function tellWritePoints(reach: (point: string) => void): void {
  const { open, rename, rm } = files;
  const around = async <Result>(name: string, path: unknown, call: () => Promise<Result>) => {
    const isKeystore = typeof path === "string" && path.includes("keystore");
    if (isKeystore) reach(`before ${name} of the keystore`);
    const result = await call();
    if (isKeystore) reach(`after ${name} of the keystore`);
    return result;
  };
  files.open = (path, ...rest) => around("open", path, () => open(path, ...rest));
  files.rename = (from, to) => around("rename", from, () => rename(from, to));
  files.rm = (path, options) => around("rm", path, () => rm(path, options));
  syncBuiltinESMExports();
}
