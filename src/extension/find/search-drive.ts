import type { Params, SearchPage } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";

/**
 * Runs a search and gives what it finds page by page.
 * @param signal - once it is aborted the search is ended.
 * @throws what the node answers; cancelled
 */
export async function* searchDrive(
  node: NodeClient,
  params: Params<"searchBegin">,
  signal: AbortSignal,
): AsyncGenerator<SearchPage> {
  const { search } = await node.request("searchBegin", params);
  let isDone = false;
  try {
    while (!isDone) {
      const page = await node.request("searchNext", { search }, { signal });
      ({ isDone } = page);
      yield page;
    }
  } finally {
    if (!isDone) await node.request("searchEnd", { search }).catch(() => undefined);
  }
}
