import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { type BuiltCli, buildCli } from "../cli/built-cli.ts";
import { type Drives, openDrives } from "../cli/drives.ts";
import { inTemporaryFolder, seededRandom } from "../store/blocks.ts";
import { openVault, testKey } from "./open-vault.ts";

const long = process.env["IPCLOUD_LONG"] === "1";

/** Runs the child. @returns its lines and what ended it. */
function runChild(home: string, killAt: number): Promise<{ lines: string[]; signal: string }> {
  const program = fileURLToPath(new URL("init-child.ts", import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, home, killAt.toString()], (error, stdout, stderr) => {
      if (error !== null && error.signal !== "SIGKILL") reject(new Error(stderr));
      resolve({ lines: stdout.split("\n").filter(Boolean), signal: error?.signal ?? "" });
    });
  });
}

/**
 * Checks what a kill left: there is no account, or its words are to be had, or were handed out; and
 * they are those of the account.
 * @param handedOut - the words, if somebody was given them.
 */
async function checkWords(home: string, handedOut: string | undefined): Promise<string> {
  const opened = await openVault(home, { makes: false });
  try {
    const { vault } = opened;
    if (vault.state === "no-account") {
      assert.equal(handedOut, undefined, "the account of words that were handed out is gone");
      assert.notEqual((await vault.create(testKey, undefined, "laptop")).words, undefined);
      return "no account";
    }
    await vault.unlock(testKey);
    const kept = await vault.words(testKey).catch((error: unknown) => {
      if (!isCloudError(error, "not-found")) throw error;
      return undefined;
    });
    assert.equal(kept !== undefined, vault.unconfirmed !== undefined);
    const words = kept?.words ?? handedOut;
    assert.notEqual(words, undefined, "an account without words");
    if (handedOut !== undefined) assert.equal(words, handedOut);
    const account = vault.names?.account;
    assert.equal(await accountOf(words ?? ""), account);
    await vault.drive.write({ path: "/a" }, toUtf8("works"));
    return kept === undefined ? "confirmed" : "unconfirmed";
  } finally {
    await opened.close();
  }
}

/** The name of the account that words stand for. */
function accountOf(words: string): Promise<string> {
  return inTemporaryFolder(async (home) => {
    const opened = await openVault(home, { makes: false });
    const { account } = await opened.vault.create(testKey, words, "elsewhere");
    await opened.close();
    return account;
  });
}

describe("making an account, ended by a kill", function () {
  this.timeout(long ? 1_800_000 : 120_000);

  it("leaves none, or one whose words are to be had, at every write point", async () => {
    const points = await inTemporaryFolder(async (home) => {
      const { lines } = await runChild(home, 0);
      assert.equal(lines[1], "confirmed");
      return JSON.parse(lines.at(-1) ?? "") as string[];
    });
    const random = seededRandom(3);
    const isTold = points.map((point) => point.includes("keystore"));
    const tried = points.map((_, i) => i + 1);
    // All around the keystore, and some of the rest.
    const chosen = tried.filter(
      (at) => long || isTold[at - 1] === true || random() < 4 / points.length,
    );
    const seen = new Set<string>();
    const tryOne = (killAt: number): Promise<void> =>
      inTemporaryFolder(async (home) => {
        const { lines, signal } = await runChild(home, killAt);
        const [words] = signal === "SIGKILL" ? lines : [];
        const found = await checkWords(home, words).catch((cause: unknown) => {
          throw new Error(`${killAt.toString()}, ${points[killAt - 1] ?? ""}`, { cause });
        });
        seen.add(found);
      });
    const worker = async (): Promise<void> => {
      for (let next = chosen.pop(); next !== undefined; next = chosen.pop()) await tryOne(next);
    };
    await Promise.all([worker(), worker()]);
    assert.deepEqual([...seen].sort(), ["confirmed", "no account", "unconfirmed"]);
  });
});

describe("ipcloud init, ended by a kill of the command line and its node", function () {
  this.timeout(long ? 1_800_000 : 180_000);
  let built: BuiltCli;
  let drives: Drives;
  before(async () => {
    built = await buildCli();
    drives = await openDrives(built.invoke);
  });
  after(async () => {
    await drives.remove();
    await built.remove();
  });

  it("can be begun again or shows its words, whenever it was ended", async () => {
    const random = seededRandom(5);
    const seen = new Map<string, number>();
    for (let round = 0; round < (long ? 60 : 4); round++) {
      const name = `killed-${round.toString()}`;
      const wordsFile = join(drives.folder, `${name}.words`);
      const child = spawn(process.execPath, [built.program, "init", "--words-out", wordsFile], {
        env: drives.environment(name),
        cwd: drives.folder,
        stdio: "ignore",
      });
      const gone = new Promise((resolve) => child.once("exit", resolve));
      await Promise.race([gone, wait(300 + random() * 1500)]);
      const node = startedBy(child.pid ?? 0);
      for (const pid of node) process.kill(pid, "SIGKILL");
      child.kill("SIGKILL");
      await gone;
      const outcome = await goOn(name, wordsFile);
      seen.set(outcome, 1 + (seen.get(outcome) ?? 0));
      await drives.run(name, ["node", "stop"]);
    }
    if (long) assert.ok(seen.size > 2, JSON.stringify([...seen]));
  });

  /** What a person would do next. */
  async function goOn(name: string, wordsFile: string): Promise<string> {
    const again = join(dirname(wordsFile), `${name}.again`);
    const { wordsConfirmed, state } = (await drives.json(name, "status")) as {
      state: string;
      wordsConfirmed: boolean;
    };
    if (state === "no-account" || random01(name)) {
      const { status, stderr } = await drives.run(name, ["init", "--words-out", again]);
      if (state === "no-account" || !wordsConfirmed) assert.equal(status, 0, stderr);
      else assert.equal(status, 5, stderr);
    }
    const status = await drives.run(name, ["words", "--out", `${again}2`]);
    const words = [`${again}2`, again, wordsFile].find((path) => existsSync(path));
    assert.ok(words !== undefined, status.stderr);
    const elsewhere = `${name}-elsewhere`;
    await drives.text(elsewhere, "init", "--words-in", words);
    await drives.text(name, "unlock");
    const accounts: unknown[] = [];
    for (const each of [name, elsewhere]) {
      accounts.push(((await drives.json(each, "status")) as { account: string }).account);
    }
    assert.equal(accounts[0], accounts[1], readFileSync(words, "utf8"));
    await drives.run(elsewhere, ["node", "stop"]);
    return `${state} ${String(wordsConfirmed)}`;
  }

  /** Half of those that may begin anew do. */
  const random01 = (name: string): boolean => name.charCodeAt(name.length - 1) % 2 === 0;
});

/** The processes that one has started, where the system tells. */
function startedBy(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid.toString()}/task/${pid.toString()}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
