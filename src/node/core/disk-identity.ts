/**
 * What two programs of one machine compare to know that a path leads both to the same file or folder:
 * one of them may run where other disks are mounted.
 */
export function diskIdentity({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev.toString()}:${ino.toString()}`;
}
