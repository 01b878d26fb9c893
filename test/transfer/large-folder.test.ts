import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";
import { readTree, setTimes, writeTree } from "../support/local-tree.ts";
import { TestTransfer } from "../support/test-transfer.ts";

/** A folder with more in it than is listed, looked at, remembered or exported at once. */
const fileNames = [
  ...Array.from({ length: 4200 }, (_, i) => `n${(10_000 + i).toString()}`),
  // By UTF-16 the last comes first, by UTF-8 last.
  "o\ue000",
  "o\ufb00",
  "o\u{1f600}",
];

describe("a large folder", () => {
  let here: TestTransfer;

  beforeEach(async () => {
    here = await TestTransfer.make();
    // What changed within two seconds is not remembered.
    here.test.clock.now = Date.now() + 60_000;
    writeTree(here.source, {
      ...Object.fromEntries(fileNames.map((name) => [`large/${name}`, `content of ${name}`])),
      "large/n10007 folder/inner": "a",
      "large/n14100 folder/inner": "b",
      "large/N14199": "alike",
      "large/zz": { link: "n10000" },
      "after/file": "c",
    });
  });

  afterEach(() => here.remove());

  /** Takes the source in. @returns how many times something of it was read, and the report. */
  async function take(): Promise<{ reads: number; unchanged: number; revision: string }> {
    const shipped = Object.getOwnPropertyDescriptor(SealPool.prototype, "run") ?? assert.fail();
    const run = shipped.value as SealPool["run"];
    let reads = 0;
    SealPool.prototype.run = function (job, ...rest) {
      if (job.type === "files") reads++;
      return run.call(this, job, ...rest);
    };
    try {
      const { unchanged, revision, notes } = await here.take();
      assert.deepEqual(notes, []);
      return { reads, unchanged, revision };
    } finally {
      Object.defineProperty(SealPool.prototype, "run", shipped);
    }
  }

  it("goes in and comes out as it was", async () => {
    await here.take();
    const { notes, files } = await here.give();
    assert.equal(files, fileNames.length + 4);
    assert.equal(notes.length, 1);
    assert.match(notes.join(), /"\/large\/n14199" differs from "N14199" only in case/u);
    assert.deepEqual(readTree(here.dest), readTree(here.source));
  });

  it("is found unchanged without being read, at once and piece by piece", async () => {
    await here.take();
    const first = await take();
    assert.equal(first.reads, 0);
    assert.equal(first.unchanged, fileNames.length + 4);
    // The drive's folder is listed now rather than believed.
    await here.write("/large/only here", "d");
    assert.deepEqual(await take(), { ...first, revision: here.drive.revision });
  });

  it("is read where it changed, and remembered all the same", async () => {
    await here.take();
    for (const name of ["n10003", "n14150"]) appendFileSync(join(here.source, "large", name), "+");
    for (const name of ["n12000", "o\u{1f600}"]) unlinkSync(join(here.source, "large", name));
    for (const name of ["n10999a", "o\uffee"]) {
      writeFileSync(join(here.source, "large", name), "new");
    }
    mkdirSync(join(here.source, "large/n12345 folder"));
    const changed = await take();
    assert.equal(changed.reads, 1);
    assert.equal(changed.unchanged, fileNames.length);
    assert.equal(await here.text("/large/n14150"), "content of n14150+");
    assert.equal(await here.text("/large/o\uffee"), "new");
    assert.equal(await here.text("/large/n12000"), "content of n12000");
    const again = await take();
    assert.deepEqual(again, {
      reads: 0,
      unchanged: fileNames.length + 4,
      revision: changed.revision,
    });
    await here.drive.remove("/large/n12000", false);
    await here.drive.remove("/large/o\u{1f600}", false);
    await here.give();
    assert.deepEqual(readTree(here.dest), readTree(here.source));
  });

  it("that changed only at its end is still remembered from its beginning", async () => {
    await here.take();
    appendFileSync(join(here.source, "large/n14199"), "+");
    assert.equal((await take()).reads, 1);
    assert.equal((await take()).reads, 0);
    setTimes(join(here.source, "after"));
    assert.ok((await take()).reads <= 1);
    assert.equal((await take()).reads, 0);
  });

  it("is removed with all that is in it, and what stands beside it stays", async () => {
    await here.take();
    await here.drive.remove("/large", true);
    assert.deepEqual(await here.paths(), ["/after", "/after/file"]);
    assert.equal(await here.drive.restore("/large", {}), fileNames.length + 7);
    await here.give();
    const contents = (folder: string): string[] =>
      Object.entries(readTree(folder)).map(([path, { content }]) => `${path} ${content}`);
    assert.deepEqual(contents(here.dest), contents(here.source));
  });
});
