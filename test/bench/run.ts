// npm run bench [-- FOLDER...]: whole trees and one large file in and out, beside restic, rclone
// crypt and cp where they are installed, in turns of one run; then saves and listings. Prints
// markdown. Linux only. BENCH_ROUNDS sets the turns (3), BENCH_PEERS the first so many of the peers.
import { randomFillSync } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { type Cost, NodeProcess, run } from "./measure.ts";
import { type Command, cli, type Peer, presentPeers, project } from "./peers.ts";
import { measureSaves, showMeasured } from "./saves.ts";

const asked = process.argv.slice(2);
const usual = [join(project, "node_modules"), "/usr/share"].filter((folder) => existsSync(folder));
const trees = (asked.length > 0 ? asked : usual).map((folder) => resolve(folder));
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const largeBytes = 1024 * 1024 * 1024;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** By step, what each turn cost. */
type Costs = Map<string, Cost[]>;

async function measure(
  peer: Peer,
  folder: string,
  { large, other }: { large: string; other: string },
  costs: Costs,
): Promise<void> {
  const env = peer.env(folder);
  writeFileSync(join(folder, "passphrase"), "a passphrase of the bench\n", { mode: 0o600 });
  for (const command of peer.prepare(folder)) await run(command, env);
  const isOurs = peer.name === "IPCloud";
  const note = async (step: string, command: Command): Promise<void> => {
    const cost = isOurs ? await new NodeProcess(env).run(command, env) : await run(command, env);
    costs.set(step, [...(costs.get(step) ?? []), cost]);
  };
  /** Each step in a fresh node, so that none pays for what the one before left in memory. */
  const rest = async (): Promise<void> => {
    if (isOurs) await run([...cli, "node", "stop"], env);
  };
  try {
    for (const [i, tree] of trees.entries()) {
      const name = `tree${i.toString()}`;
      const out = join(folder, `out${i.toString()}`);
      await note(`${tree} in`, peer.take(tree, name, folder));
      await note(
        `${tree} in again`,
        peer.take(tree, peer.name === "cp" ? `${name}a` : name, folder),
      );
      await rest();
      await note(`${tree} out`, peer.give(name, out, folder));
      rmSync(out, { recursive: true });
      await rest();
    }
    await note("1 GiB in", peer.take(large, "large", folder));
    await rest();
    await note("1 GiB out", peer.give("large", join(folder, "large-out"), folder));
    await rest();
    if (peer.file === undefined) return;
    await note("1 GiB by put", peer.file.put(other));
    await rest();
    await note("1 GiB by get", peer.file.get(join(folder, "one")));
    await rest();
    await note("1 GiB by cat", peer.file.cat(other));
  } finally {
    await rest();
  }
}

function writeRandom(path: string): void {
  const file = openSync(path, "w");
  const piece = new Uint8Array(4 * 1024 * 1024);
  for (let at = 0; at < largeBytes; at += piece.length) writeSync(file, randomFillSync(piece));
  closeSync(file);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Seconds and processor seconds, then the peak of memory. */
function showCost(costs: readonly Cost[]): string {
  if (costs.length === 0) return "";
  const of = (pick: (cost: Cost) => number): number => median(costs.map(pick));
  const [seconds, processor] = [of((cost) => cost.seconds), of((cost) => cost.processor)];
  const memory = of((cost) => cost.peakMb).toFixed(0);
  return `${seconds.toFixed(2)} / ${processor.toFixed(2)} / ${memory}`;
}

/** Of the best of some peers. */
function showRatio(ours: readonly Cost[], others: readonly (readonly Cost[])[]): string {
  const best = (pick: (cost: Cost) => number): number =>
    Math.min(...others.filter(({ length }) => length > 0).map((costs) => median(costs.map(pick))));
  const ratio = (pick: (cost: Cost) => number): string =>
    (median(ours.map(pick)) / best(pick)).toFixed(2);
  return `${ratio((cost) => cost.seconds)} / ${ratio((cost) => cost.processor)}`;
}

const folder = mkdtempSync(join(tmpdir(), "ipcloud-bench-"));
try {
  const large = join(folder, "large");
  mkdirSync(large);
  writeRandom(join(large, "file"));
  const present = presentPeers().slice(0, Number(process.env["BENCH_PEERS"] ?? Infinity));
  const costs = new Map(present.map(({ name }) => [name, new Map() as Costs] as const));
  const other = join(folder, "other");
  writeRandom(other);
  for (let round = 0; round < rounds; round++) {
    for (const peer of present) {
      const own = join(folder, `round-${round.toString()}-${peer.name.replaceAll(" ", "-")}`);
      mkdirSync(own);
      await measure(peer, own, { large, other }, costs.get(peer.name) as Costs);
      rmSync(own, { recursive: true, force: true });
    }
  }
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  say(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length.toString()} cores, ${memory} GiB, Linux ${release()}, Node ${process.version}; medians of ${rounds.toString()} turns: seconds / processor seconds / most memory in MB\n`,
  );
  const names = present.map(({ name }) => name);
  say(`| | ${names.join(" | ")} | to the better restic | 10 s later |`);
  say(`| --- |${" --- |".repeat(names.length + 2)}`);
  const ours = costs.get("IPCloud") as Costs;
  const resticNames = names.filter((name) => name.startsWith("restic"));
  for (const [step, own] of ours) {
    const cells = names.map((name) => showCost(costs.get(name)?.get(step) ?? []));
    const ratio = showRatio(
      own,
      resticNames.map((name) => costs.get(name)?.get(step) ?? []),
    );
    const later = median(own.map(({ laterMb = Number.NaN }) => laterMb)).toFixed(0);
    say(`| ${step} | ${cells.join(" | ")} | ${ratio} | ${later} MB |`);
  }
  say("");
  const entry = join(project, "dist/node.mjs");
  say(showMeasured(await measureSaves(entry, [100, 10_000, 100_000], 200)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
