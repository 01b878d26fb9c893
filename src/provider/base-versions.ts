import type { VersionId } from "../node/rpc/contract.ts";
import { isWithin, movedPath } from "./drive-path.ts";

/** The version that a document's text came from. Size and times are unknown after a restart. */
export interface Base {
  readonly version: VersionId;
  readonly shown?: { readonly mtime: number; readonly size: number };
}

/** A version that the editor has read, with the digest of its content. */
export interface Reading extends Base {
  readonly digest: string;
}

/** Where the bases of edited documents outlive the window. */
export interface KeptBases {
  get(path: string): VersionId | undefined;
  /** `undefined` forgets it. */
  set(path: string, version: VersionId | undefined): void;
}

interface Tracked {
  /** Read since the text was last known for sure, the newest last. */
  readings: Reading[];
  /** What the text in the editor is known to be. */
  shown?: Reading | undefined;
  /** While it is edited: what the edits were made on. */
  edited?: Base | undefined;
  /** Its text never equals the bytes read (another encoding, mixed line ends). */
  opaque: boolean;
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
    return tracked.edited ?? (tracked.opaque ? undefined : tracked.shown) ?? newest(tracked);
  }

  /** Whether `path` is edited, as far as told. */
  isEdited(path: string): boolean {
    return this.#tracked.get(path)?.edited !== undefined;
  }

  /** The editor was given this version of `path`. */
  wasRead(path: string, reading: Reading): void {
    const tracked = this.#track(path);
    if (tracked.edited !== undefined) return;
    tracked.readings = [...tracked.readings.slice(1 - mostReadings), reading];
  }

  /** The editor shows `path` for the first time, unedited. */
  opened(path: string, digest: string): void {
    const tracked = this.#track(path);
    tracked.opaque = !tracked.readings.some((reading) => reading.digest === digest);
    this.shows(path, digest);
  }

  /** The editor shows this text of `path`, unedited: opened, loaded again, saved or undone. */
  shows(path: string, digest: string): void {
    const tracked = this.#track(path);
    if (tracked.edited !== undefined) {
      tracked.edited = undefined;
      this.#kept.set(path, undefined);
    }
    const shown = tracked.readings.findLast((reading) => reading.digest === digest);
    if (shown === undefined) return;
    tracked.shown = shown;
    tracked.opaque = false;
    tracked.readings = [shown];
  }

  /** Somebody has begun to type in `path`. */
  edited(path: string): void {
    const tracked = this.#track(path);
    if (tracked.edited !== undefined) return;
    const { shown, opaque } = tracked;
    const same = tracked.readings.findLast((reading) => reading.digest === shown?.digest);
    tracked.edited =
      (opaque ? undefined : (same ?? shown)) ?? newest(tracked) ?? keptBase(this.#kept, path);
    if (tracked.edited !== undefined) this.#kept.set(path, tracked.edited.version);
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

  /** The person has seen `base` and wants the next save to replace it. */
  rebase(path: string, base: Base): void {
    const tracked = this.#track(path);
    tracked.edited = base;
    this.#kept.set(path, base.version);
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
    if (this.#tracked.get(path)?.edited !== undefined) this.#kept.set(path, undefined);
    this.#tracked.delete(path);
  }

  #track(path: string): Tracked {
    const known = this.#tracked.get(path);
    if (known !== undefined) return known;
    if (this.#tracked.size >= mostTracked) this.#dropOldest();
    const tracked: Tracked = { readings: [], opaque: false };
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

function newest(tracked: Tracked): Reading | undefined {
  return tracked.readings.at(-1);
}

function keptBase(kept: KeptBases, path: string): Base | undefined {
  const version = kept.get(path);
  return version === undefined ? undefined : { version };
}
