import { randomInt } from "node:crypto";
import { CloudError } from "../core/cloud-error.ts";
import type { Drive } from "../drive/drive.ts";
import type { Search } from "../transfer/search/search.ts";
import type { Call, Handlers } from "./handlers.ts";

/** A search that one client has under way. */
interface BegunSearch {
  readonly search: Search;
  /** The number of the client. */
  readonly client: number;
  readonly release: () => void;
}

const defaultFiles = 200;
const maxFiles = 10_000;
/** Searches that one client may have under way: each holds what it found ahead. */
const maxSearches = 4;

/** Serves what finds files. @param driveOf - the drive of a space, or the account's own. */
export function searchHandlers(
  driveOf: (space: string | undefined) => Drive,
): Pick<Handlers, "findFiles" | "searchBegin" | "searchNext" | "searchEnd"> {
  const searches = new Map<number, BegunSearch>();
  // Not from the same number in each process: who goes on in its place takes none for another.
  let last = randomInt(2 ** 40);

  const take = (number: number, { client }: Call): BegunSearch => {
    const found = searches.get(number);
    if (found?.client !== client.number) {
      throw new CloudError(
        "unavailable",
        "the search is lost, for the local node was started anew meanwhile: search again",
      );
    }
    return found;
  };
  const end = (number: number): void => {
    const found = searches.get(number);
    searches.delete(number);
    found?.release();
    found?.search.end();
  };

  return {
    findFiles: ({ space, query, path = "/", limit = defaultFiles, folders, partial }, { signal }) =>
      driveOf(space).findFiles(
        {
          query,
          path,
          limit: Math.min(limit, maxFiles),
          folders: folders ?? false,
          partial: partial ?? false,
        },
        signal,
      ),
    searchBegin: async ({ space, at, limit, ...options }, { client, signal }) => {
      const own = [...searches.values()].filter((each) => each.client === client.number);
      if (own.length >= maxSearches) {
        throw new CloudError("usage", "too many searches are under way: end one first");
      }
      const { include = [], exclude = [], names = [], foldNames = false } = options;
      const wanted = { ...options, include, exclude, names, foldNames };
      const search = await driveOf(space).search(wanted, at, limit ?? Number.MAX_SAFE_INTEGER);
      const number = ++last;
      const release = client.onDisconnect(() => {
        end(number);
      });
      searches.set(number, { search, client: client.number, release });
      if (signal.aborted) end(number);
      return { search: number };
    },
    searchNext: async ({ search: number }, call) => {
      const { search } = take(number, call);
      try {
        const page = await search.next(call.signal);
        if (page.isDone) end(number);
        return page;
      } catch (error) {
        end(number);
        throw error;
      }
    },
    searchEnd: ({ search: number }, call) => {
      if (searches.has(number)) {
        take(number, call);
        end(number);
      }
      return Promise.resolve({});
    },
  };
}
