import { toBinaryString } from "./bytes.ts";

// By the bytes as strings, not by the arrays: a view in a key would hold on to all that it looks at.
// The fields have no `#`, or whoever compares two of these structure by structure finds them equal.

/**
 * A `Map` by the bytes of one kind of id (or encoded link), in the order in which they were set.
 * No other kind of 32 bytes is a key of it.
 */
export class IdMap<Id extends Uint8Array, Value> {
  private readonly byName: Map<string, Value>;

  constructor(items: Iterable<readonly [Id, Value]> = []) {
    // One is copied without making its names anew.
    this.byName = new Map(items instanceof IdMap ? (items as IdMap<Id, Value>).byName : []);
    if (items instanceof IdMap) return;
    for (const [id, value] of items) this.set(id, value);
  }

  get size(): number {
    return this.byName.size;
  }

  get(id: Id): Value | undefined {
    return this.byName.get(toBinaryString(id));
  }

  has(id: Id): boolean {
    return this.byName.has(toBinaryString(id));
  }

  set(id: Id, value: Value): this {
    this.byName.set(toBinaryString(id), value);
    return this;
  }

  /** @returns whether it was there. */
  delete(id: Id): boolean {
    return this.byName.delete(toBinaryString(id));
  }

  /** The ids, as arrays of their own. */
  *keys(): Generator<Id> {
    for (const name of this.byName.keys()) yield bytesOf(name) as Id;
  }

  values(): IterableIterator<Value> {
    return this.byName.values();
  }

  *[Symbol.iterator](): Generator<readonly [Id, Value]> {
    for (const [name, value] of this.byName) yield [bytesOf(name) as Id, value];
  }
}

/** An {@link IdMap} that is only read. */
export type ReadonlyIdMap<Id extends Uint8Array, Value> = Omit<IdMap<Id, Value>, "set" | "delete">;

/** A `Set` of one kind of id (or encoded link), as {@link IdMap} is a `Map`. */
export class IdSet<Id extends Uint8Array> {
  private readonly names = new Set<string>();

  constructor(ids: Iterable<Id> = []) {
    this.addAll(ids);
  }

  get size(): number {
    return this.names.size;
  }

  has(id: Id): boolean {
    return this.names.has(toBinaryString(id));
  }

  /** @returns whether it was not there yet. */
  add(id: Id): boolean {
    const before = this.names.size;
    return this.names.add(toBinaryString(id)).size > before;
  }

  /** Adds each; those of another set without making their names anew. */
  addAll(ids: Iterable<Id>): void {
    if (ids instanceof IdSet) for (const name of (ids as IdSet<Id>).names) this.names.add(name);
    else for (const id of ids) this.add(id);
  }

  /** @returns whether it was there. */
  delete(id: Id): boolean {
    return this.names.delete(toBinaryString(id));
  }

  /** The ids, as arrays of their own. */
  *[Symbol.iterator](): Generator<Id> {
    for (const name of this.names) yield bytesOf(name) as Id;
  }
}

/** An {@link IdSet} that is only read. */
export type ReadonlyIdSet<Id extends Uint8Array> = Omit<IdSet<Id>, "add" | "addAll" | "delete">;

/** Reads {@link toBinaryString} back. */
function bytesOf(name: string): Uint8Array {
  const bytes = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  return bytes;
}
