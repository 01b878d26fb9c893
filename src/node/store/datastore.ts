import {
  type Batch,
  type Datastore,
  Key,
  type KeyQuery,
  type Pair,
  type Query,
} from "interface-datastore";
import { NotFoundError } from "./not-found-error.ts";
import type { RecordTable } from "./store.ts";

interface AbortOptions {
  readonly signal?: AbortSignal;
}

type Source<Item> = Iterable<Item> | AsyncIterable<Item>;

interface Limits {
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

/**
 * A table of the store as Helia's datastore. A write is whole or absent after a crash, but the last
 * ones may be lost with the machine's power.
 */
export function recordDatastore(records: RecordTable): Datastore {
  const has = (key: Key, options: AbortOptions = {}): boolean => {
    options.signal?.throwIfAborted();
    return records.get(key.toString()) !== undefined;
  };

  const put = (key: Key, value: Uint8Array, options: AbortOptions = {}): Key => {
    options.signal?.throwIfAborted();
    records.write(new Map([[key.toString(), value]]));
    return key;
  };

  const get = (key: Key, options: AbortOptions = {}): Uint8Array => {
    options.signal?.throwIfAborted();
    const value = records.get(key.toString());
    if (value === undefined) throw new NotFoundError(`no record ${key.toString()}`);
    return value;
  };

  const remove = (key: Key, options: AbortOptions = {}): void => {
    options.signal?.throwIfAborted();
    records.write(new Map([[key.toString(), undefined]]));
  };

  async function* putMany(source: Source<Pair>, options?: AbortOptions): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield put(key, value, options);
  }

  async function* getMany(source: Source<Key>, options?: AbortOptions): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: get(key, options) };
  }

  async function* deleteMany(source: Source<Key>, options?: AbortOptions): AsyncGenerator<Key> {
    for await (const key of source) {
      remove(key, options);
      yield key;
    }
  }

  const batch = (): Batch => {
    const rows = new Map<string, Uint8Array | undefined>();
    return {
      put: (key, value) => void rows.set(key.toString(), value),
      delete: (key) => void rows.set(key.toString(), undefined),
      commit: (options: AbortOptions = {}) => {
        options.signal?.throwIfAborted();
        records.write(rows);
        rows.clear();
      },
    };
  };

  function* query(asked: Query, options: AbortOptions = {}): Generator<Pair> {
    options.signal?.throwIfAborted();
    let pairs: Pair[] = [];
    for (const [name, value] of records.entries(asked.prefix ?? "")) {
      pairs.push({ key: new Key(name, false), value });
    }
    for (const filter of asked.filters ?? []) pairs = pairs.filter(filter);
    for (const order of asked.orders ?? []) pairs.sort(order);
    yield* within(pairs, asked);
  }

  function* queryKeys(asked: KeyQuery, options: AbortOptions = {}): Generator<Key> {
    options.signal?.throwIfAborted();
    let keys: Key[] = [];
    for (const [name] of records.entries(asked.prefix ?? "")) keys.push(new Key(name, false));
    for (const filter of asked.filters ?? []) keys = keys.filter(filter);
    for (const order of asked.orders ?? []) keys.sort(order);
    yield* within(keys, asked);
  }

  return { has, put, get, delete: remove, putMany, getMany, deleteMany, batch, query, queryKeys };
}

function within<Item>(items: readonly Item[], { offset = 0, limit }: Limits): readonly Item[] {
  return items.slice(offset, limit === undefined ? undefined : offset + limit);
}
