import { toBinaryString } from "./bytes.ts";

// By the bytes as strings, not by the arrays: a view in a key would hold on to all that it looks at.

/**
 * A `Map` by the bytes of one kind of id (or encoded link), in the order in which they were set.
 * No other kind of 32 bytes is a key of it.
 */
export class IdMap<Id extends Uint8Array, Value> {
  readonly #values = new Map<string, Value>();

  constructor(items: Iterable<readonly [Id, Value]> = []) {
    for (const [id, value] of items) this.set(id, value);
  }

  get size(): number {
    return this.#values.size;
  }

  get(id: Id): Value | undefined {
    return this.#values.get(toBinaryString(id));
  }

  has(id: Id): boolean {
    return this.#values.has(toBinaryString(id));
  }

  set(id: Id, value: Value): this {
    this.#values.set(toBinaryString(id), value);
    return this;
  }

  /** The ids, as arrays of their own. */
  *keys(): Generator<Id> {
    for (const name of this.#values.keys()) yield bytesOf(name) as Id;
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  *[Symbol.iterator](): Generator<readonly [Id, Value]> {
    for (const [name, value] of this.#values) yield [bytesOf(name) as Id, value];
  }
}

/** An {@link IdMap} that is only read. */
export type ReadonlyIdMap<Id extends Uint8Array, Value> = Omit<IdMap<Id, Value>, "set">;

/** A `Set` of one kind of id (or encoded link), as {@link IdMap} is a `Map`. */
export class IdSet<Id extends Uint8Array> {
  readonly #names = new Set<string>();

  constructor(ids: Iterable<Id> = []) {
    for (const id of ids) this.add(id);
  }

  get size(): number {
    return this.#names.size;
  }

  has(id: Id): boolean {
    return this.#names.has(toBinaryString(id));
  }

  /** @returns whether it was not there yet. */
  add(id: Id): boolean {
    const before = this.#names.size;
    return this.#names.add(toBinaryString(id)).size > before;
  }

  /** The ids, as arrays of their own. */
  *[Symbol.iterator](): Generator<Id> {
    for (const name of this.#names) yield bytesOf(name) as Id;
  }
}

/** An {@link IdSet} that is only read. */
export type ReadonlyIdSet<Id extends Uint8Array> = Omit<IdSet<Id>, "add">;

/** Reads {@link toBinaryString} back. */
function bytesOf(name: string): Uint8Array {
  const bytes = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  return bytes;
}
