import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ImportGraph } from "./imports.ts";
import type { Mutant } from "./mutate.ts";
import { projectFolder, vectorTests } from "./readers.ts";
import type { Trial } from "./trial.ts";
import { TrialProcess } from "./trial-process.ts";

/** A change, and the test that noticed it, if any did. */
export interface Tried {
  readonly mutant: Mutant;
  readonly noticedBy: string | undefined;
}

/** The text of a file, by its path from the project's folder. */
export function readText(file: string): string {
  return readFileSync(join(projectFolder, file), "utf8");
}

/**
 * How long each test takes without any change, in ms. Each runs twice in one process, as trials do: a
 * test that fails the second time would seem to notice every change.
 * @throws Error, if one fails
 */
async function measureTests(tests: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const took = new Map<string, number>();
  const trials = new TrialProcess();
  for (const [i, test] of [...tests, ...tests].entries()) {
    const text = readText(test);
    const trial: Trial = { number: -1 - i, file: test, text, reloaded: [test], tests: [test] };
    const start = performance.now();
    const failed = await trials.run(trial, 120_000);
    if (failed !== undefined) throw new Error(`fails without any change: ${failed}`);
    took.set(test, performance.now() - start);
  }
  trials.stop();
  return took;
}

/**
 * Runs the vectors against every change.
 * @param processes - how many at a time.
 * @param onTried - called after each, in no order.
 */
export async function tryAll(
  mutants: readonly Mutant[],
  processes: number,
  onTried: (tried: Tried) => void,
): Promise<void> {
  const took = await measureTests(vectorTests());
  const fastestFirst = [...took.keys()].sort((a, b) => (took.get(a) ?? 0) - (took.get(b) ?? 0));
  const graph = new ImportGraph(fastestFirst);
  const importers = new Map<string, ReadonlySet<string>>();
  let next = 0;

  const tryOne = (trials: TrialProcess, mutant: Mutant, number: number) => {
    const { file, start, end, text } = mutant;
    const reloaded = importers.get(file) ?? graph.leadingTo(file);
    importers.set(file, reloaded);
    const tests = fastestFirst.filter((test) => reloaded.has(test));
    const source = readText(file);
    const changed = source.slice(0, start) + text + source.slice(end);
    const usualMs = tests.reduce((sum, test) => sum + (took.get(test) ?? 0), 0);
    const trial: Trial = { number, file, text: changed, reloaded: [...reloaded], tests };
    return trials.run(trial, 30_000 + 10 * usualMs);
  };

  const runners = Array.from({ length: processes }, async () => {
    const trials = new TrialProcess();
    for (let at = next++; at < mutants.length; at = next++) {
      const mutant = mutants[at] as Mutant;
      onTried({ mutant, noticedBy: await tryOne(trials, mutant, at) });
    }
    trials.stop();
  });
  await Promise.all(runners);
}
