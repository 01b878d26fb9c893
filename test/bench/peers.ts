import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout. */
export const project = resolve(import.meta.dirname, "../..");
/** The command line of the bundle that was built last. */
export const cli: readonly string[] = [process.execPath, join(project, "dist/ipcloud.mjs")];

/** A command with its arguments. */
export type Command = readonly string[];

/** One way to keep files: what is run for each step, in a folder of its own. */
export interface Peer {
  readonly name: string;
  /** What {@link Peer.folder} needs in the environment. */
  readonly env: (folder: string) => Record<string, string>;
  /** The folder is empty before, but for the file `passphrase`. */
  readonly prepare: (folder: string) => readonly Command[];
  readonly take: (from: string, name: string, folder: string) => Command;
  readonly give: (name: string, to: string, folder: string) => Command;
  /** One file, by the commands for that; absent: there are none. */
  readonly file?: {
    readonly put: (from: string) => Command;
    readonly get: (to: string) => Command;
    readonly cat: (from: string) => Command;
  };
}

const ipcloud: Peer = {
  name: "IPCloud",
  env: (folder) => ({
    IPCLOUD_HOME: join(folder, "home"),
    IPCLOUD_PASSPHRASE_FILE: join(folder, "passphrase"),
  }),
  prepare: (folder) => [[...cli, "init", "--words-out", join(folder, "words")]],
  take: (from, name) => [...cli, "import", from, `/${name}`],
  give: (name, to) => [...cli, "export", `/${name}`, to],
  file: {
    put: (from) => [...cli, "put", from, "/one"],
    get: (to) => [...cli, "get", "/one", to],
    cat: () => [...cli, "cat", "/one"],
  },
};

function restic(name: string, program: string): Peer {
  return {
    name,
    env: (folder) => ({
      RESTIC_REPOSITORY: join(folder, "repository"),
      RESTIC_PASSWORD_FILE: join(folder, "passphrase"),
      RESTIC_CACHE_DIR: join(folder, "cache"),
    }),
    prepare: () => [[program, "init"]],
    take: (from, tag) => [program, "backup", "--tag", tag, from],
    give: (tag, to) => [program, "restore", "latest", "--tag", tag, "--target", to],
    file: {
      put: (from) => [program, "backup", "--tag", "one", from],
      get: (to) => [program, "restore", "latest", "--tag", "one", "--target", to],
      cat: (from) => [program, "dump", "--tag", "one", "latest", from],
    },
  };
}

const rclone: Peer = {
  name: "rclone crypt",
  env: (folder) => ({
    RCLONE_CONFIG: join(folder, "rclone.conf"),
    RCLONE_CONFIG_SEALED_TYPE: "crypt",
    RCLONE_CONFIG_SEALED_REMOTE: join(folder, "sealed"),
    // Obscured, which is rclone's word for a fixed coding: a bench keeps no secret.
    RCLONE_CONFIG_SEALED_PASSWORD: obscured(),
  }),
  prepare: () => [],
  take: (from, name) => ["rclone", "copy", "--links", from, `sealed:${name}`],
  give: (name, to) => ["rclone", "copy", "--links", `sealed:${name}`, to],
};

const cp: Peer = {
  name: "cp",
  env: () => ({}),
  prepare: () => [],
  take: (from, name, folder) => ["cp", "-a", from, join(folder, name)],
  give: (name, to, folder) => ["cp", "-a", join(folder, name), to],
};

function obscured(): string {
  return spawnSync("rclone", ["obscure", "bench"], { encoding: "utf8" }).stdout.trim();
}

function has(program: string): boolean {
  return spawnSync("which", [program]).status === 0;
}

const resticVersion = "0.18.1";

/** Builds restic of {@link resticVersion} where there is Go, once. @returns its path, if it is there. */
function builtRestic(): string | undefined {
  if (!has("go")) return undefined;
  const folder = join(tmpdir(), `ipcloud-bench-restic-${resticVersion}`);
  const program = join(folder, "restic");
  if (has(program)) return program;
  mkdirSync(folder, { recursive: true });
  const command = "github.com/restic/restic/cmd/restic";
  writeFileSync(
    join(folder, "go.mod"),
    `module bench\ngo 1.23\nrequire github.com/restic/restic v${resticVersion}\n`,
  );
  writeFileSync(
    join(folder, "tools.go"),
    `//go:build tools\npackage bench\nimport _ "${command}"\n`,
  );
  for (const args of [
    ["mod", "tidy"],
    ["build", "-o", program, command],
  ]) {
    const done = spawnSync("go", args, { cwd: folder, encoding: "utf8" });
    if (done.status === 0) continue;
    process.stderr.write(`restic ${resticVersion} can't be built: ${done.stderr}\n`);
    return undefined;
  }
  return program;
}

/** The peers that this machine has. */
export function presentPeers(): readonly Peer[] {
  const built = builtRestic();
  return [
    ipcloud,
    ...(built === undefined ? [] : [restic(`restic ${resticVersion}`, built)]),
    ...(has("restic") ? [restic("restic", "restic")] : []),
    ...(has("rclone") ? [rclone] : []),
    cp,
  ];
}
