import { mustNotLeadHome } from "../transfer/export/export-dest.ts";
import { openGate } from "./open-gate.ts";
import { runCli } from "./run-cli.ts";

// The first Ctrl-C withdraws the request and cleans up, a second one ends at once.
const withdrawn = new AbortController();
const cancel = (): void => {
  if (withdrawn.signal.aborted) process.exit(130);
  withdrawn.abort();
};
process.on("SIGINT", cancel);
process.on("SIGTERM", cancel);

const { stdin, stdout, stderr, env } = process;
const terminal = { stdin, stdout, stderr, env, cwd: process.cwd() };
const gate = openGate(env, mustNotLeadHome);
process.exitCode = await runCli(process.argv.slice(2), terminal, gate, withdrawn.signal);
// What is left unread there must not keep the process.
stdin.destroy();
