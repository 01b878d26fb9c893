// Listens in the place of a node, says yes to everything, and writes down all that it is told.
import { chmodSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { decodeFrame, encodeFrame } from "../../src/node/rpc/framing.ts";

const [path = ""] = process.argv.slice(2);
const bytes = new Uint8Array(32).fill(1);
/** What a node answers to any request; no pid, for a test may end the process that it is told of. */
const yes = { build: "99.0.0", nonce: bytes, proof: bytes, state: "unlocked", notices: [] };

rmSync(path, { force: true });
const server = createServer((socket) => {
  process.stdout.write("somebody came\n");
  let got = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    process.stdout.write(`${chunk.toString("hex")}\n`);
    got = Buffer.concat([got, chunk]);
    while (got.length >= 4 && got.length >= got.readUInt32BE(0) + 4) {
      const end = got.readUInt32BE(0) + 4;
      const { id, method } = decodeFrame(got.subarray(4, end)) as { id: number; method: string };
      got = got.subarray(end);
      process.stdout.write(`asked: ${method}\n`);
      const answer = { jsonrpc: "2.0", id, result: yes };
      socket.write(Buffer.concat(encodeFrame(answer, 100_000)));
    }
  });
});
server.listen(path, () => {
  chmodSync(path, 0o600);
  process.stdout.write("listening\n");
});
