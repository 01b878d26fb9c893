import type { CloudErrorCode } from "../core/cloud-error.ts";

/** What each exit status of `ipcloud` means. The README's table is made of this. */
export const exitMeanings = {
  0: "done",
  1: "unexpected: a fault nobody foresaw, or the local node can't be reached; of `grep`: no line was found",
  2: "usage: unknown command or option, arguments or names that can't be taken",
  3: "not found: no such path, version, tag or revision, or no drive here yet",
  4: "locked, wrong passphrase, or a device that may not write",
  5: "conflict: changed meanwhile, or something else stands there (exists, not empty, file or folder)",
  6: "damaged data",
  7: "storage: full, read-only, busy, or written by a newer IPCloud",
  130: "cancelled (Ctrl-C)",
} as const;

export type ExitStatus = keyof typeof exitMeanings;

/** The one translation of error codes to exit statuses. */
export const exitStatusOf: Readonly<Record<CloudErrorCode, ExitStatus>> = {
  unexpected: 1,
  unavailable: 1,
  usage: 2,
  "invalid-name": 2,
  "not-found": 3,
  "no-account": 3,
  locked: 4,
  "wrong-passphrase": 4,
  "may-not-write": 4,
  conflict: 5,
  exists: 5,
  "not-a-folder": 5,
  "is-a-folder": 5,
  "not-empty": 5,
  damaged: 6,
  newer: 7,
  "storage-full": 7,
  "storage-read-only": 7,
  "storage-busy": 7,
  storage: 7,
  cancelled: 130,
};

/** The table of exit statuses in Markdown, one line a status, as it stands in the README. */
export function exitCodeTable(): string {
  const rows = Object.entries(exitMeanings).map(
    ([status, meaning]) => `| ${status} | ${meaning} |`,
  );
  return ["| exit code | meaning |", "|---|---|", ...rows].join("\n");
}
