import { isWithin, movedPath } from "../../node/core/path.ts";
import type { VersionId } from "../../node/rpc/contract.ts";

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
   * Whether its digest told that: not for other encodings, mixed line ends and editors that are not
   * of text.
   */
  exact: boolean;
  /** Text that no digest tells, and the newest reading when the editor began to show it. */
  untold?: Untold | undefined;
  /** The text that `shown` has, where its digest does not tell it. */
  text?: string | undefined;
  /** While it is edited: what the edits were made on. */
  edited?: Base | undefined;
}

interface Untold {
  readonly digest: string | undefined;
  readonly reading: Reading | undefined;
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
 *    its digest or, where that can't tell, by having rested. A reading that came too late for the
 *    editor to take (somebody had begun to type) must not, or the save would overwrite what was never
 *    seen. Only where nothing was ever seen to be shown the newest reading counts.
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
   * @param digest - `undefined` if the text is too long to tell.
   * @returns whether it is known which reading that is.
   */
  shows(path: string, digest: string | undefined): boolean {
    const tracked = this.#track(path);
    this.#endEdit(path, tracked);
    const { shown, readings, text } = tracked;
    const told =
      readings.findLast((reading) => reading.digest === digest) ??
      (shown?.digest === digest ? shown : undefined);
    // An undo brings back text that has rested before.
    const seen = told ?? (digest !== undefined && digest === text ? shown : undefined);
    tracked.untold = undefined;
    if (seen === undefined) {
      // It may be text that somebody just begins to type: the edit is told a moment later.
      tracked.untold = { digest, reading: readings.at(-1) };
      return false;
    }
    tracked.shown = seen;
    if (told !== undefined) Object.assign(tracked, { exact: true, text: undefined });
    tracked.readings = [seen];
    return true;
  }

  /**
   * What the editor shows of `path` is no reading that is known, and nobody has begun to type it: it
   * is what was the newest reading when it came, if that is one which can't be told by its text.
   */
  rests(path: string): void {
    const tracked = this.#track(path);
    const { edited, untold, exact } = tracked;
    if (edited !== undefined || untold?.reading === undefined) return;
    if (exact && untold.reading.plain) return;
    tracked.shown = untold.reading;
    tracked.text = untold.digest;
    tracked.exact = false;
  }

  /** Somebody has begun to edit `path`. */
  edited(path: string): void {
    const tracked = this.#track(path);
    if (tracked.edited !== undefined) return;
    const { shown, readings } = tracked;
    // The same text may have been read as a later version, which shows no change.
    const same = readings.findLast((reading) => reading.digest === shown?.digest);
    tracked.edited = same ?? shownBase(tracked) ?? keptBase(this.#kept, path);
    if (tracked.edited !== undefined) this.#kept.set(path, tracked.edited.version);
  }

  /** `path` is not edited any more; what it shows can't be told. */
  unedited(path: string): void {
    const tracked = this.#track(path);
    this.#endEdit(path, tracked);
    Object.assign(tracked, { shown: undefined, text: undefined });
  }

  /** A save of `path` was stored as this version. */
  saved(path: string, reading: Reading): void {
    const tracked = this.#track(path);
    tracked.readings = [reading];
    tracked.shown = reading;
    tracked.text = undefined;
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

function shownBase({ shown, readings }: Tracked): Reading | undefined {
  return shown ?? readings.at(-1);
}

function keptBase(kept: KeptBases, path: string): Base | undefined {
  const version = kept.get(path);
  return version === undefined ? undefined : { version };
}
