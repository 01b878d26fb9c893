// npm run bench [-- FOLDER]: whole trees and one large file in and out, beside restic, rclone crypt
// and cp where they are installed, in turns of one run; then saves and listings. Prints markdown.
import { spawnSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { measureSaves, showMeasured } from "./saves.ts";

const project = resolve(import.meta.dirname, "../..");
const source = resolve(process.argv[2] ?? join(project, "node_modules"));
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const largeBytes = 1024 * 1024 * 1024;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** One way to keep a tree: what is run, in a folder of its own. */
interface Peer {
  readonly name: string;
  /** Environment and arguments for each step; the folder is empty before `prepare`. */
  readonly env: (folder: string) => Record<string, string>;
  readonly prepare: (folder: string) => string[][];
  readonly take: (from: string, name: string, folder: string) => string[];
  readonly give: (name: string, to: string, folder: string) => string[];
}

const cli = [process.execPath, join(project, "dist/ipcloud.mjs")];

const peers: readonly Peer[] = [
  {
    name: "IPCloud",
    env: (folder) => ({
      IPCLOUD_HOME: join(folder, "home"),
      IPCLOUD_PASSPHRASE_FILE: join(folder, "passphrase"),
    }),
    prepare: (folder) => [[...cli, "init", "--words-out", join(folder, "words")]],
    take: (from, name) => [...cli, "import", from, `/${name}`],
    give: (name, to) => [...cli, "export", `/${name}`, to],
  },
  {
    name: "restic",
    env: (folder) => ({
      RESTIC_REPOSITORY: join(folder, "repository"),
      RESTIC_PASSWORD_FILE: join(folder, "passphrase"),
      RESTIC_CACHE_DIR: join(folder, "cache"),
    }),
    prepare: () => [["restic", "init"]],
    take: (from, name) => ["restic", "backup", "--tag", name, from],
    give: (name, to) => ["restic", "restore", "latest", "--tag", name, "--target", to],
  },
  {
    name: "rclone crypt",
    env: (folder) => ({
      RCLONE_CONFIG: join(folder, "rclone.conf"),
      RCLONE_CONFIG_SEALED_TYPE: "crypt",
      RCLONE_CONFIG_SEALED_REMOTE: join(folder, "sealed"),
      // Obscured, which is rclone's word for a fixed coding: a bench keeps no secret.
      RCLONE_CONFIG_SEALED_PASSWORD: obscured(),
    }),
    prepare: () => [],
    take: (from, name) => ["rclone", "copy", "--links", from, `sealed:${name}`],
    give: (name, to) => ["rclone", "copy", "--links", `sealed:${name}`, to],
  },
  {
    name: "cp",
    env: () => ({}),
    prepare: () => [],
    take: (from, name, folder) => ["cp", "-a", from, join(folder, name)],
    give: (name, to, folder) => ["cp", "-a", join(folder, name), to],
  },
];

function obscured(): string {
  return spawnSync("rclone", ["obscure", "bench"], { encoding: "utf8" }).stdout.trim();
}

function isInstalled({ name }: Peer): boolean {
  const [program] = name.split(" ");
  return name === "IPCloud" || spawnSync("which", [program as string]).status === 0;
}

/** Runs a command to its end. @returns seconds. */
function time(command: readonly string[], env: Record<string, string>): number {
  const [program, ...args] = command;
  const began = performance.now();
  const done = spawnSync(program as string, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (done.status !== 0) throw new Error(`${command.join(" ")}: ${done.stderr}`);
  return (performance.now() - began) / 1000;
}

/** The most memory that the node of a data folder held since the last call, in MB; Linux only. */
function peakMemory(env: Record<string, string>): number {
  const status = spawnSync(cli[0] as string, [...cli.slice(1), "status", "--json"], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  const { pid } = JSON.parse(status.stdout) as { pid: number };
  const at = `/proc/${pid.toString()}`;
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`${at}/status`, "utf8"))?.[1];
  writeFileSync(`${at}/clear_refs`, "5");
  return Number(peak) / 1024;
}

const steps = ["tree in", "tree in again", "tree out", "1 GiB in", "1 GiB out"] as const;
type Times = Map<(typeof steps)[number], number[]>;
const peaks: Times = new Map();

function measure(peer: Peer, folder: string, large: string, times: Times): void {
  const env = peer.env(folder);
  writeFileSync(join(folder, "passphrase"), "a passphrase of the bench\n", { mode: 0o600 });
  const note = (step: (typeof steps)[number], command: readonly string[]): void => {
    times.set(step, [...(times.get(step) ?? []), time(command, env)]);
    if (peer.name === "IPCloud") peaks.set(step, [...(peaks.get(step) ?? []), peakMemory(env)]);
  };
  for (const command of peer.prepare(folder)) time(command, env);
  try {
    note("tree in", peer.take(source, "tree", folder));
    note("tree in again", peer.take(source, peer.name === "cp" ? "again" : "tree", folder));
    note("tree out", peer.give("tree", join(folder, "out"), folder));
    note("1 GiB in", peer.take(large, "large", folder));
    note("1 GiB out", peer.give("large", join(folder, "large-out"), folder));
  } finally {
    if (peer.name === "IPCloud") time([...cli, "node", "stop"], env);
  }
}

function makeLarge(folder: string): string {
  const large = join(folder, "large");
  mkdirSync(large);
  const file = openSync(join(large, "file"), "w");
  const piece = new Uint8Array(4 * 1024 * 1024);
  for (let at = 0; at < largeBytes; at += piece.length) writeSync(file, randomFillSync(piece));
  closeSync(file);
  return large;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const folder = mkdtempSync(join(tmpdir(), "ipcloud-bench-"));
try {
  const large = makeLarge(folder);
  const present = peers.filter(isInstalled);
  const times = new Map(present.map(({ name }) => [name, new Map() as Times] as const));
  for (let round = 0; round < rounds; round++) {
    for (const peer of present) {
      const own = join(folder, `round-${round.toString()}-${peer.name.replace(" ", "-")}`);
      mkdirSync(own);
      measure(peer, own, large, times.get(peer.name) as Times);
      rmSync(own, { recursive: true, force: true });
    }
  }
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  say(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length.toString()} cores, ${memory} GiB, Linux ${release()}, Node ${process.version}; medians of ${rounds.toString()} turns, seconds\n`,
  );
  say(`| | ${present.map(({ name }) => name).join(" | ")} | most memory of the node |`);
  say(`| --- |${" --- |".repeat(present.length + 1)}`);
  for (const step of steps) {
    const row = present.map(({ name }) => median(times.get(name)?.get(step) ?? []).toFixed(2));
    say(`| ${step} | ${row.join(" | ")} | ${median(peaks.get(step) ?? []).toFixed(0)} MB |`);
  }
  say("");
  const entry = join(project, "dist/node.mjs");
  say(showMeasured(await measureSaves(entry, [100, 10_000, 100_000], 200)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
