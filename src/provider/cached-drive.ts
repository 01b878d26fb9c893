import { followLinks, type LinkPort } from "../node/core/follow-links.ts";
import {
  type ChangedEvent,
  type EntryKind,
  isCloudError,
  type PathChange,
  type Stat,
} from "../node/rpc/contract.ts";
import { ContentCache } from "./content-cache.ts";
import type { NodeClient } from "./node-client.ts";
import { StatCache } from "./stat-cache.ts";
import { readWhole } from "./transfer.ts";

/**
 * The drive as this window reads it: each question goes to the node once and is then answered from
 * memory, until a `changed` event or a write of our own makes the answer unknown.
 *
 * An answer is stored only if nothing was invalidated while it was on its way; else it might be the
 * one from before the change.
 */
export class CachedDrive {
  readonly #node: NodeClient;
  readonly #stats = new StatCache();
  readonly #contents = new ContentCache();
  readonly #underway = new Map<string, Promise<unknown>>();
  readonly #links: LinkPort = {
    kindAt: async (path) => (await this.stat(path))?.kind,
    targetOf: (path) =>
      this.#once(`link ${path}`, async () => {
        const { target } = await this.#node.request("readLink", { path });
        return target;
      }),
  };
  #generation = 0;

  constructor(node: NodeClient) {
    this.#node = node;
  }

  /** What stands at a path, links not followed; `undefined` if nothing does. */
  async stat(path: string): Promise<Stat | undefined> {
    const known = this.#stats.stat(path);
    if (known !== undefined) return known ?? undefined;
    return this.#once(`stat ${path}`, async (store) => {
      try {
        const stat = await this.#node.request("stat", { path });
        store(() => {
          this.#stats.putStat(path, stat);
        });
        return stat;
      } catch (error) {
        // A name that can't be stored is a name that isn't there.
        if (!isCloudError(error, "not-found", "not-a-folder", "invalid-name")) throw error;
        store(() => {
          this.#stats.putStat(path, null);
        });
        return undefined;
      }
    });
  }

  /** @throws CloudError, not-found or not-a-folder. */
  async list(path: string): Promise<ReadonlyMap<string, { readonly kind: EntryKind }>> {
    const known = this.#stats.listing(path);
    if (known !== undefined) return known;
    return this.#once(`list ${path}`, async (store) => {
      const items = await this.#node.request("list", { path });
      store(() => {
        this.#stats.putListing(path, items);
      });
      return new Map(items.map((item) => [item.name, item]));
    });
  }

  /** The whole content of one version of the file at `path`. Not to be changed. */
  async read(path: string, { version, size }: Stat): Promise<Uint8Array> {
    const known = this.#contents.get(path, version);
    if (known !== undefined) return known;
    return this.#once(`read ${version} ${path}`, async (store) => {
      const content = await readWhole(this.#node, { path, version, size });
      store(() => {
        this.#contents.put(path, version, content);
      });
      return content;
    });
  }

  /**
   * The path that `path` stands for once symbolic links are followed: those in its folders always,
   * one at its end if `last` says so. Nothing needs to stand there.
   * @throws CloudError, not-found, after 40 links.
   */
  async follow(path: string, last: boolean): Promise<string> {
    return followLinks(this.#links, path, last);
  }

  /** Forgets what an event of the node has changed. */
  took(event: ChangedEvent): void {
    if (event.everything) this.clear();
    else this.invalidate(...event.changes);
  }

  /** Forgets what changes of our own have changed, before the node's event tells it. */
  invalidate(...changes: readonly PathChange[]): void {
    this.#forgetUnderway();
    for (const change of changes) this.#stats.invalidate(change);
  }

  /** Takes the stat that a write of our own has returned. */
  wrote(path: string, stat: Stat, content: Uint8Array): void {
    this.invalidate({ type: "added", kind: stat.kind, path });
    this.#stats.putStat(path, stat);
    this.#contents.put(path, stat.version, content.slice());
  }

  /** Forgets everything, contents included: on lock, and when events may have been missed. */
  clear(): void {
    this.#forgetUnderway();
    this.#stats.clear();
    this.#contents.clear();
  }

  #forgetUnderway(): void {
    this.#generation++;
    this.#underway.clear();
  }

  /** Lets those who ask the same thing at the same time share one request. */
  #once<T>(key: string, ask: (store: (keep: () => void) => void) => Promise<T>): Promise<T> {
    const same = this.#underway.get(key) as Promise<T> | undefined;
    if (same !== undefined) return same;
    const generation = this.#generation;
    const answer = ask((keep) => {
      if (generation === this.#generation) keep();
    }).finally(() => {
      if (this.#underway.get(key) === answer) this.#underway.delete(key);
    });
    this.#underway.set(key, answer);
    return answer;
  }
}
