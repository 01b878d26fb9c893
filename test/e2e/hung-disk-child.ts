// Run in a mount namespace of its own, with a folder as its argument: in it `hung` is a mount that
// never answers, as one of the network whose server is gone.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { processStart } from "../../src/node/platform/process-start.ts";
import { type Client, connect } from "../../src/node/rpc/client.ts";

const [, , folder = ""] = process.argv;
const hung = join(folder, "hung");
const home = join(folder, "home");
const passphrase = join(folder, "passphrase");
const file = join(folder, "file");
const commandLine = fileURLToPath(new URL("../../src/node/cli/main.ts", import.meta.url));
const entry = fileURLToPath(new URL("../../src/node/main.ts", import.meta.url));

/** What everything that has nothing to do with the mount may take, on a machine that is busy. */
const promptMs = 10_000;

function ipcloud(...args: string[]): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", commandLine, ...args], {
    cwd: folder,
    env: { ...process.env, IPCLOUD_HOME: home, IPCLOUD_PASSPHRASE_FILE: passphrase },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** How a process ended, as a shell shows it. */
async function statusOf(child: ChildProcess): Promise<number> {
  return within(
    promptMs,
    new Promise<number>((resolve) => {
      child.once("exit", (code, signal) => {
        resolve(code ?? (signal === "SIGINT" ? 130 : 128));
      });
    }),
  );
}

async function within<Value>(ms: number, value: Promise<Value>): Promise<Value> {
  const late = new Error(`not done after ${ms.toString()} ms`);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late);
    }, ms);
  });
  return Promise.race([value, deadline]).finally(() => {
    clearTimeout(timer);
  });
}

const codeOf = (error: unknown): string =>
  error instanceof CloudError ? error.code : String(error);

writeFileSync(passphrase, "a passphrase of some words", { mode: 0o600 });
writeFileSync(file, new Uint8Array(300_000).fill(7));
assert.equal(await statusOf(ipcloud("init", "--words-out", join(folder, "words"))), 0);
assert.equal(await statusOf(ipcloud("put", file, "/file")), 0);

const launch = { execPath: process.execPath, entry };
const client: Client = await connect({ home, launch });
const { pid } = await client.request("status", {});

// More of them than the system's own pool has threads.
const controller = new AbortController();
const { signal } = controller;
const stuck = [
  ...Array.from({ length: 5 }, (_, i) =>
    client.request("import", { source: join(hung, "x"), dest: `/${i.toString()}` }, { signal }),
  ),
  client.request("export", { path: "/", dest: join(hung, "y") }, { signal }),
].map((request) => request.then(() => "done", codeOf));

// Everybody else goes on.
await within(promptMs, client.request("list", { path: "/" }));
await within(promptMs, client.request("export", { path: "/", dest: join(folder, "out") }));
assert.equal(readFileSync(join(folder, "out/file")).length, 300_000);
assert.equal(await statusOf(ipcloud("get", "/file", join(folder, "got"))), 0);
assert.equal(await statusOf(ipcloud("put", file, "/again")), 0);

// What is withdrawn ends.
controller.abort();
const ends = await within(promptMs, Promise.all(stuck));
assert.deepEqual(new Set(ends), new Set(["cancelled"]));

// So does a command that looks at the mount itself.
for (const [args, end] of [
  [["import", hung, "/never"], "SIGINT"],
  [["put", join(hung, "file"), "/never"], "SIGTERM"],
  [["get", "/file", join(hung, "never")], "SIGINT"],
] as const) {
  const command = ipcloud(...args);
  setTimeout(() => command.kill(end), 2_000);
  assert.equal(await statusOf(command), 130, args.join(" "));
}

// And the node, though threads of it never come back.
client.close();
assert.equal(await statusOf(ipcloud("node", "stop")), 0);
assert.equal(processStart(pid), undefined);
process.exit(0);
