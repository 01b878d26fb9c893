import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { inTemporaryFolder, seededRandom } from "../store/blocks.ts";
import { quietCall } from "../support/open-drive.ts";
import { afterwards, describeDrive, openAfterCrash, runWorkload, steps } from "./drive-workload.ts";

const long = process.env["IPCLOUD_LONG"] === "1";

/** What the drive shows after each number of steps. */
async function expectedStates(): Promise<string[][]> {
  return inTemporaryFolder(async (folder) => {
    const states: string[][] = [];
    await runWorkload(folder, {
      acknowledge: (_done, shown) => {
        states.push([...shown]);
      },
      looks: true,
    });
    return states;
  });
}

/**
 * Opens what a crash left: the drive has all steps that were acknowledged and the next one wholly or
 * not at all, is sound, and goes on.
 */
async function checkAfterCrash(
  home: string,
  acknowledged: number,
  expected: readonly (readonly string[])[],
): Promise<void> {
  const { opened, key } = await openAfterCrash(home, afterwards);
  try {
    const secretStep = steps.findIndex(({ name }) => name === "change the secret") + 1;
    if (acknowledged >= secretStep) assert.equal(key, 1, "the new secret opens it");
    if (acknowledged + 1 < secretStep) assert.equal(key, 0, "the old secret opens it");
    const shown = await describeDrive(opened);
    // Before the account is made there is nothing to lose.
    const before = expected[Math.max(acknowledged, 0)];
    const after = expected[acknowledged + 1] ?? before;
    const isAfter = shown.join("\n") === after?.join("\n");
    if (!isAfter) assert.deepEqual(shown, before);
    const { ok, damaged, problems } = await opened.vault.drive.verify(quietCall);
    assert.deepEqual({ ok, damaged, problems }, { ok: true, damaged: [], problems: [] });
    await opened.vault.drive.write({ path: "/afterwards" }, toUtf8("goes on"));
    await opened.vault.drive.collectGarbage(quietCall);
    assert.equal((await opened.vault.drive.verify(quietCall)).ok, true);
  } finally {
    await opened.close();
  }
}

describe("a drive whose process ends", function () {
  this.timeout(long ? 1_800_000 : 120_000);
  let expected: string[][];
  before(async () => {
    expected = await expectedStates();
  });

  it("has every acknowledged change and nothing by halves, at every write point", async () => {
    await inTemporaryFolder(async (folder) => {
      const home = join(folder, "home");
      const copies: { home: string; acknowledged: number; point: string }[] = [];
      let acknowledged = -1;
      await runWorkload(home, {
        acknowledge: (done) => {
          acknowledged = done;
        },
        onWritePoint: (point) => {
          const copy = join(folder, copies.length.toString());
          cpSync(home, copy, { recursive: true });
          copies.push({ home: copy, acknowledged, point });
        },
      });
      const random = seededRandom(1);
      const opened = copies.filter(({ acknowledged: done }) => done >= 0);
      assert.ok(opened.length > 60, "the workload has many write points");
      for (const { home: copy, acknowledged: done, point } of opened) {
        if (!long && random() > 20 / opened.length) continue;
        await checkAfterCrash(copy, done, expected).catch(at(point, done));
      }
    });
  });

  it("has them when it is killed there, as the writer that it was", async () => {
    const points = await inTemporaryFolder(async (folder) => {
      const { lines } = await runChild(folder, 0);
      return JSON.parse(lines.at(-1) ?? "") as string[];
    });
    const random = seededRandom(2);
    const left = points.map((_, i) => i + 1).filter(() => long || random() < 3 / points.length);
    const ofKeystore = points.findLastIndex((point) => point === "after rename of the keystore");
    if (!long) left.push(ofKeystore + 1);
    const tryOne = async (killAt: number): Promise<void> => {
      await inTemporaryFolder(async (folder) => {
        const { lines, signal } = await runChild(folder, killAt);
        // Background steps may come in another order, so the last points may not be reached.
        if (signal !== "SIGKILL") lines.pop();
        const done = Number(lines.at(-1) ?? -1);
        const point = `${killAt.toString()}, ${points[killAt - 1] ?? ""}`;
        await checkAfterCrash(folder, done, expected).catch(at(point, done));
      });
    };
    const worker = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) await tryOne(next);
    };
    await Promise.all([worker(), worker()]);
  });
});

/** Says where it went wrong. */
function at(point: string, done: number): (cause: unknown) => never {
  return (cause) => {
    throw new Error(`${point} of "${steps[done]?.name ?? "the end"}"`, { cause });
  };
}

/** Runs the child. @returns its lines and what ended it. */
function runChild(home: string, killAt: number): Promise<{ lines: string[]; signal: string }> {
  const program = fileURLToPath(new URL("crash-child.ts", import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, home, killAt.toString()], (error, stdout, stderr) => {
      if (error !== null && error.signal !== "SIGKILL") reject(new Error(stderr));
      resolve({ lines: stdout.split("\n").filter(Boolean), signal: error?.signal ?? "" });
    });
  });
}
