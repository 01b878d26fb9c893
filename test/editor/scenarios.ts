import { join } from "node:path";

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

/** Every scenario of `npm test`. */
export const scenarios: readonly Scenario[] = [
  {
    name: "drive",
    starts: [["drive"]],
    prepare: (folder) =>
      Promise.resolve({ workspace: "ipcloud:/", env: { IPCLOUD_HOME: join(folder, "home") } }),
  },
];
