import type { KeptSpace } from "../account/kept-space.ts";
import type { OwnDevice } from "../account/keystore-contents.ts";
import { defaultFanoutBits } from "../blocks/map-node.ts";
import { createNodeCache } from "../blocks/node-cache.ts";
import type { BlockGetter } from "../blocks/ports.ts";
import { equalBytes } from "../core/bytes.ts";
import { showCid } from "../core/cid.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { SpaceId, WriterId } from "../core/ids.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import type { RevisionSealer } from "../history/tip.ts";
import type { Store } from "../store/store.ts";
import { formerWriters, wentOnAs } from "./heads/went-on.ts";
import { type SpaceKeys, spaceKeys } from "./space-keys.ts";

/** Bytes of sealed nodes whose decoded form is held in memory. */
const nodeCacheBytes = 24 * 1024 * 1024;

/** Where a space lies and what its parts are made with. */
export interface SpaceGround {
  readonly store: Store;
  readonly primitives: Primitives;
  readonly random: RandomBytes;
}

/**
 * A space with the keys that open it and the writer that changes it.
 *
 * Invariant: its keys change only by {@link replaceKeys} and {@link goOnAs}, which the commit loop alone calls, between
 * two revisions. So what a change seals in its turn is under one epoch and by one writer; what waits
 * for its turn takes them when it comes.
 */
export class OpenSpace implements SpaceGround {
  readonly store: Store;
  readonly primitives: Primitives;
  readonly random: RandomBytes;
  readonly id: SpaceId;
  /** As the keystore has it; the space may have gone on as another writer since. */
  readonly device: OwnDevice;
  readonly #reading: Pick<RevisionSealer, "blocks" | "cache">;
  #keys: SpaceKeys;
  #former: readonly WriterId[];
  #sealer: RevisionSealer;
  #compresses = true;

  /** Use {@link openSpace}. */
  constructor(
    ground: SpaceGround,
    id: SpaceId,
    device: OwnDevice,
    keys: SpaceKeys,
    former: readonly WriterId[],
  ) {
    this.store = ground.store;
    this.primitives = ground.primitives;
    this.random = ground.random;
    this.id = id;
    this.device = device;
    this.#reading = { blocks: needed(ground.store), cache: createNodeCache(nodeCacheBytes) };
    this.#keys = keys;
    this.#former = former;
    this.#sealer = this.#sealerWith(keys);
  }

  get keys(): SpaceKeys {
    return this.#keys;
  }

  /** Reads the space, and seals revisions under the epoch that is written. */
  get sealer(): RevisionSealer {
    return this.#sealer;
  }

  get writerId(): WriterId {
    return this.#keys.writer.id;
  }

  /** The writers as whom this store wrote before: nobody else may know other changes of theirs. */
  get former(): readonly WriterId[] {
    return this.#former;
  }

  /** Goes on as another writer. */
  goOnAs({ keys, former }: { keys: SpaceKeys; former: readonly WriterId[] }): void {
    this.#former = former;
    this.replaceKeys(keys);
  }

  /** Goes on with other keys. */
  replaceKeys(keys: SpaceKeys): void {
    this.#keys = keys;
    this.#sealer = this.#sealerWith(keys);
  }

  /** Says whether what is sealed from now on is compressed. */
  setCompression(compresses: boolean): void {
    this.#compresses = compresses;
    this.#sealer = this.#sealerWith(this.#keys);
  }

  #sealerWith({ contentKey, boundaryKey, epoch }: SpaceKeys): RevisionSealer {
    const { primitives, random } = this;
    return {
      ...this.#reading,
      primitives,
      random,
      contentKey,
      boundaryKey,
      compresses: this.#compresses,
      fanoutBits: defaultFanoutBits,
      epoch,
    };
  }
}

/**
 * Opens a space with what the keystore has of it, as the writer that went on where the keystore has not
 * heard of it yet.
 * @throws damaged, newer
 */
export function openSpace(ground: SpaceGround, kept: KeptSpace, device: OwnDevice): OpenSpace {
  const writer = wentOnAs(ground, kept, device.writer) ?? device.writer;
  const keys = spaceKeys(ground.primitives, kept, { ...device, writer });
  return new OpenSpace(ground, kept.id, device, keys, formerWriters(ground, kept));
}

/**
 * The blocks of a store for whoever holds a link to them: one that is missing then is damage, and
 * never to be taken for a path that is not there.
 */
function needed(store: Store): BlockGetter {
  return {
    get: async (id) => {
      try {
        return await store.get(id);
      } catch (error) {
        if (!isCloudError(error, "not-found")) throw error;
        throw new CloudError(
          "damaged",
          `block ${showCid(id)} is missing from the store, though the drive needs it; put back a copy of the data folder`,
          { cause: error },
        );
      }
    },
  };
}

/** Whether a writer is the one that this store writes as. */
export function isOwn(space: OpenSpace, writer: WriterId): boolean {
  return equalBytes(space.writerId, writer);
}
