import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inTemporaryFolder } from "./blocks.ts";
import { checkAfterCrash, runWorkload } from "./crash-workload.ts";

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

  it("has them also if the machine stops and loses what was not synced to a segment", async function () {
    this.timeout(120_000);
    await inTemporaryFolder(async (home) => {
      const folder = join(home, "store");
      const synced = new Map<string, number>();
      const copies: { folder: string; acknowledged: number; point: string }[] = [];
      let acknowledged = 0;
      let sizeAtSync = 0;
      await runWorkload(
        folder,
        (point, path) => {
          // A collection may have deleted a segment that was left and is synced after that.
          const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
          if (point === "before segment sync") sizeAtSync = size;
          if (point === "after segment sync") synced.set(path, sizeAtSync);
          if (point === "after segment create") synced.set(path, 0);
          if (point === "after segment cut") synced.set(path, size);
          const copy = join(home, copies.length.toString());
          mkdirSync(copy);
          cpSync(folder, copy, { recursive: true });
          loseUnsynced(folder, copy, synced);
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
});

/** Cuts the segments of a copy to what was synced in the folder it was made of. */
function loseUnsynced(folder: string, copy: string, synced: ReadonlyMap<string, number>): void {
  const exists = statSync(join(copy, "segments"), { throwIfNoEntry: false }) !== undefined;
  if (!exists) return;
  for (const name of readdirSync(join(copy, "segments"))) {
    const length = synced.get(join(folder, "segments", name)) ?? 0;
    truncateSync(join(copy, "segments", name), length);
  }
}
