import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuiltDrives, openBuiltDrives } from "./built-drives.ts";

const hour = 3_600_000;
const year = 365 * 24 * hour;

/** A program that runs the node by a clock which is as many milliseconds off as a file says. */
function nodeByClock(entry: string, offsetFile: string): string {
  return `import { readFileSync } from "node:fs";
const now = Date.now;
Date.now = () => now() + Number(readFileSync(${JSON.stringify(offsetFile)}, "utf8"));
await import(${JSON.stringify(pathToFileURL(entry).href)});
`;
}

describe("the command line on a computer whose clock was a year ahead once", function () {
  this.timeout(60_000);
  let drives: BuiltDrives;
  let offsetFile = "";
  const setClock = (ms: number): Promise<void> => writeFile(offsetFile, ms.toString());
  const put = async (path: string, content: string): Promise<void> => {
    const { status, stderr } = await drives.run("main", ["put", "-", path], { stdin: content });
    assert.equal(`${String(status)} ${stderr}`, "0 ");
  };
  const run = async (...args: string[]): Promise<{ out: string; err: string }> => {
    const { status, stdout, stderr } = await drives.run("main", args);
    assert.equal(status, 0, stderr);
    return { out: stdout.toString(), err: stderr };
  };

  before(async () => {
    drives = await openBuiltDrives((entry, folder) => {
      offsetFile = join(folder, "offset");
      const program = join(folder, "node-by-clock.mjs");
      return { program, text: nodeByClock(entry, offsetFile) };
    });
    await setClock(-3 * hour);
    await drives.init("main");
  });
  after(() => drives.remove());

  it("shows, restores and exports what is there, and tells what it can't know", async () => {
    await put("/a", "old");
    await setClock(year);
    await put("/ahead", "made under the wrong clock");
    await setClock(-2 * hour);
    const early = await run("cat", "/a", "--at", "now");
    assert.equal(early.out, "old");
    assert.match(early.err, /leaves out changes that bear a later time than the clock shows/);
    assert.match((await run("show", "now")).err, /leaves out changes that bear a later time/);
    assert.match((await run("status")).out, /notice +the clock .* before the last change/);
    await put("/a", "new");
    assert.match((await run("status")).out, /notice +the clock .* was ahead/);
    await setClock(0);
    await put("/a", "newest");
    assert.deepEqual(await run("cat", "/a", "--at", "now"), { out: "newest", err: "" });
    assert.deepEqual(await run("cat", "/a", "--at", "1 hour ago"), { out: "new", err: "" });
    await run("export", "/", "out", "--at", "now");
    assert.deepEqual((await readdir(join(drives.folder, "out"))).sort(), ["a", "ahead"]);
    await run("restore", "/", "--at", "1 hour ago");
    assert.equal((await run("cat", "/a")).out, "new");
    assert.equal((await run("cat", "/ahead")).out, "made under the wrong clock");
    assert.match((await run("gc")).out, /^freed /);
    const versions = JSON.parse((await run("log", "/a", "--json")).out) as unknown[];
    assert.equal(versions.length, 3, "the last two within one window");
    await run("node", "stop");
    const opened = await run("status");
    assert.doesNotMatch(opened.out, /notice/);
    assert.equal((await run("cat", "/a", "--at", "now")).out, "new");
    assert.doesNotMatch((await run("status")).out, /copied/);
    await run("verify");
  });
});
