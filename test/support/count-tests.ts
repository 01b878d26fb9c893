/** How many tests a run reports. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
}

/** Sums mocha's closing lines ("12 passing (3s)", "1 failing") in what a run wrote. */
export function countTests(lines: readonly string[]): TestCount {
  const sum = (word: string): number =>
    lines
      .map((line) => new RegExp(`^\\s*(\\d+) ${word}\\b`).exec(stripColours(line))?.[1])
      .reduce((total, count) => total + Number(count ?? 0), 0);
  return { passed: sum("passing"), failed: sum("failing") };
}

function stripColours(line: string): string {
  const escape = String.fromCharCode(27);
  return line.replaceAll(new RegExp(`${escape}\\[\\d+m`, "g"), "");
}
