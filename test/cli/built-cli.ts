import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Ended, Invocation } from "./drives.ts";

const sources = fileURLToPath(new URL("../../src/node/", import.meta.url));

/** The command line as it is handed out, bundled from the sources as they are now. */
export interface BuiltCli {
  /** Path of `ipcloud.mjs`. */
  readonly program: string;
  /** Runs it as a process of its own. */
  readonly invoke: (invocation: Invocation) => Promise<Ended>;
  remove(): Promise<void>;
}

/** Bundles command line and node, beside one another, into a temporary folder. */
export async function buildCli(): Promise<BuiltCli> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-built-"));
  await build({
    entryPoints: {
      ipcloud: join(sources, "cli/launch.ts"),
      cli: join(sources, "cli/main.ts"),
      node: join(sources, "main.ts"),
      "seal-worker": join(sources, "transfer/worker/seal-worker.ts"),
      "backup-process": join(sources, "store/backup/backup-process.ts"),
      "disk-worker": join(sources, "transfer/disk/disk-worker.ts"),
    },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.15",
    logLevel: "warning",
    banner: {
      js: `import { createRequire as createBundleRequire } from "node:module"; const require = createBundleRequire(import.meta.url);`,
    },
  });
  const program = join(folder, "ipcloud.mjs");
  return {
    program,
    invoke: ({ args, env, cwd, stdin }) => {
      const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: "pipe" });
      // A command that doesn't read its input may be gone before all is written.
      child.stdin.on("error", () => undefined);
      child.stdin.end(stdin);
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
      return new Promise((settle, fail) => {
        child.on("error", fail);
        child.on("close", (status) => {
          settle({ status, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() });
        });
      });
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
