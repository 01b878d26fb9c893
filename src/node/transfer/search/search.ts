import { setTimeout as delay } from "node:timers/promises";
import { CloudError } from "../../core/cloud-error.ts";
import type { SearchItem, SearchPage } from "./search-items.ts";
import type { SearchResults } from "./search-results.ts";

/** Characters, about, that one page tells. */
const pageLength = 256 * 1024;
/** Lines of one file in one item. */
const linesTogether = 500;
/** A page with something in it waits for more so long. */
const gatherMs = 40;
/** One with nothing in it comes after so long, to tell that the search goes on. */
const silenceMs = 200;

/**
 * A search under way, asked for its results page by page. It goes on a little before it is asked for
 * more, and no further.
 */
export class Search {
  readonly #results: SearchResults;
  readonly #ending: AbortController;
  readonly #ended = Promise.withResolvers<undefined>();
  /** Found and not told yet. */
  readonly #found: SearchItem[] = [];
  #left: number;
  #coming: Promise<"some" | "done"> | undefined;
  #isDone = false;
  #more = false;
  #isAsked = false;

  /**
   * @param ending - aborts what the results are made by.
   * @param limit - so many lines, or names where no text is looked for; then it is done.
   */
  constructor(results: SearchResults, ending: AbortController, limit: number) {
    this.#results = results;
    this.#ending = ending;
    this.#left = limit;
  }

  /** Resolves when nothing of it is under way any more. */
  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  /**
   * What was found since the last page.
   * @throws usage, while another call of it is under way; what the search ends with
   */
  async next(signal: AbortSignal): Promise<SearchPage> {
    if (this.#isAsked) throw new CloudError("usage", "a search is asked for one page at a time");
    this.#isAsked = true;
    try {
      if (!this.#isDone) this.#ending.signal.throwIfAborted();
      await this.#gather(signal);
    } catch (error) {
      this.end();
      throw error;
    } finally {
      this.#isAsked = false;
    }
    const items = this.#take();
    const isDone = this.#isDone && this.#found.length === 0;
    return { items, searched: this.#results.searched(), isDone, more: isDone && this.#more };
  }

  /** Gives up what is under way. */
  end(): void {
    this.#ending.abort(new CloudError("cancelled", "the search has ended"));
    void this.#finish();
  }

  /** Waits until there is enough for a page, or it has waited for long enough. */
  async #gather(signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const late = Promise.withResolvers<"late">();
    const onAbort = (): void => {
      late.reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      signal.throwIfAborted();
      while (!this.#isDone && lengthOf(this.#found) < pageLength) {
        const waitMs = (this.#found.length > 0 ? gatherMs : silenceMs) + began - performance.now();
        if (waitMs <= 0) return;
        this.#coming ??= this.#pull();
        this.#coming.catch(() => undefined); // told by whoever waits for it
        const silence = new AbortController();
        const silent = delay(waitMs, "late" as const, { signal: silence.signal, ref: false });
        silent.catch(() => undefined); // aborted
        const came = await Promise.race([this.#coming, silent, late.promise]);
        silence.abort();
        if (came === "late") return;
        this.#coming = undefined;
        if (came === "done") this.#isDone = true;
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    if (this.#isDone) await this.#finish();
  }

  async #pull(): Promise<"some" | "done"> {
    const next: IteratorResult<readonly SearchItem[], unknown> = await this.#results.items.next();
    if (next.done === true) return "done";
    for (const item of next.value.flatMap(piecesOf)) {
      const kept = this.#withinLimit(item);
      if (kept === undefined) {
        this.#more = true;
        return "done";
      }
      this.#found.push(kept);
    }
    return "some";
  }

  /** @returns what of it is within the limit; `undefined`: nothing, for there was enough before. */
  #withinLimit(item: SearchItem): SearchItem | undefined {
    if (item.type !== "path" && item.type !== "file") return item;
    if (this.#left === 0) return undefined;
    if (item.type === "path" || item.lines.length === 0) {
      this.#left--;
      return item;
    }
    const lines = item.lines.slice(0, this.#left);
    if (lines.length < item.lines.length) this.#more = true;
    this.#left -= lines.length;
    return { ...item, lines };
  }

  /** Items for one page. */
  #take(): SearchItem[] {
    let length = 0;
    let count = 0;
    while (count < this.#found.length && length < pageLength) {
      length += lengthOf(this.#found.slice(count, ++count));
    }
    return this.#found.splice(0, count);
  }

  async #finish(): Promise<void> {
    this.#ending.abort(new CloudError("cancelled", "the search is done"));
    await this.#coming?.catch(() => undefined);
    await this.#results.items.return(undefined).catch(() => undefined);
    this.#ended.resolve(undefined);
  }
}

/** A file with very many lines comes in several items. */
function piecesOf(item: SearchItem): SearchItem[] {
  if (item.type !== "file" || item.lines.length <= linesTogether) return [item];
  const pieces: SearchItem[] = [];
  for (let at = 0; at < item.lines.length; at += linesTogether) {
    const lines = item.lines.slice(at, at + linesTogether);
    const count = lines.filter(({ ranges }) => ranges.length > 0).length;
    pieces.push({ ...item, count, lines });
  }
  return pieces;
}

/** About, in characters. */
function lengthOf(items: readonly SearchItem[]): number {
  let length = 0;
  for (const item of items) {
    length += 64 + item.path.length;
    if (item.type !== "file") continue;
    for (const { text, ranges } of item.lines) length += 48 + text.length + 4 * ranges.length;
  }
  return length;
}
