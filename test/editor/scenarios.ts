import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { workspaceContent } from "../../src/extension/workspace-content.ts";
import { fillDrive, makeDrive, noDrive } from "./sample-drive.ts";

/** Something to open, and the tests that run each time that the editor is started on it. */
export interface Scenario {
  readonly name: string;
  /**
   * For each start of the editor the files that run, `suite/NAME.test.ts`. Later starts find the
   * settings, the browser's state and the drive as the earlier ones left them.
   */
  readonly starts: readonly (readonly string[])[];
  /**
   * Makes what the editor opens.
   * @param folder - a fresh folder of this run, removed afterwards.
   */
  readonly prepare: (folder: string) => Promise<Prepared>;
}

/** What a scenario opens, and the environment of its extension host. */
interface Prepared {
  /** See `EditorOptions`. */
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends what `prepare` or the extension left running. */
  readonly close?: () => Promise<void>;
}

/** A drive with the sample in it, unlocked. */
async function sampleDrive(folder: string): Promise<Prepared> {
  const drive = await makeDrive(folder);
  await fillDrive(drive, join(folder, "sample"));
  return { workspace: "ipcloud:/", ...drive };
}

/** The same, opened as the extension opens it. */
async function sampleWorkspace(folder: string): Promise<Prepared> {
  const drive = await sampleDrive(folder);
  const workspace = join(folder, "IPCloud.code-workspace");
  await writeFile(workspace, JSON.stringify(workspaceContent("IPCloud", homedir())));
  return { ...drive, workspace };
}

/** Every scenario of `npm test`. */
export const scenarios: readonly Scenario[] = [
  {
    name: "drive",
    starts: [
      ["drive", "saving"],
      ["timeline", "commands"],
    ],
    prepare: sampleDrive,
  },
  {
    name: "conflicts",
    starts: [["conflicts"], ["left-conflict"], ["found-conflict"]],
    prepare: sampleDrive,
  },
  { name: "restart", starts: [["left-unsaved"], ["found-unsaved"]], prepare: sampleDrive },
  { name: "workspace", starts: [["workspace"]], prepare: sampleWorkspace },
  { name: "find", starts: [["find"]], prepare: sampleDrive },
  { name: "states", starts: [["states", "lock"]], prepare: sampleDrive },
  {
    name: "first-use",
    starts: [["first-use"]],
    prepare: (folder) => Promise.resolve({ workspace: "ipcloud:/", ...noDrive(folder) }),
  },
  {
    name: "unavailable",
    starts: [["unavailable"]],
    prepare: async (folder) => {
      const { env } = noDrive(folder);
      await writeFile(env.IPCLOUD_HOME, "a file where a folder should be");
      return { workspace: "ipcloud:/", env };
    },
  },
];
