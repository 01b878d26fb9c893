// Changes the reading rules one by one and tells which changes no vector notices: `npm run mutants`.
// README.md says how.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Equivalent, equivalents } from "./equivalent.ts";
import { type Mutant, mutantsOf } from "./mutate.ts";
import { isWriting, readerFiles } from "./readers.ts";
import { readText, type Tried, tryAll } from "./try-all.ts";

const { values: options } = parseArgs({
  options: {
    file: { type: "string", multiple: true, default: [] },
    only: { type: "string" },
    list: { type: "boolean", default: false },
    jobs: { type: "string", default: availableParallelism().toString() },
    "show-noticed": { type: "boolean", default: false },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function shown({ file, line, within, from, to }: Mutant): string {
  return `${file}:${line.toString()} ${within}\n  ${from}\n  ${to}\n`;
}

function keyOf({ file, within, from, to }: Equivalent | Mutant): string {
  return JSON.stringify([file, within, from, to]);
}

const unseeable = new Set(equivalents.map(keyOf));

function chooseMutants(): Mutant[] {
  const only = new RegExp(options.only ?? "", "u");
  return readerFiles()
    .filter((file) => options.file.length === 0 || options.file.some((part) => file.includes(part)))
    .flatMap((file) => mutantsOf(file, readText(file), isWriting))
    .filter((mutant) => only.test(shown(mutant)));
}

/** Prints what one change came to, where that is worth a line. */
function report({ mutant, noticedBy }: Tried): void {
  const isUnseeable = unseeable.has(keyOf(mutant));
  if (noticedBy === undefined && !isUnseeable) print(shown(mutant));
  else if (noticedBy !== undefined && isUnseeable) {
    print(`noticed by ${noticedBy}, so take it out of equivalent.ts:\n${shown(mutant)}`);
  } else if (noticedBy !== undefined && options["show-noticed"]) {
    print(`${shown(mutant)}  noticed by ${noticedBy}\n`);
  }
}

/** Entries of `equivalent.ts` that name no change of the code as it is. */
function staleOf(mutants: readonly Mutant[]): readonly Equivalent[] {
  if (options.file.length > 0 || options.only !== undefined) return [];
  const keys = new Set(mutants.map(keyOf));
  return equivalents.filter((each) => !keys.has(keyOf(each)));
}

const mutants = chooseMutants();
if (options.list) {
  for (const mutant of mutants) print(shown(mutant));
  print(`${mutants.length.toString()} mutants`);
} else {
  const lived = new Set<Mutant>();
  let wrong = 0;
  await tryAll(mutants, Number(options.jobs), (tried) => {
    const isUnseeable = unseeable.has(keyOf(tried.mutant));
    if (tried.noticedBy === undefined && !isUnseeable) lived.add(tried.mutant);
    if (tried.noticedBy !== undefined && isUnseeable) wrong++;
    report(tried);
  });
  for (const stale of staleOf(mutants)) {
    wrong++;
    print(`no such change, so take it out of equivalent.ts: ${keyOf(stale)}`);
  }
  for (const file of new Set(mutants.map((mutant) => mutant.file))) {
    const all = mutants.filter((mutant) => mutant.file === file);
    const own = all.filter((mutant) => lived.has(mutant)).length.toString();
    print(`${own.padStart(5)} of ${all.length.toString().padStart(4)}  ${file}`);
  }
  print(`${mutants.length.toString()} mutants, ${lived.size.toString()} lived`);
  process.exitCode = lived.size + wrong > 0 ? 1 : 0;
}
