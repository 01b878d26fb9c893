import { childOf, nameOf, parentOf } from "../../node/core/path.ts";
import { CloudError, type VersionId, type When } from "../../node/rpc/contract.ts";

/** The scheme of what the drive held before. */
export const versionScheme = "ipcloud-version";

/** One version of a file, or what stood at a path at a moment. */
export type VersionAddress =
  | { readonly path: string; readonly version: VersionId }
  | { readonly path: string; readonly at: When };

/** The parts of a URI that carry an address. */
export interface AddressParts {
  readonly scheme: string;
  readonly path: string;
  readonly query: string;
}

/**
 * The URI of a version. Its path is for people and for the editor's choice of language,
 * `/docs/notes (2026-11-21 14.02).md`; what counts stands in the query.
 * @param moment - words for the tab, without a slash.
 */
export function versionParts(path: string, version: VersionId, moment: string): AddressParts {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  return {
    scheme: versionScheme,
    path: childOf(parentOf(path), `${stem} (${moment.replaceAll("/", "-")})${ending}`),
    query: JSON.stringify({ path, version }),
  };
}

/** The URI of what stood at a path at a moment. Paths below a folder keep the query. */
export function momentParts(path: string, at: When): AddressParts {
  return { scheme: versionScheme, path, query: JSON.stringify({ at }) };
}

/** Reads either kind back. @throws CloudError, not-found, if the query is no address. */
export function readAddress({ path, query }: Omit<AddressParts, "scheme">): VersionAddress {
  try {
    const read: unknown = JSON.parse(query);
    if (typeof read === "object" && read !== null) {
      if ("at" in read && typeof read.at === "string") return { path, at: read.at };
      const { path: file, version } = read as { path?: unknown; version?: unknown };
      if (typeof file === "string" && typeof version === "string") return { path: file, version };
    }
  } catch {
    // Falls through: not JSON.
  }
  throw new CloudError("not-found", `"${path}" names no version and no moment of the drive`);
}
