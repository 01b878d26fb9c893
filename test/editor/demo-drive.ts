import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { workspaceContent } from "../../src/extension/workspace-content.ts";
import { type IpcloudEnv, ipcloud } from "./ipcloud.ts";
import { projectFolder } from "./project.ts";

/** A drive to try things on, with everything that belongs to it in one folder. */
export interface DemoDrive {
  readonly folder: string;
  /** Path of the `.code-workspace` file that opens it. */
  readonly workspace: string;
  readonly env: IpcloudEnv;
  /** Whether this call made it. */
  readonly isNew: boolean;
}

const ownSources = [
  "src",
  "test",
  "media",
  "README.md",
  "CHANGELOG.md",
  "package.json",
  "tsconfig.json",
  "esbuild.mjs",
];

/**
 * Makes the drive of one source folder in the project's `.demo`, or unlocks it. A source is taken
 * in once: what is edited in the drive later is not overwritten by the next start.
 * @param source - absolute path; the project itself stands for its sources alone.
 */
export async function openDemoDrive(source: string): Promise<DemoDrive> {
  const tag = createHash("sha256").update(source).digest("hex").slice(0, 8);
  const name = basename(source) === "" ? "root" : basename(source);
  const folder = join(projectFolder, ".demo", `${name}-${tag}`);
  const env = {
    IPCLOUD_HOME: join(folder, "home"),
    IPCLOUD_PASSPHRASE_FILE: join(folder, "passphrase"),
  };
  const workspace = join(folder, `${name}.code-workspace`);
  const complete = join(folder, "complete");
  const isNew = !existsSync(complete);
  if (isNew) {
    // A start that was broken off may have left a node that runs on what is removed here.
    if (existsSync(env.IPCLOUD_HOME)) await ipcloud(["node", "stop"], env).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(env.IPCLOUD_PASSPHRASE_FILE, randomBytes(18).toString("base64url"), {
      mode: 0o600,
    });
    await ipcloud(["init", "--words-out", join(folder, "words")], env, true);
    await takeIn(source, join(folder, "source"), env);
    await writeFile(
      workspace,
      `${JSON.stringify(workspaceContent(name, homedir()), undefined, 2)}\n`,
    );
    await writeFile(complete, "");
  } else {
    await ipcloud(["unlock"], env, true);
  }
  return { folder, workspace, env, isNew };
}

/** Stops the drive's local node, which locks it. */
export async function closeDemoDrive(drive: DemoDrive): Promise<void> {
  await ipcloud(["node", "stop"], drive.env, true);
}

async function takeIn(source: string, staging: string, env: IpcloudEnv): Promise<void> {
  if (source !== projectFolder) {
    await ipcloud(["import", source, "/"], env, true);
    return;
  }
  for (const name of ownSources.filter((entry) => existsSync(join(source, entry))))
    await cp(join(source, name), join(staging, name), {
      recursive: true,
      preserveTimestamps: true,
    });
  await ipcloud(["import", staging, "/"], env, true);
  await rm(staging, { recursive: true });
}
