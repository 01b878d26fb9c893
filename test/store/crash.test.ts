import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "../../src/node/store/open-store.ts";
import type { WritePoint } from "../../src/node/store/write-point.ts";
import { inTemporaryFolder } from "./blocks.ts";
import { checkAfterCrash, options, runWorkload } from "./crash-workload.ts";

const child = fileURLToPath(new URL("crash-child.ts", import.meta.url));
const long = process.env["IPCLOUD_LONG"] === "1";

/** Runs the child. @returns its lines and what ended it. */
function runChild(folder: string, killAt: number): Promise<{ lines: string[]; signal: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [child, folder, killAt.toString()], (error, stdout, stderr) => {
      if (error !== null && error.signal !== "SIGKILL") assert.fail(stderr);
      resolve({ lines: stdout.split("\n").filter(Boolean), signal: error?.signal ?? "" });
    });
  });
}

/** Every point in the long run; else the one in the middle of each name. */
function chosenPoints(points: readonly string[]): number[] {
  const numbers = points.map((_, i) => i + 1);
  if (long) return numbers;
  return [...new Set(points)].map((name) => {
    const ofName = numbers.filter((n) => points[n - 1] === name);
    return ofName[Math.floor(ofName.length / 2)] as number;
  });
}

describe("a store whose process is killed", () => {
  it("has every acknowledged commit and nothing of others, at every write point", async function () {
    this.timeout(long ? 600_000 : 60_000);
    const points = await inTemporaryFolder(async (folder) => {
      const { lines } = await runChild(folder, 0);
      return JSON.parse(lines.at(-1) ?? "") as string[];
    });
    const left = chosenPoints(points);
    const tryOne = async (killAt: number): Promise<void> => {
      await inTemporaryFolder(async (folder) => {
        const { lines, signal } = await runChild(folder, killAt);
        // Background steps may come in another order, so the last points may not be reached.
        if (signal !== "SIGKILL") lines.pop();
        const at = `${killAt.toString()}, ${points[killAt - 1] ?? ""}`;
        await checkAfterCrash(folder, lines.length).catch((error: unknown) => {
          throw new Error(`killed at point ${at}`, { cause: error });
        });
      });
    };
    const worker = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) await tryOne(next);
    };
    await Promise.all([worker(), worker()]);
  });

  it("has them also if the machine stops and loses what was not synced", async function () {
    this.timeout(120_000);
    await inTemporaryFolder(async (home) => {
      const folder = join(home, "store");
      const synced = new Synced();
      const copies: { folder: string; acknowledged: number; point: string }[] = [];
      let acknowledged = 0;
      await runWorkload(
        folder,
        (point, path) => {
          synced.note(point, path);
          const copy = join(home, copies.length.toString());
          mkdirSync(copy);
          cpSync(folder, copy, { recursive: true });
          synced.cut(copy);
          copies.push({ folder: copy, acknowledged, point });
        },
        (number) => {
          acknowledged = number;
        },
      );
      assert.ok(copies.length > 80, "the workload has many write points");
      for (const copy of copies) {
        await checkAfterCrash(copy.folder, copy.acknowledged).catch((error: unknown) => {
          throw new Error(`stopped at ${copy.point} after ${copy.acknowledged.toString()}`, {
            cause: error,
          });
        });
      }
    });
  });

  it("deletes no segment on the word of rows that a second stop takes back", async function () {
    this.timeout(120_000);
    await inTemporaryFolder(async (home) => {
      const folder = join(home, "store");
      const synced = new Synced();
      const killed: Killed[] = [];
      let acknowledged = 0;
      await runWorkload(
        folder,
        (point, path) => {
          synced.note(point, path);
          if (point !== "after commit") return;
          const copy = join(home, killed.length.toString());
          cpSync(folder, copy, { recursive: true });
          killed.push({ folder: copy, acknowledged, synced: synced.clone() });
        },
        (number) => {
          acknowledged = number;
        },
      );
      let stops = 0;
      for (const each of killed) stops += await stopWhileOpening(each);
      assert.ok(stops > 0, "no opening changed a segment");
    });
  });
});

/** A store as a kill left it. */
interface Killed {
  readonly folder: string;
  readonly acknowledged: number;
  readonly synced: Synced;
}

/**
 * Opens it and, after each change to a segment, checks what is left if the machine stops there and
 * loses what is not synced.
 * @returns how many such changes there were.
 */
async function stopWhileOpening({ folder, acknowledged, synced }: Killed): Promise<number> {
  const copies: string[] = [];
  const store = await openStore(folder, {
    ...options,
    onWritePoint: (point, path) => {
      synced.note(point, path);
      if (point !== "after segment cut" && point !== "after segment unlink") return;
      const copy = `${folder}-${copies.length.toString()}`;
      cpSync(folder, copy, { recursive: true });
      synced.cut(copy);
      copies.push(copy);
    },
  });
  await store.close();
  for (const copy of copies) await checkAfterCrash(copy, acknowledged);
  return copies.length;
}

/** How much of each segment and of the database's log is on disk, whatever the machine does. */
class Synced {
  readonly #segments: Map<string, number>;
  #log: number;
  #sizeBefore = 0;

  constructor(segments: ReadonlyMap<string, number> = new Map(), log = 0) {
    this.#segments = new Map(segments);
    this.#log = log;
  }

  /** The same of a copy that keeps what isn't synced, as a kill does. */
  clone(): Synced {
    return new Synced(this.#segments, this.#log);
  }

  note(point: WritePoint, path: string): void {
    // A collection may have deleted a segment that was left and is synced after that.
    const size = bytesOf(path);
    const logSize = bytesOf(`${path}-wal`);
    const name = basename(path);
    if (point === "before segment sync") this.#sizeBefore = size;
    if (point === "after segment sync") this.#segments.set(name, this.#sizeBefore);
    if (point === "after segment create") this.#segments.set(name, 0);
    if (point === "after segment cut") this.#segments.set(name, size);
    if (path.endsWith(".db") && logSize < this.#log) this.#log = 0; // another log began
    if (point === "before durable commit") this.#sizeBefore = logSize;
    // A commit that adds nothing to the log syncs nothing either.
    if (point === "after durable commit" && logSize > this.#sizeBefore) this.#log = logSize;
    if (point === "before checkpoint") this.#log = logSize;
  }

  /** Takes from a copy of the folder what isn't synced. */
  cut(copy: string): void {
    const log = join(copy, "store.db-wal");
    if (bytesOf(log) > this.#log) truncateSync(log, this.#log);
    if (!existsSync(join(copy, "segments"))) return;
    for (const name of readdirSync(join(copy, "segments"))) {
      truncateSync(join(copy, "segments", name), this.#segments.get(name) ?? 0);
    }
  }
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
