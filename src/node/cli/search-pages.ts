import type { Params, SearchItem, SearchPage } from "../rpc/contract.ts";
import type { Session } from "./session.ts";

/** Runs a search and gives what it finds page by page; ends it, if nobody wants the rest. */
export async function* searchPages(
  session: Session,
  params: Params<"searchBegin">,
): AsyncGenerator<SearchPage> {
  const { search } = await session.request("searchBegin", params);
  let isDone = false;
  try {
    while (!isDone) {
      const page = await session.request("searchNext", { search });
      ({ isDone } = page);
      yield page;
    }
  } finally {
    // One that was withdrawn ends with the connection.
    if (!isDone && !session.signal.aborted) await session.request("searchEnd", { search });
  }
}

/** Things that a search passed over, told once it is done. */
export class PassedOver {
  binary = 0;
  readonly #session: Session;
  #failed = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** How many could not be looked into. */
  get failed(): number {
    return this.#failed;
  }

  /** Notes an item, if it is none that was found; what failed is told at once. */
  note(item: SearchItem): void {
    if (item.type === "binary") this.binary++;
    if (item.type !== "failed") return;
    this.#failed++;
    this.#session.output.note(
      `ipcloud: ${JSON.stringify(item.path)} was not searched: ${item.why}`,
    );
  }
}
