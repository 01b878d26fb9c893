import { PassThrough, Readable } from "node:stream";
import { openGate } from "../../src/node/cli/open-gate.ts";
import { runCli } from "../../src/node/cli/run-cli.ts";
import { stopNode } from "../../src/node/rpc/stop-node.ts";
import { holdsDrive } from "../../src/node/store/keystore.ts";
import { mustNotLeadHome } from "../../src/node/transfer/export/export-dest.ts";
import type { Ended, Invocation } from "./drives.ts";

/** Runs the command line in this process, against a real node that is started from its sources. */
export async function invokeHere({ args, env, cwd, stdin }: Invocation): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  stdout.on("data", (chunk: Buffer) => out.push(chunk));
  stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const input = Readable.from([Buffer.from(stdin)], { objectMode: false });
  const terminal = { stdin: input, stdout, stderr, env, cwd };
  const status = await runCli(
    args,
    terminal,
    openGate(env, { keepOut: mustNotLeadHome, holdsDrive, stop: stopNode }),
    new AbortController().signal,
  );
  return { status, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}
