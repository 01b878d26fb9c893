import type { VersionId } from "../node/rpc/contract.ts";
import { isWithin, movedPath } from "./drive-path.ts";

/** What a document is based on. */
export interface Base {
  /** The version that a save may replace. */
  readonly version: VersionId;
  /** What the editor takes the file's time and size to be; unknown after a restart. */
  readonly shown?: Shown | undefined;
}

/** What the editor compares to find out whether a file has changed. */
export interface Shown {
  readonly mtime: number;
  readonly size: number;
}

/** A version that the editor has read, with the digest of its content. */
export interface Reading extends Base {
  readonly digest: string;
  /** Whether an editor's text tells that it is this content (plain-text.ts). */
  readonly plain: boolean;
}

/** Where the bases of edited documents outlive the window. */
export interface KeptBases {
  get(path: string): VersionId | undefined;
  /** `undefined` forgets it. */
  set(path: string, version: VersionId | undefined): void;
}

interface Tracked {
  /** What the editor was given last, the newest at the end. */
  readings: Reading[];
  /** Which reading the unedited text was last seen to be. */
  shown?: Reading | undefined;
  /**
   * Whether that can be seen at all: not for other encodings, mixed line ends and editors that are
   * not of text. There the newest reading counts as shown.
   */
  exact: boolean;
  /** While it is edited: what the edits were made on. */
  edited?: Base | undefined;
}

const mostReadings = 4;
const mostTracked = 2000;

/**
 * On which version each document of this window stands, so that a save can be refused when the
 * drive has moved on. `writeFile` is given no base version: it has to be known here.
 *
 * Invariants:
 * 1. While a document is edited its base moves only by an accepted save or by
 *    {@link BaseVersions.rebase}: reading it (a comparison, another extension) changes nothing.
 * 2. A reading becomes the base of an unedited document only when the editor shows its text, told by
 *    its digest. A reading that came too late for the editor to take (somebody had begun to type)
 *    must not, or the save would overwrite what was never seen.
 * 3. Bases of edited documents are kept beyond the window: the editor brings unsaved text back after
 *    a restart without any call to us.
 */
export class BaseVersions {
  readonly #tracked = new Map<string, Tracked>();
  readonly #kept: KeptBases;

  constructor(kept: KeptBases) {
    this.#kept = kept;
  }

  /** The version that a save of `path` is based on; `undefined` if nobody knows. */
  base(path: string): Base | undefined {
    const tracked = this.#tracked.get(path);
    if (tracked === undefined) return keptBase(this.#kept, path);
    return tracked.edited ?? shownBase(tracked);
  }

  /** The editor was given this version of `path`. */
  wasRead(path: string, reading: Reading): void {
    const tracked = this.#track(path);
    tracked.readings = [...tracked.readings.slice(1 - mostReadings), reading];
  }

  /**
   * The editor shows this text of `path`, unedited: opened, loaded again, saved or undone.
   * @returns whether it is known which reading that is.
   */
  shows(path: string, digest: string): boolean {
    const tracked = this.#track(path);
    this.#endEdit(path, tracked);
    const { shown, readings } = tracked;
    const seen =
      readings.findLast((reading) => reading.digest === digest) ??
      (shown?.digest === digest ? shown : undefined);
    // Else it may be text that somebody just begins to type: the edit is told a moment later.
    if (seen === undefined) return false;
    tracked.shown = seen;
    tracked.exact = true;
    tracked.readings = [seen];
    return true;
  }

  /**
   * What the editor shows of `path` is no reading that is known, and nobody has begun to type it: it
   * is the newest reading, if that is one which can't be told by its text.
   */
  rests(path: string): void {
    const tracked = this.#track(path);
    if (tracked.edited === undefined && tracked.readings.at(-1)?.plain === false)
      tracked.exact = false;
  }

  /** Somebody has begun to edit `path`. */
  edited(path: string): void {
    const tracked = this.#track(path);
    if (tracked.edited !== undefined) return;
    const { shown, readings, exact } = tracked;
    // The same text may have been read as a later version, which shows no change.
    const same = readings.findLast((reading) => exact && reading.digest === shown?.digest);
    tracked.edited = same ?? shownBase(tracked) ?? keptBase(this.#kept, path);
    if (tracked.edited !== undefined) this.#kept.set(path, tracked.edited.version);
  }

  /** `path` is not edited any more; what it shows can't be told. */
  unedited(path: string): void {
    this.#endEdit(path, this.#track(path));
  }

  /** A save of `path` was stored as this version. */
  saved(path: string, reading: Reading): void {
    const tracked = this.#track(path);
    tracked.readings = [reading];
    tracked.shown = reading;
    if (tracked.edited === undefined) return;
    tracked.edited = reading;
    this.#kept.set(path, reading.version);
  }

  /**
   * The person has seen `version` and wants the next save to replace it. What the editor takes for
   * the file's time and size stays: else it would ask once more.
   */
  rebase(path: string, version: VersionId): void {
    const tracked = this.#track(path);
    tracked.edited = { version, shown: this.base(path)?.shown };
    this.#kept.set(path, version);
  }

  /** Time and size of the base, found out after a restart. */
  remember(path: string, shown: Shown): void {
    const tracked = this.#track(path);
    const base = tracked.edited ?? keptBase(this.#kept, path);
    if (base !== undefined) tracked.edited = { ...base, shown };
  }

  /** `from`, or a folder that holds documents, is now called `to`. */
  moved(from: string, to: string): void {
    for (const [path, tracked] of [...this.#tracked]) {
      if (!isWithin(path, from)) continue;
      this.#tracked.delete(path);
      this.#tracked.set(movedPath(path, from, to), tracked);
      if (tracked.edited === undefined) continue;
      this.#kept.set(path, undefined);
      this.#kept.set(movedPath(path, from, to), tracked.edited.version);
    }
  }

  /** The editor has let go of `path`, its edits included. */
  closed(path: string): void {
    const tracked = this.#tracked.get(path);
    if (tracked === undefined) return;
    this.#endEdit(path, tracked);
    this.#tracked.delete(path);
  }

  #endEdit(path: string, tracked: Tracked): void {
    if (tracked.edited === undefined) return;
    tracked.edited = undefined;
    this.#kept.set(path, undefined);
  }

  #track(path: string): Tracked {
    const known = this.#tracked.get(path);
    if (known !== undefined) return known;
    if (this.#tracked.size >= mostTracked) this.#dropOldest();
    const tracked: Tracked = { readings: [], exact: false };
    this.#tracked.set(path, tracked);
    return tracked;
  }

  /** Makes room among files that were only read; what the editor shows or edits stays. */
  #dropOldest(): void {
    for (const [path, { shown, edited }] of this.#tracked) {
      if (shown !== undefined || edited !== undefined) continue;
      this.#tracked.delete(path);
      return;
    }
  }
}

function shownBase({ exact, shown, readings }: Tracked): Reading | undefined {
  return (exact ? shown : undefined) ?? readings.at(-1);
}

function keptBase(kept: KeptBases, path: string): Base | undefined {
  const version = kept.get(path);
  return version === undefined ? undefined : { version };
}
