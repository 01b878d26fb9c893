import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const sources = fileURLToPath(new URL("../../src/node/", import.meta.url));

/** What each module of the build is made of. */
const entries = {
  ipcloud: "cli/launch.ts",
  cli: "cli/main.ts",
  node: "main.ts",
  "seal-worker": "platform/seal-worker.ts",
};

/** Bundles command line and node as they are now, beside one another, into `folder`. */
async function buildInto(folder: string): Promise<void> {
  const present = Object.entries(entries).map(
    ([name, file]) => [name, join(sources, file)] as const,
  );
  await build({
    entryPoints: Object.fromEntries(present.filter(([, file]) => existsSync(file))),
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
}

/** How one process differs from: the passphrase's file, nothing on standard input. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
}

/** What a process left. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The built command line, and a folder for the data folders of a test. */
export interface BuiltCli {
  /** Holds everything; removed by `remove`. */
  readonly folder: string;
  /** Path of `ipcloud.mjs`. */
  readonly program: string;
  /** The environment of every process: the passphrase's file, and no other `IPCLOUD_` variable. */
  environment(home: string, more?: ProcessOptions["env"]): Record<string, string>;
  /** Runs `ipcloud` against the data folder of that name. */
  run(home: string, args: readonly string[], options?: ProcessOptions): Promise<Ended>;
  /** Runs it, expects success, and gives its standard output as text. */
  text(home: string, ...args: string[]): Promise<string>;
  /** Runs it with `--json`, expects success, and gives the value. */
  json(home: string, ...args: string[]): Promise<unknown>;
  /** Makes a drive in a new data folder; its words lie in `NAME.words`. */
  init(home: string): Promise<void>;
  /** Whether the node can make a drive yet. */
  hasDrive(): Promise<boolean>;
  /** Path of a data folder. */
  home(name: string): string;
  /** Stops the nodes and removes all files. */
  remove(): Promise<void>;
}

/** The passphrase of every drive that a test makes. */
export const passphrase = "correct horse battery staple";

function collect(child: ReturnType<typeof spawn>): Promise<Ended> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", (status) => {
      settle({ status, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** Builds the command line and the node into a temporary folder. */
export async function buildCli(): Promise<BuiltCli> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-e2e-"));
  const program = join(folder, "built", "ipcloud.mjs");
  await buildInto(join(folder, "built"));
  const passphraseFile = join(folder, "passphrase");
  await writeFile(passphraseFile, `${passphrase}\n`);
  const homes = new Set<string>();
  const home = (name: string): string => join(folder, name);

  const environment: BuiltCli["environment"] = (name, more = {}) => {
    homes.add(name);
    const all = {
      ...process.env,
      IPCLOUD_HOME: home(name),
      IPCLOUD_PASSPHRASE_FILE: passphraseFile,
      IPCLOUD_LOG: undefined,
      IPCLOUD_IDLE_MINUTES: undefined,
      ...more,
    };
    const set = Object.entries(all).filter(([, value]) => value !== undefined);
    return Object.fromEntries(set) as Record<string, string>;
  };

  const run: BuiltCli["run"] = async (name, args, { env, stdin, cwd = folder } = {}) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: environment(name, env),
      stdio: "pipe",
    });
    // A command that doesn't read its input may be gone before all is written.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
    return collect(child);
  };

  const text: BuiltCli["text"] = async (name, ...args) => {
    const { status, stdout, stderr } = await run(name, args);
    if (status === 0 && stderr === "") return stdout.toString();
    throw new Error(`ipcloud ${args.join(" ")} ended with ${String(status)}: ${stderr}`);
  };

  return {
    folder,
    program,
    environment,
    run,
    text,
    home,
    hasDrive: async () => {
      const { stderr } = await run("probe", ["init", "--json"]);
      await run("probe", ["node", "stop"]);
      return !stderr.includes('"no-account"');
    },
    json: async (name, ...args) => JSON.parse(await text(name, ...args, "--json")) as unknown,
    init: async (name) => {
      await mkdir(home(name));
      await text(name, "init", "--words-out", join(folder, `${name}.words`));
    },
    remove: async () => {
      await Promise.all([...homes].map((name) => run(name, ["node", "stop"])));
      await rm(folder, { recursive: true });
    },
  };
}
