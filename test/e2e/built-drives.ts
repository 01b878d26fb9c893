import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { NodeGate } from "../../src/node/cli/node-client.ts";
import { openGate } from "../../src/node/cli/open-gate.ts";
import { runCli } from "../../src/node/cli/run-cli.ts";
import { connect, type Launch } from "../../src/node/rpc/client.ts";
import { stopNode } from "../../src/node/rpc/stop-node.ts";
import { holdsDrive } from "../../src/node/store/keystore.ts";
import { mustNotLeadHome } from "../../src/node/transfer/export/export-dest.ts";
import { buildCli } from "../cli/built-cli.ts";
import { type Drives, type Ended, type Invocation, openDrives } from "../cli/drives.ts";

/** Data folders whose nodes run as they are handed out; the command line runs in this process. */
export interface BuiltDrives extends Drives {
  /** How such a node is started. */
  readonly launch: Launch;
  /** The same command line as a process of its own. */
  readonly invokeProcess: (invocation: Invocation) => Promise<Ended>;
}

/** Another program, to be run in the place of the node: where it is to lie, and what it is. */
type Around = (
  entry: string,
  folder: string,
) => { readonly program: string; readonly text: string };

/**
 * Builds the node, which starts several times faster than from its sources.
 * @param around - a program that runs the node with something of its surroundings changed.
 */
export async function openBuiltDrives(around?: Around): Promise<BuiltDrives> {
  const built = await buildCli();
  const folder = dirname(built.program);
  const node = join(folder, "node.mjs");
  const other = around?.(node, folder);
  if (other !== undefined) await writeFile(other.program, other.text);
  const launch = { execPath: process.execPath, entry: other?.program ?? node };
  const drives = await openDrives(({ args, env, cwd, stdin }) => {
    const ofSources = openGate(env, { keepOut: mustNotLeadHome, holdsDrive, stop: stopNode });
    const gate: NodeGate = {
      ...ofSources,
      connect: () => connect({ home: ofSources.home, launch }),
    };
    return invokeBy(gate, { args, env, cwd, stdin });
  });
  return {
    ...drives,
    launch,
    invokeProcess: built.invoke,
    remove: async () => {
      await drives.remove();
      await built.remove();
    },
  };
}

async function invokeBy(gate: NodeGate, { args, env, cwd, stdin }: Invocation): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  stdout.on("data", (chunk: Buffer) => out.push(chunk));
  stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const input = Readable.from([Buffer.from(stdin)], { objectMode: false });
  const terminal = { stdin: input, stdout, stderr, env, cwd };
  const status = await runCli(args, terminal, gate, new AbortController().signal);
  return { status, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}
