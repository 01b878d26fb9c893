import { endAsCancelled } from "../platform/end-as-cancelled.ts";
import { stopNode } from "../rpc/stop-node.ts";
import { holdsDrive } from "../store/keystore.ts";
import { DiskThreads } from "../transfer/disk/disk-threads.ts";
import { openGate } from "./open-gate.ts";
import { runCli } from "./run-cli.ts";

/** How long what a withdrawn command left may keep the process. */
const lingerMs = 500;

// The first Ctrl-C withdraws the request and cleans up, a second one ends at once.
const withdrawn = new AbortController();
const { signal } = withdrawn;
const cancel = (): void => {
  if (signal.aborted) endAsCancelled();
  withdrawn.abort();
};
process.on("SIGINT", cancel);
process.on("SIGTERM", cancel);

const { stdin, stdout, stderr, env } = process;
const terminal = { stdin, stdout, stderr, env, cwd: process.cwd() };
const disks = new DiskThreads();
const gate = openGate(env, {
  // In a thread, so that a disk that doesn't answer leaves this one to hear Ctrl-C.
  keepOut: (dest, home) =>
    disks.use(dest, signal, (disk) => disk.call("mustNotLeadHome", dest, home)),
  holdsDrive,
  stop: stopNode,
});
process.exitCode = await runCli(process.argv.slice(2), terminal, gate, signal);
// What is left unread there must not keep the process.
stdin.destroy();
if (signal.aborted) setTimeout(endAsCancelled, lingerMs).unref();
