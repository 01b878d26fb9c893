declare const IPCLOUD_BUILD: string | undefined;

/**
 * What this program was built as: a version, and after `+` the second of the build where a bundler
 * put it in (`0.1.0+1763683200`). Run from its sources it is older than any build.
 */
export const ownBuild: string = typeof IPCLOUD_BUILD === "string" ? IPCLOUD_BUILD : "0.0.0";

/**
 * Which of two builds is newer: number by number, the second of the build last.
 * @returns negative if `a` is older, positive if it is newer, 0 if neither can be told.
 */
export function compareBuilds(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Three numbers of the version and the second of the build. */
function numbersOf(build: string): number[] {
  const [version = "", second = ""] = build.split("+");
  const numbers = version.split(/[.-]/).slice(0, 3).map(Number);
  while (numbers.length < 3) numbers.push(0);
  return [...numbers, Number(second)].map((number) => (Number.isFinite(number) ? number : 0));
}
