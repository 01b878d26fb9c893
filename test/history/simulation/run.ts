// Runs many histories and says what came of them in one JSON value:
//   node test/history/simulation/run.ts --seed 1 --count 100000 [--features '{"writers":5}']
//     [--having copies,forks]       of these seeds only those whose own features have that
// The trace of the first history that fails goes to standard error; one seed alone is always traced.
import { parseArgs } from "node:util";
import { type Features, featuresOf } from "./features.ts";
import { runHistory } from "./history.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1000" },
    features: { type: "string", default: "{}" },
    having: { type: "string", default: "" },
  },
});
const [seed, count] = [Number(values.seed), Number(values.count)];
const features = JSON.parse(values.features) as Partial<Features>;
const having = values.having.split(",").filter((name) => name !== "") as (keyof Features)[];
const totals = new Map<string, number>();
const failures: { seed: number; error: string }[] = [];
let played = 0;
const began = Date.now();

async function trace(failed: number): Promise<void> {
  const say = (line: string): unknown => process.stderr.write(`${line}\n`);
  try {
    await runHistory(failed, features, say);
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

for (let at = seed; at < seed + count; at++) {
  const own = featuresOf(at, features);
  if (!having.every((name) => own[name] === true)) continue;
  played++;
  try {
    const counts = await runHistory(at, features);
    for (const [name, number] of Object.entries<number>({ ...counts })) {
      totals.set(name, (totals.get(name) ?? 0) + number);
    }
  } catch (error) {
    failures.push({ seed: at, error: error instanceof Error ? error.message : String(error) });
    if (failures.length === 1) await trace(at);
  }
}
if (count === 1 && failures.length === 0) await trace(seed);
const seconds = Math.round((Date.now() - began) / 1000);
const summary = { seed, count, played, features, failures, seconds, ...Object.fromEntries(totals) };
process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
