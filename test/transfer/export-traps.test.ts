import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UnfinishedFiles } from "../../src/node/transfer/export/unfinished-files.ts";
import { hasCode } from "../blocks/refuses.ts";
import { patternBytes, writeTree } from "../support/local-tree.ts";
import { TestTransfer } from "../support/test-transfer.ts";

describe("an export into what is not as it seems", () => {
  let here: TestTransfer;

  beforeEach(async () => {
    here = await TestTransfer.make();
  });

  afterEach(() => here.remove());

  it("says that no folder can be made below one like /proc, and ends", async function () {
    if (process.platform !== "linux") this.skip();
    await here.write("/a", "x");
    for (const dest of ["/proc/ipcloud", "/proc/ipcloud/inner/folder"]) {
      here.dest = dest;
      await assert.rejects(here.give(), hasCode("storage"));
    }
  });

  for (const swapped of ["z", "z/inner"]) {
    it(`writes nothing where a link leads that took the place of ${swapped} meanwhile`, async () => {
      const spec: Record<string, string | Uint8Array | { link: string }> = {};
      for (let i = 0; i < 3000; i++) spec[`z/inner/${i.toString()}`] = `file ${i.toString()}`;
      for (let i = 0; i < 2000; i++) spec[`a/${i.toString()}`] = `file ${i.toString()}`;
      spec["z/inner/small"] = "small";
      spec["z/inner/large"] = patternBytes(5_000_000);
      spec["z/inner/chunked"] = patternBytes(300_000);
      spec["z/inner/link"] = { link: "small" };
      spec["z/inner/folder/"] = "";
      writeTree(here.source, spec);
      await here.take();
      const outside = join(here.folder, "outside");
      mkdirSync(join(outside, "inner/folder"), { recursive: true });
      const before = lstatSync(join(outside, "inner"));
      const place = join(here.dest, swapped);
      const progress = (): void => {
        if (!existsSync(place) || existsSync(`${place}-before`)) return;
        renameSync(place, `${place}-before`);
        symlinkSync(join(outside, swapped === "z" ? "" : "inner"), place);
      };
      const call = { signal: new AbortController().signal, progress };
      const report = await here.drive.export(
        { path: "/", dest: here.dest, replaceNewer: false },
        undefined,
        call,
      );
      assert.equal(existsSync(`${place}-before`), true);
      assert.deepEqual(readdirSync(outside), ["inner"]);
      assert.deepEqual(readdirSync(join(outside, "inner")), ["folder"]);
      const after = lstatSync(join(outside, "inner"));
      assert.deepEqual([after.mode, after.mtimeMs], [before.mode, before.mtimeMs]);
      assert.ok(report.failed > 0);
      assert.match(
        report.notes.join("\n"),
        /can't be (written|made): a folder on the way is not one/,
      );
    });
  }

  it("removes what a killed node left of a file, once the drive is open again", async () => {
    const left = join(here.folder, ".ipcloud-abc123.part");
    const other = join(here.folder, "other");
    writeFileSync(left, "plain text");
    writeFileSync(other, "of somebody else");
    const { drive } = here;
    await here.write("/a", "x");
    const files = new UnfinishedFiles(drive.retained.space);
    await files.begin(left);
    // Nobody could have written it, but what is not called so is not touched.
    await files.begin(other);
    here.test = await here.test.reopen();
    while (existsSync(left)) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(existsSync(other), true);
  });
});
