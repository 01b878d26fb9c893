// Has as many files open as it may while three jobs are to be run, then runs one more; says what became
// of each.
import { closeSync, openSync } from "node:fs";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import type { BoundaryKey, ContentKey } from "../../src/node/crypto/derive.ts";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";

const keys = {
  contentKey: new Uint8Array(32) as ContentKey,
  boundaryKey: new Uint8Array(32) as BoundaryKey,
  compresses: true,
};
const job = { type: "stretch", keys, bytes: new Uint8Array(1000) } as const;
const pool = new SealPool({ workers: 1 });

function run(): Promise<string> {
  return pool.run<"stretch">(job).then(
    () => "sealed",
    (error: unknown) => (isCloudError(error) ? error.code : String(error)),
  );
}

const files: number[] = [];
try {
  for (;;) files.push(openSync("/dev/null", "r"));
} catch {
  // That is all.
}
const outcomes = await Promise.all([run(), run(), run()]);
for (const file of files) closeSync(file);
outcomes.push(await run());
process.stdout.write(`${outcomes.join(" ")}\n`);
process.exit(0);
