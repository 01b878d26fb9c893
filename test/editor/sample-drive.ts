import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type IpcloudEnv, ipcloud } from "./ipcloud.ts";
import { passphrase, sample } from "./sample.ts";

/** A data folder for one scenario, and how its local node is ended. */
interface TestDrive {
  /** Names the data folder, and the file with the passphrase of its account if it has one. */
  readonly env: IpcloudEnv;
  readonly close: () => Promise<void>;
}

/** A data folder in which nothing was made yet. */
export function noDrive(folder: string): TestDrive {
  const env = {
    IPCLOUD_HOME: join(folder, "home"),
    IPCLOUD_PASSPHRASE_FILE: join(folder, "passphrase"),
  };
  return {
    env,
    close: async () => {
      await ipcloud(["node", "stop"], env);
    },
  };
}

/** Makes an account and unlocks its empty drive. Each save counts as a version of its own. */
export async function makeDrive(folder: string): Promise<TestDrive> {
  const drive = noDrive(folder);
  await writeFile(drive.env.IPCLOUD_PASSPHRASE_FILE, passphrase, { mode: 0o600 });
  await ipcloud(["init", "--words-out", join(folder, "words")], drive.env);
  await ipcloud(["settings", "versionWindowSeconds", "0"], drive.env);
  return drive;
}

/** Takes the sample in. @param folder - where it is laid out first. */
export async function fillDrive({ env }: TestDrive, folder: string): Promise<void> {
  for (const [path, text] of Object.entries(sample)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await ipcloud(["import", folder, "/"], env);
}
