import {
  type ChangedEvent,
  CloudError,
  type EntryKind,
  isCloudError,
  type PathChange,
  type Stat,
} from "../node/rpc/contract.ts";
import { ContentCache } from "./content-cache.ts";
import { linkTarget, movedPath, namesOf } from "./drive-path.ts";
import type { NodeClient } from "./node-client.ts";
import { StatCache } from "./stat-cache.ts";
import { readWhole } from "./transfer.ts";

const mostLinks = 40;

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

  /** The path that a symbolic link at `path` leads to, one step. */
  async readLink(path: string): Promise<string> {
    return this.#once(`link ${path}`, async () => {
      const { target } = await this.#node.request("readLink", { path });
      return linkTarget(path, target);
    });
  }

  /**
   * The path that `path` stands for once symbolic links are followed: those in its folders always,
   * one at its end if `last` says so. Nothing needs to stand there.
   * @throws CloudError, not-found, after 40 links.
   */
  async follow(path: string, last: boolean): Promise<string> {
    let now = path;
    for (let links = 0; links <= mostLinks; links++) {
      const link = await this.#firstLink(now, last);
      if (link === undefined) return now;
      now = movedPath(now, link, await this.readLink(link)).replace("//", "/");
    }
    throw new CloudError("not-found", `"${path}" leads through more than 40 symbolic links`);
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

  async #firstLink(path: string, last: boolean): Promise<string | undefined> {
    const whole = await this.stat(path);
    if (whole !== undefined) return whole.kind === "link" && last ? path : undefined;
    let above = "";
    for (const name of namesOf(path).slice(0, -1)) {
      above += `/${name}`;
      const stat = await this.stat(above);
      if (stat?.kind === "link") return above;
      if (stat?.kind !== "folder") return undefined;
    }
    return undefined;
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
