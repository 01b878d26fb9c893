// What a day's work leaves on the disk: a thousand saves of one text of 4 KiB, one line changed each
// time, a minute apart and a second apart, in a drive of 10,000 files, before and after the node has
// kept house. The account is drawn anew each time, and with it where map nodes begin, so figures
// differ from run to run. npm run bench:day [-- RUNS]
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Part } from "../../src/node/history/children.ts";
import { makeTestDrive, openTestSpace, quietCall, type TestDrive } from "../support/open-drive.ts";
import { walkAll } from "../support/walk-all.ts";

const saves = 1000;
const textBytes = 4096;
const files = 10_000;
const filesEach = 1000;
/** For so long nobody comes before house is kept. */
const idleMs = 2 * 60_000;

/** Sentences of plain English, as ASCII. */
const prose = readFileSync(join(import.meta.dirname, "../../src/node/FORMAT.md"), "utf8")
  .split(/(?<=[.;:|]) /u)
  .map((line) => line.replaceAll(/[^ -~]/gu, " "))
  .filter((line) => line.length > 20 && line.length < 120);

/** A text of exactly 4 KiB, of which one line after the other changes. */
function* drafts(): Generator<Uint8Array, never> {
  let taken = 0;
  const line = (): string => prose[taken++ % prose.length] as string;
  const lines: string[] = [];
  while (lines.join("\n").length < textBytes) lines.push(line());
  for (let i = 0; ; i++) {
    lines[(i * 7) % lines.length] = line();
    yield new TextEncoder().encode(lines.join("\n").slice(0, textBytes).padEnd(textBytes));
  }
}

async function fill({ drive }: TestDrive): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), "ipcloud-days-work-"));
  try {
    for (let made = 0; made < files; made += filesEach) {
      const folder = join(source, `folder-${(made / filesEach).toString()}`);
      await mkdir(folder);
      for (let i = 0; i < filesEach; i++) {
        const text = `${folder} ${i.toString()}\n`.repeat(8);
        await writeFile(join(folder, `file-${i.toString()}.txt`), text);
      }
    }
    await drive.import(source, "/", quietCall);
  } finally {
    await rm(source, { recursive: true });
  }
}

/** Bytes of all that the drive retains, by what it is. */
async function weigh({ store, contents, drive }: TestDrive): Promise<Map<string, number>> {
  const weights = new Map<string, number>();
  const tip = drive.retained.tip();
  if (tip === undefined) return weights;
  const { sealer } = openTestSpace(store, contents);
  const { parts } = await walkAll(sealer, tip.link, { content: false });
  for (const part of parts) {
    const { length } = await store.get(part.link.id);
    weights.set(nameOf(part), (weights.get(nameOf(part)) ?? 0) + length);
  }
  return weights;
}

function nameOf(part: Part): string {
  if (part.kind === "mapNode") return `nodes of ${part.map}`;
  return part.kind === "record" ? "records of versions" : "rest";
}

/** What one thousand saves came to, in KiB each. */
interface Cost {
  readonly saved: number;
  readonly kept: number;
  readonly parts: ReadonlyMap<string, number>;
  readonly keptMs: number;
}

async function work(everyMs: number): Promise<Cost> {
  const test = await makeTestDrive();
  const { drive, store, clock } = test;
  const kib = (bytes: number): number => bytes / saves / 1024;
  try {
    await fill(test);
    await drive.keepHouse(quietCall);
    const [before, weights] = [store.usage().diskBytes, await weigh(test)];
    const draft = drafts();
    for (let i = 0; i < saves; i++) {
      clock.now += everyMs;
      await drive.write({ path: "/folder-4/file-512.txt" }, draft.next().value);
    }
    const saved = kib(store.usage().diskBytes - before);
    clock.now += idleMs;
    const began = performance.now();
    await drive.keepHouse(quietCall);
    const keptMs = performance.now() - began;
    const kept = kib(store.usage().diskBytes - before);
    const parts = new Map(
      Array.from(await weigh(test), ([name, bytes]) => [
        name,
        kib(bytes - (weights.get(name) ?? 0)),
      ]),
    );
    return { saved, kept, parts, keptMs };
  } finally {
    await test.remove();
  }
}

const say = (line: string): unknown => process.stdout.write(`${line}\n`);
const rounds = Number(process.argv[2] ?? 1);
say("| saves | KiB each | kept in order | of it records | tree | versions, log | in ms |");
say("| --- | --- | --- | --- | --- | --- | --- |");
for (let round = 0; round < rounds; round++) {
  for (const [name, everyMs] of [
    ["a minute apart", 60_000],
    ["a second apart", 1000],
  ] as const) {
    const { saved, kept, parts, keptMs } = await work(everyMs);
    const of = (...names: string[]): string =>
      names.reduce((sum, part) => sum + (parts.get(part) ?? 0), 0).toFixed(2);
    const cells = [name, saved.toFixed(1), kept.toFixed(2), of("records of versions")];
    cells.push(of("nodes of tree"), of("nodes of versions", "nodes of log"), keptMs.toFixed(0));
    say(`| ${cells.join(" | ")} |`);
  }
}
