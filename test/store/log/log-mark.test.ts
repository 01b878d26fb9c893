import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { logMarkPath, readLogMark, replaceLogMark } from "../../../src/node/store/log/log-mark.ts";
import { inTemporaryFolder } from "../blocks.ts";

const none = { commits: 0, isMoving: false, moved: new Uint8Array(8) };

/** A mark whose check holds. */
function markOf(commits: bigint): Buffer {
  const content = Buffer.alloc(17);
  content.writeBigUInt64BE(commits);
  return Buffer.concat([content, createHash("sha256").update(content).digest().subarray(0, 8)]);
}

describe("the mark beside a log", () => {
  it("counts as many commits as were said", async () => {
    await inTemporaryFolder(async (folder) => {
      await replaceLogMark(folder, 300);
      assert.deepEqual(readLogMark(folder), { ...none, commits: 300 });
      await writeFile(logMarkPath(folder), markOf(2n ** 53n - 1n));
      assert.equal(readLogMark(folder).commits, Number.MAX_SAFE_INTEGER);
    });
  });

  it("counts none if it is torn, also where that leaves a number that no count reaches", async () => {
    await inTemporaryFolder(async (folder) => {
      const torn = [
        Buffer.alloc(25, 0xff),
        Buffer.alloc(25),
        Buffer.alloc(24),
        markOf(2n ** 64n - 1n),
        markOf(2n ** 53n),
      ];
      for (const mark of torn) {
        await writeFile(logMarkPath(folder), mark);
        assert.deepEqual(readLogMark(folder), none);
      }
    });
  });
});
