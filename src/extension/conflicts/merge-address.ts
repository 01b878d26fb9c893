import { CloudError, type VersionId } from "../../node/rpc/contract.ts";

/** The scheme of what a merge comes to, until it is accepted. */
export const mergeScheme = "ipcloud-merge";

/** Two changes of one file that somebody joins by hand. */
export interface Merge {
  /** As the editor names the file, which holds the one change unsaved. */
  readonly path: string;
  /** Where it stands, links followed. */
  readonly target: string;
  /** The other change: the version that the merge is to replace. */
  readonly theirs: VersionId;
}

/** The parts of a URI that carry a merge. */
export interface MergeParts {
  readonly scheme: string;
  readonly path: string;
  readonly query: string;
}

/** The URI of a merge's result, which tells a window that was loaded anew what is merged. */
export function mergeParts({ path, target, theirs }: Merge): MergeParts {
  return { scheme: mergeScheme, path, query: JSON.stringify({ target, theirs }) };
}

/** Reads it back. @throws CloudError, not-found, if the query names no merge. */
export function readMerge({ path, query }: Omit<MergeParts, "scheme">): Merge {
  try {
    const read: unknown = JSON.parse(query);
    if (typeof read === "object" && read !== null) {
      const { target, theirs } = read as { target?: unknown; theirs?: unknown };
      if (typeof target === "string" && typeof theirs === "string") return { path, target, theirs };
    }
  } catch {
    // Falls through: not JSON.
  }
  throw new CloudError("not-found", `"${path}" names no merge`);
}
