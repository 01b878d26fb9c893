// npm run bench:search [-- FOLDER...]: Go to File and find in a drive of 100,000 files; then grep in
// 1 GiB of real text, beside ripgrep on the same files, in turns, with nothing of them in the
// system's cache (as root; else with all of it). Prints markdown. BENCH_ROUNDS sets the turns (3),
// BENCH_MIB how much text (1,024). Linux only.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Client, connect } from "../../src/node/rpc/client.ts";
import { findRipgrep } from "./find-ripgrep.ts";
import { cli, project } from "./peers.ts";
import { gatherText } from "./real-text.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const textBytes = Number(process.env["BENCH_MIB"] ?? 1024) * 1024 * 1024;
const manyFiles = 100_000;
const restMs = 8000;
const usual = [
  "/usr/local/go/src",
  "/usr/share",
  join(project, "node_modules"),
  "/usr/include",
  "/usr/lib",
  join(homedir(), "go/pkg/mod"),
];
const asked = process.argv.slice(2);
const sources = (asked.length > 0 ? asked : usual).filter((folder) => existsSync(folder));

/** What is looked for: a text, one in any case, and expressions with and without a text in them. */
const queries: readonly (readonly [name: string, options: readonly string[]])[] = [
  ["a text that is seldom", ["-F", "CommitLoop"]],
  ["a text that is common", ["-F", "license"]],
  ["in any case", ["-i", "-F", "this software"]],
  ["an expression with a text", ["func \\w+Poll"]],
  ["an expression without one", ["[A-Z]{5}_[a-z]{3}[0-9]"]],
];
/** As it is typed, key by key. */
const typed = ["handler", "spaceindex", "src/tree", "blk12", "readme vault", "qfp"];
const words =
  "drive session provider index store block readme main space vault handler queue".split(" ");

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** Runs a program to its end. @returns seconds, and lines that it wrote */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): [number, number] {
  const began = performance.now();
  const { stdout, stderr, status } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    encoding: "buffer",
    maxBuffer: 1 << 30,
  });
  if (status !== 0 && status !== 1) throw new Error(`${program}: ${stderr.toString()}`);
  const seconds = (performance.now() - began) / 1000;
  return [seconds, stdout.toString("latin1").split("\n").length - 1];
}

/** Has the system forget what it holds of files. @returns whether it may be asked to. */
function forgetFiles(): boolean {
  spawnSync("sync");
  try {
    writeFileSync("/proc/sys/vm/drop_caches", "3");
    return true;
  } catch {
    return false;
  }
}

