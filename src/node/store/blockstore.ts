import { setImmediate as nextTurn } from "node:timers/promises";
import type { Blockstore, InputPair, Pair } from "interface-blockstore";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import type { SealedBlock } from "../blocks/ports.ts";
import { concatBytes } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { asBlockId, type BlockId } from "../core/ids.ts";
import { NotFoundError } from "./not-found-error.ts";
import { isContentOf } from "./read-block.ts";
import type { Store } from "./store.ts";

/** Codes of multicodec. */
const sha2256 = 0x12;
const raw = 0x55;
/** The largest block that IPFS peers exchange, in bytes. */
const maxForeignBytes = 2 * 1024 * 1024;
/** What `putMany` makes durable at once. */
const groupBlocks = 64;
const groupBytes = 1024 * 1024;

type Input = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

interface AbortOptions {
  readonly signal?: AbortSignal;
}

/** A block's hash, whatever its codec; `undefined` for other hashes, which a store never has. */
function idOf(cid: CID): BlockId | undefined {
  const { code, digest } = cid.multihash;
  return code === sha2256 && digest.length === 32 ? asBlockId(digest) : undefined;
}

/** The CID of a sealed block: version 1, raw. */
export function cidOf(id: BlockId): CID {
  return CID.createV1(raw, createDigest(sha2256, id));
}

/**
 * The store as Helia's blockstore. What comes in is hashed before it is taken, what goes out is
 * hashed by the store, and one in quarantine is not there. A put is durable when it resolves; puts
 * that come together are one commit.
 *
 * Deletion is refused: Helia's own collection of garbage knows nothing of heads and would take the
 * whole drive.
 */
export function storeBlockstore(store: Store): Blockstore {
  const commitSoon = groupedCommits(store);

  const has = (cid: CID, options: AbortOptions = {}): boolean => {
    options.signal?.throwIfAborted();
    const id = idOf(cid);
    return id !== undefined && store.has(id);
  };

  const put = async (cid: CID, input: Input, options: AbortOptions = {}): Promise<CID> => {
    options.signal?.throwIfAborted();
    const block = await checkedBlock(cid, input);
    options.signal?.throwIfAborted();
    await commitSoon([block]);
    return cid;
  };

  async function* get(cid: CID, options: AbortOptions = {}): AsyncGenerator<Uint8Array> {
    options.signal?.throwIfAborted();
    const id = idOf(cid);
    if (id === undefined) throw new NotFoundError(`block ${cid.toString()} is not in the store`);
    try {
      yield await store.get(id);
    } catch (error) {
      if (!isCloudError(error, "not-found")) throw error;
      throw new NotFoundError(error.message, { cause: error });
    }
  }

  async function* putMany(
    source: Iterable<InputPair> | AsyncIterable<InputPair>,
    options: AbortOptions = {},
  ): AsyncGenerator<CID> {
    let cids: CID[] = [];
    let blocks: SealedBlock[] = [];
    let bytes = 0;
    for await (const pair of source) {
      options.signal?.throwIfAborted();
      const block = await checkedBlock(pair.cid, pair.bytes);
      cids.push(pair.cid);
      blocks.push(block);
      bytes += block.bytes.length;
      if (blocks.length < groupBlocks && bytes < groupBytes) continue;
      await commitSoon(blocks);
      yield* cids;
      [cids, blocks, bytes] = [[], [], 0];
    }
    options.signal?.throwIfAborted();
    await commitSoon(blocks);
    yield* cids;
  }

  async function* getMany(
    source: Iterable<CID> | AsyncIterable<CID>,
    options: AbortOptions = {},
  ): AsyncGenerator<Pair> {
    for await (const cid of source) {
      options.signal?.throwIfAborted();
      yield { cid, bytes: get(cid, options) };
    }
  }

  function* getAll(options: AbortOptions = {}): Generator<Pair> {
    options.signal?.throwIfAborted();
    for (const id of store.ids()) {
      options.signal?.throwIfAborted();
      if (!store.has(id)) continue;
      const cid = cidOf(id);
      yield { cid, bytes: get(cid, options) };
    }
  }

  const refuseDeletion = (options: AbortOptions = {}): never => {
    options.signal?.throwIfAborted();
    throw new CloudError(
      "usage",
      "blocks are removed only by the drive's collection of garbage, which knows what is needed",
    );
  };

  return {
    has,
    put,
    get,
    putMany,
    getMany,
    getAll,
    delete: (_cid, options) => refuseDeletion(options),
    *deleteMany(_source, options) {
      yield refuseDeletion(options);
    },
  };
}

/** @throws damaged, if the bytes don't hash to the CID; usage, if such a block can't be kept. */
async function checkedBlock(cid: CID, input: Input): Promise<SealedBlock> {
  const id = idOf(cid);
  if (id === undefined) {
    throw new CloudError(
      "usage",
      `block ${cid.toString()} is named by another hash than sha2-256, which the store can't keep`,
    );
  }
  const bytes = await collect(cid, input);
  if (isContentOf(id, bytes)) return { id, bytes };
  throw new CloudError("damaged", `the bytes given for block ${cid.toString()} don't hash to it`);
}

/** A copy of the input: who gave it may use its buffer again. */
async function collect(cid: CID, input: Input): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const take = (part: Uint8Array): void => {
    length += part.length;
    if (length > maxForeignBytes) {
      throw new CloudError(
        "usage",
        `block ${cid.toString()} is larger than ${maxForeignBytes.toString()} bytes`,
      );
    }
    parts.push(part.slice());
  };
  if (input instanceof Uint8Array) take(input);
  else for await (const part of input) take(part);
  const [first = new Uint8Array(0)] = parts;
  return parts.length <= 1 ? first : concatBytes(...parts);
}

/** Commits blocks that are handed over in one turn of the event loop together. */
function groupedCommits(store: Store): (blocks: readonly SealedBlock[]) => Promise<void> {
  let waiting: SealedBlock[] = [];
  let commit: Promise<void> | undefined;
  return (blocks) => {
    waiting.push(...blocks);
    commit ??= nextTurn().then(async () => {
      const taken = waiting;
      waiting = [];
      commit = undefined;
      const batch = store.begin();
      try {
        for (const block of taken) batch.put(block);
        await batch.commit();
      } catch (error) {
        batch.abandon();
        throw error;
      }
    });
    return commit;
  };
}
