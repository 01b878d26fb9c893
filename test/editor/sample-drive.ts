import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { projectFolder } from "./project.ts";
import { runProgram } from "./run-program.ts";

/** A data folder for one scenario, and how its local node is ended. */
interface TestDrive {
  /** Names the data folder, and the file with the passphrase of its account if it has one. */
  readonly env: { readonly IPCLOUD_HOME: string; readonly IPCLOUD_PASSPHRASE_FILE: string };
  readonly close: () => Promise<void>;
}

/** The passphrase of every test drive. */
export const passphrase = "correct horse battery staple";

/** What the sample drive holds, by path; a file of every kind that the editor shows. */
const sample: Readonly<Record<string, string>> = {
  "README.md": "# Field notes\n\nWhat we saw, where, and when.\n",
  "notes/monday.md": "# Monday\n\nRain in the morning, two herons at the pond.\n",
  "notes/tuesday.md": "# Tuesday\n\nClear. The reeds were cut.\n",
  "src/count.ts": "export const count = (seen: string[]): number => seen.length;\n",
  "src/deep/er/leaf.ts": "export const leaf = true;\n",
  "data/birds.json": '{ "heron": 2, "coot": 11 }\n',
};

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

async function ipcloud(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const command = join(projectFolder, "dist/ipcloud.mjs");
  await runProgram({ command: process.execPath, args: [command, ...args], env });
}
