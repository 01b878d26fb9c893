import { equalBytes } from "../core/bytes.ts";
import { IdMap } from "../core/id-map.ts";
import { type EntryId } from "../core/ids.ts";
import { type Entry, isRoot } from "./entry.ts";
import { folderEntry, folderOf, isSeen, standsIn } from "./place.ts";
import type { StateView } from "./state-view.ts";

/**
 * Where something would be after a restore if it were left as it is: at the restored path, in a
 * folder that goes back from there to where it was, or elsewhere.
 */
export type Standing = "inside" | "along" | "outside";

/** What a restore of one path concerns. Walks up folders and remembers. */
export class RestoreScope {
  readonly now: StateView;
  readonly from: StateView;
  readonly #top: EntryId;
  #occupant: EntryId | undefined;
  readonly #stood = new IdMap<EntryId, boolean>();
  #standing = new IdMap<EntryId, Standing>();

  /** @param top - what stood at the path in `from`; the root's id for the whole drive. */
  constructor(now: StateView, from: StateView, top: EntryId) {
    this.now = now;
    this.from = from;
    this.#top = top;
  }

  /** Sets what stands at the path now, in the place of what stood there: it has to give way. */
  setOccupant(id: EntryId | undefined): void {
    this.#occupant = id;
    this.#standing = new IdMap();
  }

  /** Whether an entry that was seen in `from` stood at the path or below it. */
  async stood(past: Entry): Promise<boolean> {
    if (equalBytes(past.id, this.#top)) return true;
    return this.#stoodIn(await standsIn(this.from, past));
  }

  async #stoodIn(folder: EntryId): Promise<boolean> {
    if (equalBytes(folder, this.#top)) return true;
    if (isRoot(folder)) return false;
    const known = this.#stood.get(folder);
    if (known !== undefined) return known;
    this.#stood.set(folder, false); // ends the walk in a state whose folders stand in a circle
    const place = await folderOf(this.from, folder);
    if (place === undefined) return false;
    const parent = await standsIn(this.from, { id: folder, parent: place.parent });
    const answer = await this.#stoodIn(parent);
    this.#stood.set(folder, answer);
    return answer;
  }

  /** Whether a folder is one of those that the restore brings back to where they stood. */
  async isRestored(folder: EntryId): Promise<boolean> {
    const past = await this.#seenThen(folder);
    return past !== undefined && this.stood(past);
  }

  async #seenThen(folder: EntryId): Promise<Entry | undefined> {
    const past = await folderEntry(this.from, folder);
    return past !== undefined && (await isSeen(this.from, past)) ? past : undefined;
  }

  /** Of an entry that is seen now. */
  async standing(current: Entry): Promise<Standing> {
    if (this.#isOccupant(current.id)) return "inside";
    return this.#standingIn(await standsIn(this.now, current));
  }

  #isOccupant(id: EntryId): boolean {
    return this.#occupant !== undefined && equalBytes(id, this.#occupant);
  }

  async #standingIn(folder: EntryId): Promise<Standing> {
    if (isRoot(folder)) return isRoot(this.#top) ? "inside" : "outside";
    const known = this.#standing.get(folder);
    if (known !== undefined) return known;
    this.#standing.set(folder, "outside"); // as above
    const answer = await this.#findStanding(folder);
    this.#standing.set(folder, answer);
    return answer;
  }

  async #findStanding(folder: EntryId): Promise<Standing> {
    const past = await this.#seenThen(folder);
    if (past !== undefined && (await this.stood(past))) return "inside";
    const place = await folderOf(this.now, folder);
    if (place === undefined) return "outside";
    const parent = await standsIn(this.now, { id: folder, parent: place.parent });
    const above = this.#isOccupant(folder) ? "inside" : await this.#standingIn(parent);
    return above === "inside" && past !== undefined ? "along" : above;
  }
}
