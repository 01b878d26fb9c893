import type { EncodedRecordLink } from "../blocks/link.ts";
import { parseTime } from "../core/parse-time.ts";
import { showStamp } from "../core/stamp.ts";
import { passedOver } from "../history/clock.ts";
import { type LogRecord, leftOutAt } from "../history/moment.ts";
import type { Tip } from "../history/tip.ts";
import { resolve } from "../tree/lookup.ts";
import { showKind, statOf, statOfLink } from "./describe.ts";
import * as past from "./past/past.ts";
import { listTags, type TagInfo } from "./past/tags.ts";
import { linkAtPath, listFolder, readLinkAt } from "./reading.ts";
import type { SpaceParts } from "./space-parts.ts";
import type {
  FileVersion,
  JournalItem,
  ListItem,
  PathChange,
  RemovedItem,
  RevisionInfo,
  ShownState,
  Stat,
  When,
} from "./types.ts";

/** Which content of a path is meant; absent, the current one. */
export interface ContentOptions {
  readonly at?: When;
  readonly version?: string;
}

/** Which content is read, and which of its bytes: absent, all. */
export interface ReadOptions extends ContentOptions {
  readonly offset?: number;
  readonly length?: number;
}

/** What an open space is asked: its tree now and at every moment that is kept. Changes nothing. */
export class Questions {
  readonly #parts: SpaceParts;

  constructor(parts: SpaceParts) {
    this.#parts = parts;
  }

  /** What stands at a path. @throws not-found, not-a-folder, invalid-name, damaged */
  async stat(path: string, at?: When, version?: string): Promise<Stat> {
    const { space, content, moments } = this.#parts;
    if (version !== undefined) {
      const { entry, version: found } = await past.versionAt(space, this.#tip(), path, version);
      return statOfLink(content, showKind(entry), found.stamp, found.link);
    }
    const { entry } = await resolve(await moments.view(at), path);
    return statOf(content, entry);
  }

  /**
   * What a folder lists.
   * @param onLong - waited for before the rest of a long listing is gathered.
   * @throws not-found, not-a-folder
   */
  async list(path: string, at?: When, onLong?: () => Promise<void>): Promise<ListItem[]> {
    const { content, moments } = this.#parts;
    return listFolder(content, await moments.view(at), path, onLong);
  }

  /** The link to a file's record: now, at a moment or of one version. @throws as `stat` */
  async link(path: string, { at, version }: ContentOptions): Promise<EncodedRecordLink> {
    const { space, moments } = this.#parts;
    return version === undefined
      ? linkAtPath(await moments.view(at), path)
      : (await past.versionAt(space, this.#tip(), path, version)).version.link;
  }

  /** Where a symbolic link leads, as it was given. @throws usage, for anything else */
  async readLink(path: string, at?: When): Promise<Uint8Array> {
    const { content, moments } = this.#parts;
    return readLinkAt(content, await moments.view(at), path);
  }

  /** The versions of a file. @throws not-found, is-a-folder */
  async log(path: string, limit: number, everySave: boolean): Promise<FileVersion[]> {
    const windowMs = everySave ? 0 : this.#parts.windowMs();
    return past.fileLog(this.#parts, this.#tip(), path, windowMs, limit);
  }

  async revisions(limit: number, before?: string): Promise<RevisionInfo[]> {
    const { tip } = this.#parts.loop;
    return tip === undefined ? [] : past.revisions(this.#parts, tip, limit, before);
  }

  async journal(options: past.JournalOptions): Promise<JournalItem[]> {
    const { tip } = this.#parts.loop;
    return tip === undefined ? [] : past.journal(this.#parts, tip, options);
  }

  /** What differs between two moments, by path. @throws not-found, if the path is in neither */
  async diff(from: When, to: When | undefined, path: string | undefined): Promise<PathChange[]> {
    const { space, moments } = this.#parts;
    const [a, b] = [await moments.state(from), await moments.state(to)];
    return past.diff(space, a, b, path);
  }

  async removed(path: string, limit: number): Promise<RemovedItem[]> {
    const { tip } = this.#parts.loop;
    return tip === undefined ? [] : past.removedBelow(this.#parts, tip, path, limit);
  }

  /**
   * The latest time of the changes that a moment leaves out, though they were made, because the clock
   * was ahead then or is behind now; `undefined`: none.
   */
  async passedOver(at: When): Promise<number | undefined> {
    const { space, moments, loop, now } = this.#parts;
    const { tip } = loop;
    if (tip === undefined || parseTime(at, now()) === undefined) return undefined;
    const { vv } = await moments.state(at);
    const left = await passedOver(space.sealer, tip, vv, now());
    return left.length === 0 ? undefined : Math.max(...left.map(({ time }) => time));
  }

  /** What a moment shows where the states of the last changes before it are not kept. */
  async shownAt(at: When): Promise<ShownState[]> {
    const { space, loop, now } = this.#parts;
    const time = parseTime(at, now());
    if (loop.tip === undefined || time === undefined) return [];
    const leftOut = await leftOutAt(space.sealer, loop.tip, time);
    const named = (record: LogRecord) => ({ revision: showStamp(record.stamp), time: record.time });
    return leftOut.map(({ last, shown }) => ({
      changed: named(last),
      ...(shown === undefined ? {} : { shown: named(shown) }),
    }));
  }

  async tags(): Promise<TagInfo[]> {
    const { space, loop } = this.#parts;
    return loop.tip === undefined ? [] : listTags(space, loop.tip);
  }

  #tip(): Tip {
    return past.mustHavePast(this.#parts.loop.tip);
  }
}
