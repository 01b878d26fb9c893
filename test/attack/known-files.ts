// Which known files lie in a drive, told from its data folder alone, without any key: from the lengths
// of sealed blocks and from their order. A drive is made of some of the files below the given folders
// (default: the project's node_modules, and /usr/share); then several hundred candidates are looked
// for, 40 of which are in it. npm run attack [-- FOLDER...]
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { openVault } from "../e2e/open-vault.ts";
import { quietCall } from "../support/open-drive.ts";
import { type Candidate, findCandidates } from "./candidates.ts";
import { Attack, type Evidence } from "./find.ts";
import { observe, type Seen, watched } from "./observe.ts";

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
  const others = candidates.length - knownEach;
  if (others < 2) throw new Error("too few files of that kind to look for: name more folders");
  const decoysEnd = knownEach + Math.min(decoysEach, Math.floor(others / 2));
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

type Lengths = (candidate: Candidate) => readonly number[];

/** Looks for both kinds of candidates, and says what came of it. */
function attack(name: string, seen: Seen, lengthsOf: Lengths): void {
  const found = new Attack(seen);
  for (const [what, { known, decoys }] of looks) {
    const weighed = known.map((candidate) => found.weigh(lengthsOf(candidate)));
    const others = decoys.map((candidate) => found.weigh(lengthsOf(candidate)));
    const counts = (["byOrder", "together", "amongOthers"] as const).map((way) => {
      const least = threshold(others.map((evidence) => evidence[way]));
      const count = (all: readonly Evidence[]): number =>
        all.filter((evidence) => evidence[way] > least).length;
      return `${count(weighed).toString()} | ${count(others).toString()}`;
    });
    const of = [known, decoys].map(({ length }) => length.toString());
    say(`| ${[name, what, ...of, ...counts].join(" | ")} |`);
  }
}

/**
 * Makes a drive and has it filled.
 * @param imports - what each import takes in.
 * @returns what is seen then, and how many blocks there were after each import.
 */
async function filled(
  imports: readonly (readonly Candidate[])[],
  compression = true,
): Promise<{ seen: Seen; counts: number[] }> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-attack-"));
  try {
    const home = join(folder, "home");
    const opened = await openVault(home);
    const { vault, store } = opened;
    await vault.setSettings({ compression });
    const counts: number[] = [];
    for (const [i, candidates] of imports.entries()) {
      const source = join(folder, `source-${i.toString()}`);
      await layOut(source, candidates);
      await vault.drive.import(source, `/${i.toString()}`, quietCall);
      await rm(source, { recursive: true });
      counts.push(store.usage().blocks);
    }
    await opened.close();
    return { seen: observe(home), counts };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const found = findCandidates(roots);
const files = parted(found.files);
const folders = parted(found.folders);
const looks = [
  ["files of several chunks", files],
  ["folders of small files", folders],
] as const;
const known = [...files.known, ...folders.known];
const byPath = (a: Candidate, b: Candidate): number =>
  (a.paths[0] ?? "") < (b.paths[0] ?? "") ? -1 : 1;

say(
  "| came into the drive by | looked for | in it | not in it | found by order | wrongly | together | wrongly | among others | wrongly |",
);
say("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
const compressed: Lengths = ({ lengths }) => lengths;
const plain: Lengths = ({ plainLengths }) => plainLengths;
const among = [[...known, ...files.rest, ...folders.rest].sort(byPath)];
attack("one import, among others", (await filled(among)).seen, compressed);
attack("one import, nothing else", (await filled([known])).seen, compressed);
const alone = known.map((candidate) => [candidate]);
const apart = await filled(alone);
attack("each by itself", apart.seen, compressed);
attack("each by itself, watched", watched(apart.seen, apart.counts), compressed);
const uncompressed = await filled(alone, false);
attack("the same, not compressed", uncompressed.seen, plain);
attack("the same, watched", watched(uncompressed.seen, uncompressed.counts), plain);