/** In MB, of the process alone. */
function memoryMb(pid: number): number {
  const status = readFileSync(`/proc/${pid.toString()}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function makeTree(folder: string): void {
  const word = (i: number): string => words[i % words.length] as string;
  for (let i = 0; i < manyFiles / 50; i++) {
    const inner = join(
      folder,
      `${word(i)}-${(i % 40).toString()}`,
      `${word(i >> 4)}${i.toString()}`,
    );
    mkdirSync(inner, { recursive: true });
    for (let j = 0; j < 50; j++) {
      const name = `${word(j)}-${word(j * 7 + i)}-${j.toString()}.ts`;
      writeFileSync(join(inner, name), `${i.toString()}.${j.toString()}\n`);
    }
  }
}

async function timed<Result>(work: () => Promise<Result>): Promise<[number, Result]> {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}

/** Asks as the box of the editor does. */
async function measureNames(client: Client): Promise<void> {
  const ask = (query: string) => client.request("findFiles", { query, limit: 200, partial: true });
  const { pid } = await client.request("status", {});
  const before = memoryMb(pid);
  const began = performance.now();
  let first = Number.NaN;
  for (;;) {
    const { items, isComplete } = await ask("handler");
    if (items.length > 0 && Number.isNaN(first)) first = performance.now() - began;
    if (isComplete) break;
  }
  const complete = performance.now() - began;
  // The node gives back what the reading left behind once it has been at rest for a while.
  await wait(restMs);
  const after = memoryMb(pid);
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    for (const query of typed) {
      for (let end = 1; end <= query.length; end++) {
        const [took] = await timed(() => ask(query.slice(0, end)));
        times.push(took);
      }
    }
  }
  await client.request("write", { path: "/new-file.ts", content: new Uint8Array(1) });
  const [changed, found] = await timed(() => ask("newfile"));
  if (found.items[0]?.path !== "/new-file.ts") throw new Error("a new file was not found");
  say(`| Go to File, ${manyFiles.toLocaleString("en")} files | |`);
  say("| --- | --- |");
  say(`| first results, names not known yet | ${ms(first)} |`);
  say(`| all of them, names not known yet | ${ms(complete)} |`);
  say(`| a key, at the median | ${ms(median(times))} |`);
  say(`| the slowest of ${times.length.toString()} keys | ${ms(Math.max(...times))} |`);
  say(`| the first after a change | ${ms(changed)} |`);
  say(`| memory of the node before, after | ${before.toFixed(0)} MB, ${after.toFixed(0)} MB |`);
}

/** A data folder of a new drive, and the environment of the command line for it. */
function newDrive(folder: string, name: string): NodeJS.ProcessEnv {
  const env = {
    IPCLOUD_HOME: join(folder, name),
    IPCLOUD_PASSPHRASE_FILE: join(folder, "passphrase"),
  };
  ipcloud(env, "init", "--words-out", join(folder, `${name}.words`));
  return env;
}

/** Runs the command line. @returns seconds, and lines that it wrote */
function ipcloud(env: NodeJS.ProcessEnv, ...args: readonly string[]): [number, number] {
  const [program, ...rest] = [...cli, ...args];
  return run(program as string, rest, env);
}

const folder = mkdtempSync(join(tmpdir(), "ipcloud-search-"));
try {
  writeFileSync(join(folder, "passphrase"), "a passphrase of the bench\n", { mode: 0o600 });
  const tree = join(folder, "tree");
  makeTree(tree);
  const named = newDrive(folder, "names");
  ipcloud(named, "import", tree, "/");
  ipcloud(named, "node", "stop");
  ipcloud(named, "ls", "/");
  const client = await connect({ home: named["IPCLOUD_HOME"] as string });
  await measureNames(client);
  const [found] = ipcloud(named, "find", "*vault*.ts");
  const [best] = ipcloud(named, "find", "spaceindex");
  say(
    `| \`ipcloud find '*vault*.ts'\`, \`find spaceindex\` | ${found.toFixed(2)} s, ${best.toFixed(2)} s |`,
  );
  client.close();
  ipcloud(named, "node", "stop");
  rmSync(tree, { recursive: true });

  const text = join(folder, "text");
  const { files, bytes } = gatherText(sources, text, textBytes);
  const drive = newDrive(folder, "text-drive");
  ipcloud(drive, "import", text, "/");
  const ripgrep = findRipgrep();
  const isCold = forgetFiles();
  say("");
  say(
    `grep: ${files.toLocaleString("en")} files, ${(bytes / 2 ** 20).toFixed(0)} MiB, cache ${isCold ? "empty" : "full"}, seconds at the median of ${rounds.toString()}`,
  );
  say("");
  say("| | IPCloud | ripgrep | ratio | files found |");
  say("| --- | --- | --- | --- | --- |");
  for (const [name, options] of queries) {
    const ours: number[] = [];
    const theirs: number[] = [];
    let counts: [number, number] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      ipcloud(drive, "ls", "/");
      forgetFiles();
      const [own, ownFiles] = ipcloud(drive, "grep", "-l", ...options);
      ours.push(own);
      if (ripgrep === undefined) continue;
      forgetFiles();
      const args = ["--no-ignore", "--hidden", "-l", ...options, text];
      const [other, otherFiles] = run(ripgrep, args, {});
      theirs.push(other);
      counts = [ownFiles, otherFiles];
    }
    const [own, other] = [median(ours), median(theirs)];
    const shown = counts[0] === counts[1] ? counts[0].toString() : counts.join(" and ");
    say(
      `| ${name} | ${own.toFixed(2)} | ${other.toFixed(2)} | ${(own / other).toFixed(2)} | ${shown} |`,
    );
  }
  ipcloud(drive, "node", "stop");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
