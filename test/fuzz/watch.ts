// Runs beside the fuzzer and says which input it is at if that never ends: a parser that loops leaves
// nobody else to say it.
import { writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { workerData } from "node:worker_threads";

/** What is being tried: which parser, and which of its inputs; 0 at the end. */
export interface Watched {
  /** Place in the table, counted from 1, and number of the input. */
  readonly at: Int32Array<SharedArrayBuffer>;
  readonly names: readonly string[];
}

const spanMs = 30_000;
/** Others may have the processor for long. */
const spans = 10;

const { at, names } = workerData as Watched;
let [before, same] = ["", 0];
while (Atomics.load(at, 0) !== 0) {
  await delay(spanMs);
  const now = `${names[Atomics.load(at, 0) - 1] ?? "nothing"}, input ${Atomics.load(at, 1).toString()}`;
  same = now === before ? same + 1 : 0;
  before = now;
  if (same < spans) continue;
  // By way of the main thread, which hangs, nothing is written and nothing ends.
  writeSync(2, `does not end: ${now}\n`);
  process.kill(process.pid, "SIGTERM");
  break;
}
