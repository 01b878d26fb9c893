import { MapDraft, type MapSealer } from "../blocks/map-draft.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import { concatBytes, equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { EntryId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import { type Entry, encodeEntry, encodeFolder, entryKey, type FolderPlace } from "./entry.ts";
import { type DigestMap, DigestSum, itemDigest, type State } from "./state.ts";
import type { StateView } from "./state-view.ts";
import { joinVectors, type VersionVector, withStamp } from "./version-vector.ts";

const nothing = new Uint8Array(0);

/**
 * A state being changed. The setters keep the digest; they do not place: only `place` decides in
 * which map and under which parent an entry stands.
 */
export class StateDraft implements StateView {
  readonly tree: MapDraft;
  readonly removed: MapDraft;
  readonly folders: MapDraft;
  readonly loose: MapDraft;
  readonly #sealer: MapSealer;
  readonly #digest: DigestSum;
  #vv: VersionVector;
  #floor: VersionVector;

  constructor(sealer: MapSealer, state: State) {
    this.#sealer = sealer;
    this.tree = new MapDraft(sealer, state.tree);
    this.removed = new MapDraft(sealer, state.removed);
    this.folders = new MapDraft(sealer, state.folders);
    this.loose = new MapDraft(sealer, state.loose);
    this.#digest = new DigestSum(state.digest);
    this.#vv = state.vv;
    this.#floor = state.floor;
  }

  get vv(): VersionVector {
    return this.#vv;
  }

  get floor(): VersionVector {
    return this.#floor;
  }

  /** Records that the change of a stamp is in. */
  see(stamp: Stamp): void {
    this.#vv = withStamp(this.#vv, stamp);
  }

  /** Raises both vectors to the pointwise maximum with those of another state. */
  seeAll(state: { readonly vv: VersionVector; readonly floor: VersionVector }): void {
    this.#vv = joinVectors(this.#vv, state.vv);
    this.raiseFloor(state.floor);
  }

  /** Raises the floor to the pointwise maximum. */
  raiseFloor(floor: VersionVector): void {
    this.#floor = joinVectors(this.#floor, floor);
  }

  /** Puts an entry into one of the maps that the digest covers, where no value stands yet. */
  insert(map: DigestMap, standsIn: EntryId, entry: Entry): void {
    const key = entryKey(standsIn, entry.name, entry.id);
    const value = encodeEntry(entry, standsIn);
    this[map].set(key, value);
    this.#digest.add(itemDigest(this.#sealer.primitives, map, key, value));
  }

  /**
   * Takes an entry out of a map.
   * @throws unexpected, if the map does not hold just this value under that parent: whoever wants to
   * change the entry has read it before another change of the same draft
   */
  async take(map: DigestMap, standsIn: EntryId, entry: Entry): Promise<void> {
    const key = entryKey(standsIn, entry.name, entry.id);
    const value = encodeEntry(entry, standsIn);
    const held = await this[map].get(key);
    if (held === undefined || !equalBytes(held, value)) {
      throw new CloudError(
        "unexpected",
        `the entry ${JSON.stringify(entry.name)} is not what it was when it was read`,
      );
    }
    this[map].delete(key);
    this.#digest.subtract(itemDigest(this.#sealer.primitives, map, key, value));
  }

  /** Sets or removes what is known of a folder's intended place. */
  setFolder(id: EntryId, place: FolderPlace | undefined): void {
    if (place === undefined) this.folders.delete(id);
    else this.folders.set(id, encodeFolder(place));
  }

  /** Marks an entry as standing at the root for want of its parent, or no longer. */
  setLoose(entry: Entry, loose: boolean): void {
    const key = concatBytes(entry.parent, entry.id);
    if (loose) this.loose.set(key, nothing);
    else this.loose.delete(key);
  }

  /** Seals what changed. @returns the state as it now is. */
  async flush(putter: BlockPutter): Promise<State> {
    return {
      vv: this.#vv,
      floor: this.#floor,
      tree: await this.tree.flush(putter),
      removed: await this.removed.flush(putter),
      folders: await this.folders.flush(putter),
      loose: await this.loose.flush(putter),
      digest: this.#digest.value(),
    };
  }
}
