import { devicePseudonym } from "../account/device-keys.ts";
import type { KeystoreContents } from "../account/keystore-contents.ts";
import { openRoster, type Roster } from "../account/roster.ts";
import { type Certificate, certifyWriter, writerHeadKey } from "../account/writers.ts";
import { defaultFanoutBits } from "../blocks/map-node.ts";
import { createNodeCache } from "../blocks/node-cache.ts";
import type { BlockGetter } from "../blocks/ports.ts";
import { equalBytes } from "../core/bytes.ts";
import { showCid } from "../core/cid.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { WriterId } from "../core/ids.ts";
import { epochKeys, type HeadKey, type SaltKey } from "../crypto/derive.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import type { SigningKey } from "../crypto/sign.ts";
import type { RevisionWriter } from "../history/tip.ts";
import type { Store } from "../store/store.ts";

/** Bytes of sealed nodes whose decoded form is held in memory. */
const nodeCacheBytes = 24 * 1024 * 1024;

/** A space with the keys that open it and the writer that changes it. */
export interface OpenSpace {
  readonly store: Store;
  readonly contents: KeystoreContents;
  readonly primitives: Primitives;
  readonly random: RandomBytes;
  /** Seals revisions under the latest epoch. */
  readonly writer: RevisionWriter;
  readonly writerId: WriterId;
  /** Signs this writer's heads. */
  readonly writerKey: SigningKey;
  readonly certificate: Certificate;
  readonly roster: Roster;
  /** Of the latest epoch, which is written. */
  readonly headKey: HeadKey;
  readonly saltKey: SaltKey;
  /** Of every epoch, the latest first. */
  readonly headKeys: readonly HeadKey[];
}

/** Opens the space of an account's drive with what its keystore holds. @throws damaged */
export function openSpace(
  store: Store,
  contents: KeystoreContents,
  primitives: Primitives,
  random: RandomBytes,
): OpenSpace {
  const epochs = contents.epochKeys.map(({ statement, key }) => ({
    statement,
    ...epochKeys(primitives, key),
  }));
  const latest = epochs.at(-1);
  if (latest === undefined) {
    throw new CloudError(
      "damaged",
      "the keystore holds no key of the drive: restore it from a copy",
    );
  }
  const { writer } = contents;
  const roster = openRoster(primitives, contents.space, contents.roster);
  const device = devicePseudonym(primitives, contents.deviceSeed, roster.founding.nonce);
  const writerKey = writerHeadKey(primitives, writer.seed, contents.space);
  return {
    store,
    contents,
    primitives,
    random,
    writer: {
      primitives,
      random,
      blocks: needed(store),
      cache: createNodeCache(nodeCacheBytes),
      contentKey: latest.contentKey,
      boundaryKey: contents.boundaryKey,
      fanoutBits: defaultFanoutBits,
      epoch: latest.statement,
    },
    writerId: writer.id,
    writerKey,
    certificate: certifyWriter(device, contents.space, writer.id, writerKey.publicKey),
    roster,
    headKey: latest.headKey,
    saltKey: latest.saltKey,
    headKeys: epochs.map(({ headKey }) => headKey).reverse(),
  };
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
