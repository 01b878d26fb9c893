/** Without these no program starts everywhere. A list of what may pass, so that no secret can. */
const needed: readonly string[] = [
  "PATH",
  "LD_LIBRARY_PATH",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SystemRoot",
  "windir",
];

/** Makes the editor's program run as Node. */
const asNode = "ELECTRON_RUN_AS_NODE";

/**
 * Has the C library of most Linux systems keep one arena for all threads, which holds least of what blocks
 * leave behind. Others don't look at it.
 */
export const memoryEnvironment: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: "1" };

/** What a process of ours gets of this one's environment. @param more - names that may pass too. */
export function inherited(more: readonly string[] = []): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of [...needed, ...more]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** The environment of a process that this one starts to work for it. */
export function workEnvironment(): Record<string, string> {
  return { ...inherited([asNode]), ...memoryEnvironment };
}
