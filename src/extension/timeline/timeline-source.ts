import type { NodeClient } from "../../provider/link/node-client.ts";
import type { CachedDrive } from "../../provider/memory/cached-drive.ts";
import { statOf } from "./stat-of.ts";
import { withPrevious } from "./timeline-groups.ts";
import type { TimelineNode } from "./timeline-nodes.ts";

/** Enough to say what a change was; the journal tells all. */
const changesEach = 20;

/** Whom a timeline asks. */
export interface TimelineSource {
  readonly node: NodeClient;
  readonly drive: Pick<CachedDrive, "follow">;
}

/** What becomes a node once it is known how its time is written among its neighbours. */
export interface Dated {
  readonly time: number;
  readonly at: (clock: string) => TimelineNode;
}

/** What a timeline shows, newest first. */
export interface Timeline {
  /** Where the file or folder stands once links are followed: its history is told there. */
  readonly place: string;
  /** Whether anything stands there now. */
  readonly stands: boolean;
  readonly items: readonly Dated[];
}

/**
 * Reads the versions of a file, or the changes below a folder.
 * @param limit - how many at most.
 * @throws CloudError, not-found, if nothing ever stood there.
 */
export async function readTimeline(
  source: TimelineSource,
  path: string,
  limit: number,
): Promise<Timeline> {
  const place = await source.drive.follow(path, true);
  const stat = await statOf(source.node, place);
  const shown = { node: source.node, path, place, stands: stat !== undefined, limit };
  const items = stat?.kind === "folder" ? await revisions(shown) : await versions(shown);
  return { place, stands: shown.stands, items };
}

interface Shown {
  readonly node: NodeClient;
  readonly path: string;
  readonly place: string;
  readonly stands: boolean;
  readonly limit: number;
}

async function versions({ node, path, place, stands, limit }: Shown): Promise<Dated[]> {
  const found = await node.request("log", { path: place, limit: limit + 1 });
  return withPrevious(found, limit).map(({ item: version, ...rest }) => ({
    time: version.time,
    at: (clock) => ({ type: "version", path, place, stands, clock, version, ...rest }),
  }));
}

async function revisions({ node, place, limit }: Shown): Promise<Dated[]> {
  const request = { path: place, limit: limit + 1, changesEach };
  const found = await node.request("journal", request);
  return withPrevious(found, limit).map(({ item: revision, ...rest }) => ({
    time: revision.time,
    at: (clock) => ({ type: "revision", path: place, clock, revision, ...rest }),
  }));
}
