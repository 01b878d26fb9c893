// What a thousand saves of one text leave on the disk: a minute apart and a second apart, in a drive
// of 10,000 files, before and after the node has kept house. By hand: node test/bench/days-work.ts
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTestDrive, openTestSpace, quietCall, type TestDrive } from "../support/open-drive.ts";
import { walkAll } from "../support/walk-all.ts";

const saves = 1000;
const textBytes = 4096;
const filesEach = 1000;

/** Bytes of sealed blocks by what they hold, such as `mapNode tree`. */
type Weights = Map<string, { blocks: number; bytes: number }>;

/** Prose, of which the text is made: as lines. */
const prose = readFileSync(join(import.meta.dirname, "../../src/node/FORMAT.md"), "utf8")
  .split(/(?<=[.;:|]) /u)
  .map((line) => line.replaceAll(/[^ -~]/gu, " "))
  .filter((line) => line.length > 20 && line.length < 120);

/** A text of 4 KiB, of which one line changes at each save. */
function* drafts(): Generator<Uint8Array> {
  const lines: string[] = [];
  let next = 0;
  const line = (): string => prose[next++ % prose.length] as string;
  while (lines.join("\n").length < textBytes) lines.push(line());
  for (let i = 0; ; i++) {
    lines[(i * 7) % lines.length] = line();
    yield new TextEncoder().encode(lines.join("\n").slice(0, textBytes).padEnd(textBytes));
  }
}

async function fill(test: TestDrive, files: number): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), "ipcloud-days-work-"));
  try {
    for (let at = 0; at < files; at += filesEach) {
      const folder = join(source, `folder-${(at / filesEach).toString()}`);
      await mkdir(folder);
      for (let i = 0; i < filesEach; i++) {
        await writeFile(
          join(folder, `file-${i.toString()}.txt`),
          `${folder} ${i.toString()}\n`.repeat(8),
        );
      }
    }
    await test.drive.import(source, "/", quietCall);
  } finally {
    await rm(source, { recursive: true });
  }
}

async function weigh(test: TestDrive): Promise<Weights> {
  const space = openTestSpace(test.store, test.contents);
  const tip = test.drive.retained.tip();
  const weights: Weights = new Map();
  if (tip === undefined) return weights;
  const { parts } = await walkAll(space.sealer, tip.link, { content: false });
  for (const part of parts) {
    const name =
      part.kind === "mapNode"
        ? `${part.map} level ${part.place.level?.toString() ?? "top"}`
        : part.kind;
    const was = weights.get(name) ?? { blocks: 0, bytes: 0 };
    const { length } = await test.store.get(part.link.id);
    weights.set(name, { blocks: was.blocks + 1, bytes: was.bytes + length });
  }
  return weights;
}

for (const everyMs of [60_000, 1000]) {
  const test = await makeTestDrive();
  try {
    await fill(test, 10_000);
    await test.drive.collectGarbage(quietCall);
    const before = test.store.usage();
    const weightsBefore = await weigh(test);
    const draft = drafts();
    for (let i = 0; i < saves; i++) {
      test.clock.now += everyMs;
      const content = draft.next().value as Uint8Array;
      await test.drive.write({ path: process.env["AT"] ?? "/folder-4/file-512.txt" }, content);
    }
    const after = test.store.usage();
    const kib = (bytes: number): string => (bytes / saves / 1024).toFixed(2);
    console.log(
      `every ${everyMs} ms: ${kib(after.diskBytes - before.diskBytes)} KiB a save on disk, ${kib(after.blockBytes - before.blockBytes)} of blocks`,
    );
    test.clock.now += 300_000;
    console.log(JSON.stringify(await test.drive.collectGarbage(quietCall)));
    const kept = test.store.usage();
    console.log(
      `collected: ${kib(kept.diskBytes - before.diskBytes)} KiB a save on disk, ${kib(kept.blockBytes - before.blockBytes)} of blocks, ${(kept.blocks - before.blocks) / saves} blocks`,
    );
    for (const [name, { blocks, bytes }] of await weigh(test)) {
      const was = weightsBefore.get(name) ?? { blocks: 0, bytes: 0 };
      console.log(
        `  ${name}: ${((blocks - was.blocks) / saves).toFixed(2)} blocks, ${kib(bytes - was.bytes)} KiB, ${((bytes - was.bytes) / (blocks - was.blocks)).toFixed(0)} each`,
      );
    }
    if (process.env["KEEP"]) {
      console.log(test.folder);
    }
  } finally {
    if (!process.env["KEEP"]) await test.remove();
  }
}
