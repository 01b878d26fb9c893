import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { followLinks } from "../core/follow-links.ts";
import type { Stat, VersionId, When } from "../rpc/contract.ts";
import type { ContentSource } from "./read-parts.ts";
import type { Session } from "./session.ts";

/** A path, and optionally a moment or a version of it. */
export interface ContentOptions {
  readonly at?: When;
  readonly version?: VersionId;
}

/** A file found, and how to read exactly that content of it. */
export interface OpenContent {
  readonly stat: Stat;
  readonly source: ContentSource;
}

/** What stands at a path now or at a moment, asked once; `undefined` if nothing does. */
function looker(session: Session, moment: { readonly at?: When }) {
  const seen = new Map<string, Promise<Stat | undefined>>();
  const ask = async (path: string): Promise<Stat | undefined> => {
    try {
      return await session.request("stat", { path, ...moment });
    } catch (error) {
      if (!isCloudError(error, "not-found", "not-a-folder")) throw error;
      return undefined;
    }
  };
  return (path: string): Promise<Stat | undefined> => {
    const stat = seen.get(path) ?? ask(path);
    seen.set(path, stat);
    return stat;
  };
}

/** Says why nothing is there, in the node's words, and which link led there. @throws always */
async function tellAbsence(
  session: Session,
  path: string,
  found: { readonly path: string; readonly at?: When },
): Promise<never> {
  try {
    await session.request("stat", found);
  } catch (error) {
    if (found.path === path || !isCloudError(error)) throw error;
    const message = `${error.message}, where ${JSON.stringify(path)} leads`;
    throw new CloudError(error.code, message, { cause: error });
  }
  throw new CloudError("conflict", `${JSON.stringify(path)} was changed meanwhile: try again`);
}

/**
 * Finds a file's content, through links. Reading goes by the version found, so that a change
 * meanwhile can't mix two contents. A link at the path itself is followed only where no version is
 * asked for: a version is one of what stands or stood there.
 * @param path - of the drive, as `/a/b`.
 * @throws is-a-folder; not-found; usage, for a version of a link.
 */
export async function openContent(
  session: Session,
  path: string,
  { at, version }: ContentOptions,
): Promise<OpenContent> {
  const moment = at === undefined ? {} : { at };
  const look = looker(session, moment);
  const here = await followLinks(
    {
      kindAt: async (each) => (await look(each))?.kind,
      targetOf: async (link) =>
        (await session.request("readLink", { path: link, ...moment })).target,
    },
    path,
    version === undefined,
  );
  const stat =
    version === undefined
      ? ((await look(here)) ?? (await tellAbsence(session, path, { path: here, ...moment })))
      : await session.request("stat", { path: here, version });
  if (stat.kind === "folder") {
    throw new CloudError(
      "is-a-folder",
      `${JSON.stringify(here)} is a folder; a whole folder goes out by: ipcloud export`,
    );
  }
  if (stat.kind === "link") {
    throw new CloudError(
      "usage",
      `that version of ${JSON.stringify(here)} is a symbolic link, which has no content`,
    );
  }
  const exactly = at === undefined ? { version: stat.version } : { at };
  return { stat, source: { path: here, ...exactly } };
}
