// Which known files lie in a drive, told from its data folder alone, without any key: from the lengths
// of sealed blocks and from their order. A drive is made of some of the files below the given folders
// (default: the project's node_modules, and /usr/share); then several hundred candidates are looked
// for, 40 of which are in it. npm run attack [-- FOLDER...]
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";
import { type Candidate, findCandidates } from "./candidates.ts";
import { Attack, type Evidence } from "./find.ts";
import { observe } from "./observe.ts";

const knownEach = 40;
const decoysEach = 200;
/** So many of what isn't there may be taken for found: who looks tries on what he knows isn't there. */
const falseShare = 0.02;
/** Less could be seen by chance in one folder of a hundred. */
const leastEvidence = 2;

const project = resolve(import.meta.dirname, "../..");
const asked = process.argv.slice(2);
const roots =
  asked.length > 0
    ? asked.map((root) => resolve(root))
    : [join(project, "node_modules"), "/usr/share"];

/** Candidates that are in the drive, candidates that are not, and what else is in it. */
interface Parts {
  readonly known: readonly Candidate[];
  readonly decoys: readonly Candidate[];
  readonly rest: readonly Candidate[];
}

function parted(candidates: readonly Candidate[]): Parts {
  const decoysEnd =
    knownEach + Math.min(decoysEach, Math.floor((candidates.length - knownEach) / 2));
  return {
    known: candidates.slice(0, knownEach),
    decoys: candidates.slice(knownEach, decoysEnd),
    rest: candidates.slice(decoysEnd),
  };
}

/** Copies files into a folder, each candidate in a folder of its own. */
async function layOut(folder: string, candidates: readonly Candidate[]): Promise<void> {
  for (const [i, { paths }] of candidates.entries()) {
    const inside = join(folder, i.toString().padStart(5, "0"));
    await mkdir(inside, { recursive: true });
    for (const path of paths) await copyFile(path, join(inside, basename(path)));
  }
}

const say = (line: string): unknown => process.stdout.write(`${line}\n`);

/** What is taken for found: so much evidence as hardly any of what isn't there has. */
function threshold(decoys: readonly number[]): number {
  const sorted = [...decoys].sort((a, b) => b - a);
  const allowed = sorted[Math.floor(sorted.length * falseShare)] ?? 0;
  return Math.max(leastEvidence, allowed + Number.EPSILON);
}

function attack(name: string, test: TestDrive, what: string, { known, decoys }: Parts): void {
  const found = new Attack(observe(test.folder));
  const weighed = known.map((candidate) => found.weigh(candidate));
  const others = decoys.map((candidate) => found.weigh(candidate));
  const counts = (["byOrder", "byPlace"] as const).map((way) => {
    const least = threshold(others.map((evidence) => evidence[way]));
    const count = (all: readonly Evidence[]): number =>
      all.filter((evidence) => evidence[way] > least).length;
    return `${count(weighed).toString()} | ${count(others).toString()}`;
  });
  const of = [known, decoys].map(({ length }) => length.toString());
  say(`| ${[name, what, ...of, ...counts].join(" | ")} |`);
}

/** Makes a drive, has it filled, and looks at what it left on the disk. */
async function inDrive(
  name: string,
  fill: (test: TestDrive, source: string) => Promise<void>,
  looks: readonly (readonly [what: string, parts: Parts])[],
): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), "ipcloud-attack-"));
  const test = await makeTestDrive();
  try {
    await fill(test, source);
    await test.close();
    for (const [what, parts] of looks) attack(name, test, what, parts);
  } finally {
    await rm(source, { recursive: true, force: true });
    await rm(test.folder, { recursive: true, force: true });
  }
}

// Nothing else may keep the program alive while it waits for child processes.
const alive = setInterval(() => undefined, 1000);
const found = findCandidates(roots);
const files = parted(found.files);
const folders = parted(found.folders);
const looks = [
  ["files of several chunks", files],
  ["folders of small files", folders],
] as const;

say(
  "| came into the drive by | looked for | in it | not in it | found by order | wrongly | found by place | wrongly |",
);
say("| --- | --- | --- | --- | --- | --- | --- | --- |");
await inDrive(
  "one import, among others",
  async ({ drive }, source) => {
    const all = [...files.known, ...files.rest, ...folders.known, ...folders.rest];
    await layOut(
      source,
      [...all].sort((a, b) => ((a.paths[0] ?? "") < (b.paths[0] ?? "") ? -1 : 1)),
    );
    await drive.import(source, "/", quietCall);
  },
  looks,
);
await inDrive(
  "one import, nothing else in it",
  async ({ drive }, source) => {
    await layOut(source, [...files.known, ...folders.known]);
    await drive.import(source, "/", quietCall);
  },
  looks,
);
await inDrive(
  "each by itself",
  async ({ drive }, source) => {
    for (const [i, candidate] of [...files.known, ...folders.known].entries()) {
      const inside = join(source, i.toString());
      await layOut(inside, [candidate]);
      await drive.import(inside, `/${i.toString()}`, quietCall);
    }
  },
  looks,
);
clearInterval(alive);
