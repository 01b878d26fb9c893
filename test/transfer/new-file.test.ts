import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordTime } from "../../src/node/blocks/content/next-record.ts";
import { writeNewFile } from "../../src/node/transfer/worker/new-file.ts";
import { below, seeded } from "../blocks/random.ts";

describe("the time of a file that is written", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-times-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const times = [0, 1, 999_999, 1_000_000, 1_700_000_000_123_456, 1_732_187_654_999_999];
  times.push(-1, -999_999, -1_000_001, -2_000_000, -86_400_000_001, 2 ** 50, -(2 ** 50) - 1);
  const random = seeded(1);
  for (let i = 0; i < 2000; i++) {
    times.push((below(random, 2_600_000_000) - 500_000_000) * 1_000_000 + below(random, 1_000_000));
  }

  it("is the microsecond that was asked for, and is taken in again as that", () => {
    const path = join(folder, "file");
    for (const mtime of times) {
      writeNewFile(path, [], { mtime, mode: 0o644 });
      const { mtimeNs } = statSync(path, { bigint: true });
      const microsecond = (mtimeNs - (((mtimeNs % 1000n) + 1000n) % 1000n)) / 1000n;
      assert.equal(microsecond, BigInt(mtime), mtimeNs.toString());
      assert.equal(recordTime(statSync(path).mtimeMs), mtime);
    }
  });
});
