import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import {
  describeError,
  type LogLevel,
  openLog,
  parseLogLevel,
} from "../../src/node/platform/log.ts";

describe("the log", () => {
  let folder: string;
  let file: string;
  const clock = (): number => 1_763_683_200_000;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-test-"));
    file = join(folder, "node.log");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function linesOf(path: string): unknown[] {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown);
  }

  it("writes JSON lines of its level and graver ones", () => {
    const kept: Readonly<Record<LogLevel, number>> = { error: 1, warn: 2, info: 3, debug: 4 };
    for (const [level, count] of Object.entries(kept)) {
      rmSync(file, { force: true });
      const log = openLog(file, parseLogLevel(level), { clock });
      log.error("failed");
      log.warn("slow", { ms: 12.5 });
      log.info("ready", { code: "locked", done: true });
      log.debug("stat", { path: "/diary.txt" });
      log.close();
      const lines = linesOf(file);
      assert.equal(lines.length, count, level);
      const time = "2025-11-21T00:00:00.000Z";
      assert.deepEqual(lines[0], { time, level: "error", event: "failed" });
      if (count > 2) {
        const ready = { time, level: "info", event: "ready", code: "locked", done: true };
        assert.deepEqual(lines[2], ready);
      }
    }
  });

  it("is of level info if the level asked for is none", () => {
    assert.equal(parseLogLevel(undefined), "info");
    assert.equal(parseLogLevel("loud"), "info");
    assert.equal(parseLogLevel("debug"), "debug");
  });

  it("takes no text above debug but words of the program", () => {
    const log = openLog(file, "debug", { clock });
    const name = ["diary", "txt"].join(".");
    // @ts-expect-error a string that could be anything is no event
    log.info(name);
    // @ts-expect-error nor a field
    log.warn("opened", { path: name });
    // @ts-expect-error nor an object, which could hold one
    log.warn("opened", { entry: { name } });
    log.close();
  });

  it("writes a text that is no word as a question mark, should one slip through", () => {
    const log = openLog(file, "info", { clock });
    const slip = "my diary/2025" as "word";
    log.info(slip, { path: slip });
    log.error(slip);
    log.close();
    assert.doesNotMatch(readFileSync(file, "utf8"), /diary/);
  });

  it("describes errors by class, code and place, and says nothing that they say", () => {
    const secret = "diary.txt\n    at evil (/home/ann/diary.txt:1:1)";
    const system = Object.assign(new Error(secret), { code: "ENOSPC" });
    const error = new CloudError("storage-full", secret, { cause: system });
    const log = openLog(file, "error", { clock });
    log.error("failed", error);
    log.error("failed", secret);
    log.close();
    const text = readFileSync(file, "utf8");
    assert.doesNotMatch(text, /diary|ann/);
    assert.match(text, /"class":"CloudError","code":"storage-full","at":\["log\.test\.ts:\d+:\d+"/);
    assert.match(text, /"code":"ENOSPC"/);
    assert.match(text, /"class":"string"/);
    const changed = new Error(secret);
    assert.match(changed.stack ?? "", /diary/);
    changed.message = "after";
    assert.deepEqual(describeError(changed), [{ class: "Error", at: [] }]);
  });

  it("begins a new file when it is full and keeps one old one", () => {
    const log = openLog(file, "info", { clock, maxBytes: 1_000 });
    for (let number = 0; number < 100; number++) log.info("line", { number });
    log.close();
    assert.ok(statSync(file).size <= 1_000);
    assert.ok(statSync(`${file}.1`).size <= 1_000);
    const numbers = [...linesOf(`${file}.1`), ...linesOf(file)].map(
      (line) => (line as { number: number }).number,
    );
    assert.equal(numbers.at(-1), 99);
    assert.ok(numbers.every((number, i) => number === (numbers[0] ?? 0) + i));
    assert.equal(statSync(file).mode & 0o077, 0);
  });

  it("goes on after its file, and loses lines rather than fail where it can't write", () => {
    const first = openLog(file, "info", { clock });
    first.info("first");
    first.close();
    first.info("dropped");
    const second = openLog(file, "info", { clock });
    second.info("second");
    second.close();
    assert.equal(linesOf(file).length, 2);
    const nowhere = openLog(join(folder, "missing", "node.log"), "info", { clock });
    nowhere.info("lost");
    nowhere.close();
    assert.equal(existsSync(join(folder, "missing")), false);
  });
});
