import { join } from "node:path";

/** One start of the editor, and the test files that run in it. */
export interface Scenario {
  readonly name: string;
  /** `suite/NAME.test.ts` for each. */
  readonly tests: readonly string[];
  /**
   * Makes what the editor opens.
   * @param folder - a fresh folder of this run, removed afterwards.
   */
  readonly prepare: (folder: string) => Promise<Prepared>;
}

/** What a scenario opens, and the environment of its extension host. */
export interface Prepared {
  /** See `EditorOptions`. */
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Every start of the editor that `npm test` makes. */
export const scenarios: readonly Scenario[] = [
  {
    name: "drive",
    tests: ["drive"],
    prepare: (folder) =>
      Promise.resolve({ workspace: "ipcloud:/", env: { IPCLOUD_HOME: join(folder, "home") } }),
  },
];
