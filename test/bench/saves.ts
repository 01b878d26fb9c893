// How long a save, a stat, a listing and a read take through the socket of a real node, in drives
// of several sizes, and what a node at rest takes. By hand: node test/bench/saves.ts [NODE.mjs]
import { randomBytes } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Client, connect } from "../../src/node/rpc/client.ts";
import type { UnlockSecret } from "../../src/node/rpc/contract.ts";

/** What one measurement came to. */
export interface Measured {
  readonly name: string;
  /** Files of the drive. */
  readonly files: number;
  readonly value: number;
  readonly unit: "ms" | "MB";
}

/** A node whose drive has so many files. */
interface FilledNode {
  readonly home: string;
  readonly files: number;
  readonly client: Client;
}

const filesEach = 1000;
const saveBytes = 4096;
const secret: UnlockSecret = { key: new Uint8Array(32).fill(7) };
/** Longer than the processes that seal wait for work. */
const restMs = 8000;

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function makeTree(folder: string, files: number): Promise<void> {
  for (let made = 0; made < files; made += filesEach) {
    const inner = join(folder, `folder-${(made / filesEach).toString()}`);
    await mkdir(inner, { recursive: true });
    const count = Math.min(filesEach, files - made);
    await Promise.all(
      Array.from({ length: count }, (_, i) =>
        writeFile(join(inner, `file-${i.toString()}.txt`), `${inner} ${i.toString()}\n`.repeat(8)),
      ),
    );
  }
}

async function fill(
  folder: string,
  files: number,
  launch: { execPath: string; entry: string },
): Promise<FilledNode> {
  const home = join(folder, `home-${files.toString()}`);
  const source = join(folder, `source-${files.toString()}`);
  await mkdir(home, { mode: 0o700 });
  await makeTree(source, files);
  const client = await connect({ home, launch });
  await client.request("createAccount", { secret });
  await client.request("import", { source, dest: "/" });
  await rm(source, { recursive: true });
  return { home, files, client };
}

async function restart(
  { home, files, client }: FilledNode,
  launch: { execPath: string; entry: string },
): Promise<FilledNode> {
  await client.request("stop", {});
  client.close();
  const next = await connect({ home, launch });
  await next.request("unlock", { secret });
  return { home, files, client: next };
}

/** Paths of files of a drive, scattered over it. */
function somePath(files: number, i: number): string {
  const at = (i * 7_919 + 13) % files;
  const folder = Math.floor(at / filesEach).toString();
  return `/folder-${folder}/file-${(at % filesEach).toString()}.txt`;
}

/** One turn of each node after the other, so that whatever else the machine does hits all alike. */
async function inTurns(
  nodes: readonly FilledNode[],
  turns: number,
  work: (node: FilledNode, turn: number) => Promise<unknown>,
): Promise<Map<number, number[]>> {
  const times = new Map(nodes.map(({ files }) => [files, [] as number[]]));
  for (let turn = 0; turn < turns; turn++) {
    for (const node of nodes) {
      times.get(node.files)?.push(await timed(() => work(node, turn)));
    }
  }
  return times;
}

