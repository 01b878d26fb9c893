import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One run of `ipcloud`, whatever runs it. */
export interface Invocation {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: string | Uint8Array;
}

/** What a run left. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** How one run differs from: the passphrase's file, nothing on standard input. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
}

/** The command line against data folders in one temporary folder, where it also runs. */
export interface Drives {
  readonly folder: string;
  /** Path of a data folder. */
  home(name: string): string;
  /** The environment of a run: the passphrase's file, and no other `IPCLOUD_` variable. */
  environment(name: string, more?: RunOptions["env"]): Record<string, string>;
  run(name: string, args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** Runs it, expects success, and gives its standard output as text. */
  text(name: string, ...args: string[]): Promise<string>;
  /** Runs it with `--json`, expects success, and gives the value. */
  json(name: string, ...args: string[]): Promise<unknown>;
  /** Makes a drive in a new data folder; its words lie in `NAME.words`. */
  init(name: string): Promise<void>;
  /** Stops the nodes and removes all files. */
  remove(): Promise<void>;
}

/** The passphrase of every drive that a test makes. */
export const passphrase = "correct horse battery staple";

/** A temporary folder for data folders. @param invoke - runs the command line. */
export async function openDrives(
  invoke: (invocation: Invocation) => Promise<Ended>,
): Promise<Drives> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-e2e-"));
  const passphraseFile = join(folder, "passphrase");
  await writeFile(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  const names = new Set<string>();
  const home = (name: string): string => join(folder, name);

  const environment: Drives["environment"] = (name, more = {}) => {
    names.add(name);
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
  const run: Drives["run"] = (name, args, { env, stdin = "" } = {}) =>
    invoke({ args, env: environment(name, env), cwd: folder, stdin });
  const text: Drives["text"] = async (name, ...args) => {
    const { status, stdout, stderr } = await run(name, args);
    if (status === 0 && stderr === "") return stdout.toString();
    throw new Error(`ipcloud ${args.join(" ")} ended with ${String(status)}: ${stderr}`);
  };

  return {
    folder,
    home,
    environment,
    run,
    text,
    json: async (name, ...args) => JSON.parse(await text(name, ...args, "--json")) as unknown,
    init: async (name) => {
      await text(name, "init", "--words-out", `${name}.words`);
    },
    remove: async () => {
      await Promise.all([...names].map((name) => run(name, ["node", "stop"])));
      await rm(folder, { recursive: true });
    },
  };
}
