import assert from "node:assert/strict";
import { type Drives, type Ended, openDrives } from "./drives.ts";
import { invokeHere } from "./invoke-here.ts";
import { run } from "./run-in-test.ts";

describe("finding files and lines by the command line", () => {
  let drives: Drives;

  before(async () => {
    drives = await openDrives(invokeHere);
    await drives.init("main");
    const put = (path: string, stdin: string | Uint8Array): Promise<Ended> =>
      drives.run("main", ["put", "-", path], { stdin });
    // Each save is a version.
    await drives.text("main", "settings", "versionWindowSeconds", "0");
    await drives.text("main", "mkdir", "-p", "/src/deep", "/docs");
    await put("/src/drive-provider.ts", "export const one = 1;\nexport const Two = 2;\n");
    await put("/src/deep/index.ts", "import { one } from '../drive-provider';\n");
    await put("/docs/guide.md", "# Guide\n\nOne.\nTwo.\nThree.\n");
    await put("/docs/picture.png", Uint8Array.of(0x89, 0x50, 0, 1));
    await drives.text("main", "tag", "first");
    await put("/docs/guide.md", "# Guide\n\nOne.\nTwo, changed.\nThree.\n");
  });

  after(() => drives.remove());

  const cli = async (
    ...args: string[]
  ): Promise<[status: number | null, stdout: string, stderr: string]> => {
    const { status, stdout, stderr } = await drives.run("main", args);
    return [status, stdout.toString(), stderr];
  };

  it("find takes letters of a name, the best first, or a pattern", async () => {
    assert.equal(await drives.text("main", "find", "drvprov"), "/src/drive-provider.ts\n");
    assert.equal(
      await drives.text("main", "find", "*.ts"),
      "/src/drive-provider.ts\n/src/deep/index.ts\n",
    );
    assert.equal(await drives.text("main", "find", "*", "/src", "--type", "d"), "/src/deep/\n");
    assert.equal(await drives.text("main", "find", "*.MD", "-i", "-0"), "/docs/guide.md\0");
    assert.deepEqual(await drives.json("main", "find", "*.ts"), [
      { path: "/src/drive-provider.ts", kind: "file" },
      { path: "/src/deep/index.ts", kind: "file" },
    ]);
    assert.deepEqual(await drives.json("main", "find", "nothing*"), []);
    const [status, stdout, stderr] = await cli("find", "*", "--limit", "2");
    assert.deepEqual([status, stdout.split("\n").length], [0, 3]);
    assert.match(stderr, /there is more/);
    assert.equal((await cli("find", "x", "--at", "first"))[0], 2);
  });

  it("grep ends with 0 if a line was found, 1 if none was, and another code for an error", async () => {
    assert.deepEqual(await cli("grep", "const \\w+ = 2"), [
      0,
      "/src/drive-provider.ts:export const Two = 2;\n",
      "ipcloud: 1 file that is no text is passed over; -a searches all\n",
    ]);
    assert.equal((await cli("grep", "nowhere to be found"))[0], 1);
    assert.equal((await cli("grep", "-q", "Guide"))[0], 0);
    assert.equal((await cli("grep", "a(b"))[0], 2);
    assert.equal((await cli("grep", "a", "/no/such/folder"))[0], 3);
    const { status } = await run(["grep", "a"], {});
    assert.equal(status, 2, "a node that can't be asked is no file without the line");
  });

  it("grep tells lines, numbers, counts, files and what stands around", async () => {
    const out = async (...args: string[]): Promise<string> => (await cli("grep", ...args))[1];
    assert.equal(await out("-n", "-i", "^two", "/docs"), "/docs/guide.md:4:Two, changed.\n");
    assert.equal(
      await out("-F", "-c", "n", "/src"),
      "/src/drive-provider.ts:2\n/src/deep/index.ts:1\n",
    );
    assert.equal(
      await out("-l", "-e", "Guide", "-e", "import", "/"),
      "/docs/guide.md\n/src/deep/index.ts\n",
    );
    assert.equal(
      await out("-n", "-A", "1", "Two", "/docs/guide.md", "--at", "first"),
      "/docs/guide.md:4:Two.\n/docs/guide.md-5-Three.\n",
    );
    assert.equal(
      await out("one", "--include", "*.ts", "--exclude", "deep"),
      "/src/drive-provider.ts:export const one = 1;\n",
    );
    assert.equal(await out("-w", "o", "/src"), "");
    assert.deepEqual(await drives.json("main", "grep", "-i", "guide", "/docs"), [
      { path: "/docs/guide.md", count: 1, lines: [{ line: 1, text: "# Guide", ranges: [2, 7] }] },
      { path: "/docs/picture.png", binary: true },
    ]);
  });

  it("diff of a file shows what its last version changed, or what has changed since a moment", async () => {
    const changed = ["-Two.", "+Two, changed."];
    for (const args of [["/docs/guide.md"], ["docs/guide.md"], ["/docs/guide.md", "first"]]) {
      const patch = await drives.text("main", "diff", ...args);
      assert.match(
        patch,
        /^--- \/docs\/guide\.md\t.*\n\+\+\+ \/docs\/guide\.md\t.*\n@@ -1,5 \+1,5 @@\n/,
      );
      assert.deepEqual(
        patch.split("\n").filter((line) => /^[-+](?![-+])/.test(line)),
        changed,
      );
    }
    const added = await drives.text("main", "diff", "/docs/guide.md", "0", "first");
    assert.match(added, /^--- \/dev\/null\n/);
    assert.equal(await drives.text("main", "diff", "/docs/guide.md", "first", "first"), "");
    assert.equal(
      await drives.text("main", "diff", "/docs/picture.png"),
      "/docs/picture.png is no text, and differs\n",
    );
    const value = (await drives.json("main", "diff", "/docs/guide.md")) as { patch: string };
    assert.match(value.patch, /\+Two, changed\./);
    assert.equal((await cli("diff", "/no/such/file"))[0], 3);
    assert.equal((await cli("diff", "/docs"))[0], 2);
    assert.equal((await cli("diff", "/docs/guide.md", "no-such-tag"))[0], 3);
    assert.equal((await cli("diff", "neither-tag-nor-file"))[0], 3);
  });

  it("diff of moments tells paths, as before", async () => {
    assert.equal(await drives.text("main", "diff", "first"), "~ /docs/guide.md\n");
    assert.equal(await drives.text("main", "diff", "/docs", "first"), "~ /docs/guide.md\n");
    assert.equal(await drives.text("main", "diff", "first", "--path", "/src"), "");
  });
});