/** What writing as much as a save does and waiting for the disk takes by itself. */
function syncMs(folder: string, turns: number): number {
  const file = openSync(join(folder, "sync"), "w");
  const bytes = randomBytes(48 * 1024);
  const times: number[] = [];
  for (let i = 0; i < turns; i++) {
    const start = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  return median(times);
}

function memoryMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid.toString()}/status`, "utf8"));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

/** What a process has computed so far, in ms, on all threads; steadier than time on a busy machine. */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid.toString()}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const msPerTick = 10;
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/**
 * Runs all cases.
 * @param entry - the node's main module; its bundle is what users run.
 * @param sizes - files of the drives.
 */
export async function measureSaves(
  entry: string,
  sizes: readonly number[] = [100, 10_000, 100_000],
  turns = 300,
): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-saves-"));
  const launch = { execPath: process.execPath, entry };
  const results: Measured[] = [];
  const note = (name: string, times: ReadonlyMap<number, readonly number[]>): void => {
    for (const [files, all] of times) {
      results.push({ name, files, value: median(all), unit: "ms" });
    }
  };
  const nodes: FilledNode[] = [];
  try {
    for (const files of sizes) nodes.push(await fill(folder, files, launch));
    for (const [i, node] of nodes.entries()) {
      nodes[i] = await restart(node, launch);
      const ms = await timed(
        () => nodes[i]?.client.request("list", { path: "/" }) as Promise<unknown>,
      );
      results.push({
        name: "first listing of / once opened",
        files: node.files,
        value: ms,
        unit: "ms",
      });
    }
    await wait(restMs);
    for (const { client, files } of nodes) {
      const { pid } = await client.request("status", {});
      results.push({
        name: "memory at rest, after one listing",
        files,
        value: memoryMb(pid),
        unit: "MB",
      });
    }
    const save = ({ client, files }: FilledNode, turn: number): Promise<unknown> =>
      client.request("write", { path: somePath(files, turn), content: randomBytes(saveBytes) });
    await inTurns(nodes, 100, save);
    results.push({
      name: "write and sync 48 KiB, by itself",
      files: 0,
      value: syncMs(folder, turns),
      unit: "ms",
    });
    const pids = await Promise.all(
      nodes.map(async ({ client }) => (await client.request("status", {})).pid),
    );
    const before = pids.map(processorMs);
    note("durable save of 4 KiB", await inTurns(nodes, turns, save));
    for (const [i, { files }] of nodes.entries()) {
      const spent = processorMs(pids[i] as number) - (before[i] as number);
      const name = "processor time of that save, kernel included, on average";
      results.push({ name, files, value: spent / turns, unit: "ms" });
    }
    note(
      "stat",
      await inTurns(nodes, turns, ({ client, files }, turn) =>
        client.request("stat", { path: somePath(files, turn) }),
      ),
    );
    note(
      "read of a saved file of 4 KiB",
      await inTurns(nodes, turns, ({ client, files }, turn) =>
        client.request("read", { path: somePath(files, turn) }),
      ),
    );
    note(
      "listing of a folder of up to 1,000 files",
      await inTurns(nodes, 20, ({ client, files }, turn) =>
        client.request("list", {
          path: `/folder-${(turn % Math.ceil(files / filesEach)).toString()}`,
        }),
      ),
    );
    const lanes = 64;
    const perLane = 16;
    note(
      "one of 1,024 saves by 64 at once",
      new Map(
        await Promise.all(
          [nodes.at(-1) as FilledNode].map(async ({ client, files }) => {
            const all = await timed(() =>
              Promise.all(
                Array.from({ length: lanes }, async (_, lane) => {
                  for (let i = 0; i < perLane; i++) {
                    const path = `/lane-${lane.toString()}-${i.toString()}`;
                    await client.request("write", { path, content: randomBytes(saveBytes) });
                  }
                }),
              ),
            );
            return [files, [all / (lanes * perLane)]] as const;
          }),
        ),
      ),
    );
    await wait(restMs);
    for (const { client, files } of nodes) {
      const { pid } = await client.request("status", {});
      results.push({
        name: "memory at rest, after all that",
        files,
        value: memoryMb(pid),
        unit: "MB",
      });
    }
    return results;
  } finally {
    for (const { client } of nodes) {
      await client.request("stop", {}).catch(() => undefined);
      client.close();
    }
    await rm(folder, { recursive: true, force: true });
  }
}

/** The results as a table, one row a case and one column a size. */
export function showMeasured(results: readonly Measured[]): string {
  const sizes = [...new Set(results.map(({ files }) => files))].filter((files) => files > 0);
  const head = ["", ...sizes.map((files) => `${files.toLocaleString("en")} files`)];
  const rows = [...new Set(results.map(({ name }) => name))].map((name) => {
    const all = results.filter((one) => one.name === name);
    const show = (one: Measured | undefined): string =>
      one === undefined ? "" : `${one.value.toFixed(2)} ${one.unit}`;
    const cells = sizes.map((files) =>
      show(all.find((one) => one.files === files || one.files === 0)),
    );
    return [name, ...cells];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

if (import.meta.main) {
  const entry = resolve(process.argv[2] ?? "dist/node.mjs");
  process.stdout.write(`${showMeasured(await measureSaves(entry))}\n`);
}
