// Gives parsers many inputs and says what came of them in one JSON value:
//   node test/fuzz/run.ts --count 10000000 [--seed 1] [--parser "a head"] [--at 12345]
// `--at` tries just the one input of that number.
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { type Failure, fuzz, type Tally } from "./fuzz.ts";
import { parsers } from "./parsers/all.ts";
import type { Watched } from "./watch.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "100000" },
    parser: { type: "string" },
    at: { type: "string" },
  },
});
const seed = Number(values.seed);
const chosen = parsers.filter(({ name }) => values.parser === undefined || name === values.parser);
if (chosen.length === 0) throw new Error(`there is no parser of the name ${values.parser ?? ""}`);
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
const first = Number(values.at ?? 0);
const failures: Failure[] = [];
const tallies: Record<string, Omit<Tally, "failures"> & { readonly cpuSeconds: number }> = {};
const began = performance.now();
/** In tenths, from so many milliseconds. */
const asSeconds = (ms: number): number => Math.round(ms / 100) / 10;
const cpuMs = (before?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const watched: Watched = {
  at: new Int32Array(new SharedArrayBuffer(8)),
  names: chosen.map(({ name }) => name),
};
Atomics.store(watched.at, 0, 1);
new Worker(new URL("watch.ts", import.meta.url), { workerData: watched }).unref();
const onInput = (at: number): void => {
  Atomics.store(watched.at, 1, at);
};

for (const [place, parser] of chosen.entries()) {
  Atomics.store(watched.at, 0, place + 1);
  const start = process.cpuUsage();
  const share = Math.ceil((Number(values.count) * parser.share) / shares);
  const count = values.at === undefined ? share : 1;
  const { failures: failed, ...tally } = await fuzz(parser, seed, count, { first, onInput });
  failures.push(...failed);
  for (const failure of failed) process.stderr.write(`${JSON.stringify(failure, undefined, 1)}\n`);
  tallies[parser.name] = { ...tally, cpuSeconds: asSeconds(cpuMs(start)) };
}
const sum = (of: "inputs" | "accepted" | "refused"): number =>
  Object.values(tallies).reduce((total, tally) => total + tally[of], 0);
const summary = {
  seed,
  inputs: sum("inputs"),
  accepted: sum("accepted"),
  refused: sum("refused"),
  failures: failures.map(({ parser, at, error }) => ({ parser, at, error: error.split("\n")[0] })),
  seconds: asSeconds(performance.now() - began),
  cpuSeconds: asSeconds(cpuMs()),
  peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  parsers: tallies,
};
Atomics.store(watched.at, 0, 0);
process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
