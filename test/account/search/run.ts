// The long search: node test/account/search/run.ts [seed] [random sets]
import { judge } from "../../../src/node/account/lists/judge.ts";
import type { Reach } from "./enumerate.ts";
import { type Found, look, lookAt } from "./look.ts";
import { randomSets } from "./random.ts";

const reaches: readonly Reach[] = [
  { most: 5, plainAdditions: false, byRoot: 9, checkpoints: 2 },
  { most: 6, plainAdditions: false, byRoot: 1, checkpoints: 1 },
];
const seed = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 1_000_000);

const tell = (what: string, found: Found): void => {
  process.stdout.write(`${what}: ${JSON.stringify(found)}\n`);
  if (found.faulty + found.differing > 0) process.exitCode = 1;
};
for (const reach of reaches) tell(JSON.stringify(reach), look(judge, reach));
tell(`random from seed ${seed.toString()}`, lookAt(judge, randomSets(seed, count, 8)));
