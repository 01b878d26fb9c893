import { followLinks, type LinkPort } from "../../node/core/follow-links.ts";
import {
  type ChangedEvent,
  type EntryKind,
  type FileVersion,
  isCloudError,
  type Params,
  type Stat,
  type VersionId,
} from "../../node/rpc/contract.ts";
import type { NodeClient } from "../link/node-client.ts";
import { ContentCache } from "./content-cache.ts";
import { StatCache, type Touched } from "./stat-cache.ts";
import { readWhole, writeWhole } from "./transfer.ts";

/**
 * The drive as this window knows it. Each question about what stands there goes to the node once and
 * is then answered from memory, until a `changed` event or a change of our own makes the answer
 * unknown.
 *
 * 1. An answer is stored only if nothing was forgotten while it was on its way; else it might be the
 *    one from before the change.
 * 2. What a change of our own touches is forgotten when it ends, before the node's event tells it,
 *    and also where it failed: it may have been stored, or something else stands there.
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

  /**
   * The whole content of one version of the file at `path`. Not to be changed.
   * @throws CloudError, not-found, where that version stands there no longer.
   */
  async read(path: string, { version, size }: Stat): Promise<Uint8Array> {
    const known = this.#contents.get(path, version);
    if (known !== undefined) return known;
    return this.#once(`read ${version} ${path}`, async (store) => {
      try {
        const content = await readWhole(this.#node, { path, version, size });
        store(() => {
          this.#contents.put(path, version, content);
        });
        return content;
      } catch (error) {
        if (isCloudError(error, "not-found")) this.#forget({ type: "added", path });
        throw error;
      }
    });
  }

  /**
   * The path that `path` stands for once symbolic links are followed: those in its folders always,
   * one at its end if `last` says so. Nothing needs to stand there.
   * @throws CloudError, not-found, after 40 links.
   */
  follow(path: string, last: boolean): Promise<string> {
    return followLinks(this.#links, path, last);
  }

  /** What an older version of a file was; asked each time. @throws CloudError, not-found. */
  statVersion(path: string, version: VersionId): Promise<Stat> {
    return this.#node.request("stat", { path, version });
  }

  /** The newest version of a file, with who made it; asked each time. */
  async latestVersion(path: string): Promise<FileVersion | undefined> {
    const [latest] = await this.#node.request("log", { path, limit: 1 });
    return latest;
  }

  /** The revision that the drive stands at, if it has any; asked each time. */
  async revision(): Promise<string | undefined> {
    return (await this.#node.request("status", {})).revision;
  }

  /** @throws CloudError, conflict, if the current version is not `base`. */
  async write(file: Params<"write">): Promise<Stat> {
    const { path, content } = file;
    const change = { type: "added", path } as const;
    const stat = await this.#changing(change, () => writeWhole(this.#node, file));
    this.#stats.putStat(path, stat);
    this.#contents.put(path, stat.version, content.slice());
    return stat;
  }

  async mkdir(path: string): Promise<void> {
    await this.#changing({ type: "added", path }, () => this.#node.request("mkdir", { path }));
  }

  async remove(path: string, recursive: boolean): Promise<void> {
    await this.#changing({ type: "removed", path }, () =>
      this.#node.request("remove", { path, recursive }),
    );
  }

  async move(from: string, to: string, overwrite: boolean): Promise<void> {
    await this.#changing({ type: "moved", path: to, from }, () =>
      this.#node.request("move", { from, to, overwrite }),
    );
  }

  async copy(from: string, to: string, overwrite: boolean): Promise<void> {
    await this.#changing({ type: "added", path: to }, () =>
      this.#node.request("copy", { from, to, overwrite }),
    );
  }

  /** Makes what stands at and below `path` what it was in a revision. */
  async restore(path: string, revision: string): Promise<void> {
    await this.#changing({ type: "added", path }, () =>
      this.#node.request("restore", { path, at: revision }),
    );
  }

  /** Forgets what an event of the node has changed. */
  took(event: ChangedEvent): void {
    if (event.everything) this.clear();
    else this.#forget(...event.changes);
  }

  /** Forgets everything, contents included: on lock, and when events may have been missed. */
  clear(): void {
    this.#forgetUnderway();
    this.#stats.clear();
    this.#contents.clear();
  }

  async #changing<T>(touched: Touched, change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } finally {
      this.#forget(touched);
    }
  }

  #forget(...touched: readonly Touched[]): void {
    this.#forgetUnderway();
    for (const each of touched) this.#stats.invalidate(each);
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
