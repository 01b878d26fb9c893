// Ends a pool that has sealed something, in a process that nothing else keeps.
import type { BoundaryKey, ContentKey } from "../../src/node/crypto/derive.ts";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";

const keys = {
  contentKey: new Uint8Array(32).fill(1) as ContentKey,
  boundaryKey: new Uint8Array(32).fill(2) as BoundaryKey,
  compresses: true,
};
const pool = new SealPool();
await pool.run<"stretch">({ type: "stretch", keys, bytes: new Uint8Array(10) });
await pool.close();
process.stdout.write("closed\n");
