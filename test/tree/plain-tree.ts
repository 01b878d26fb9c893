// A file tree of one writer, as plain as it gets: what the verbs are compared with.
import { CloudError, type CloudErrorCode } from "../../src/node/core/cloud-error.ts";

/** What a node of the plain tree is. */
export type PlainKind = "file" | "folder" | "link";

/** One file, folder or symbolic link. */
export interface PlainNode {
  id: string;
  readonly kind: PlainKind;
  content: string | undefined;
  readonly children: Map<string, PlainNode>;
}

interface Removed {
  readonly parent: string;
  readonly name: string;
  readonly kind: PlainKind;
  readonly id: string;
  readonly change: number;
}

interface Place {
  readonly parent: PlainNode;
  readonly name: string;
  readonly node: PlainNode | undefined;
}

function refuse(code: CloudErrorCode): never {
  throw new CloudError(code, "refused by the model");
}

/** What a verb expects to come out of it: the id that stands there, unless it is a new one. */
export type Expected = { readonly id: string } | { readonly learn: (id: string) => void };

/** The model. Ids are learned from what it is compared with, and expected from then on. */
export class PlainTree {
  readonly root: PlainNode = { id: "", kind: "folder", content: undefined, children: new Map() };
  #removed: Removed[] = [];
  #created = new Set<string>();
  #change = 0;

  beginChange(): void {
    this.#change++;
    this.#created = new Set();
  }

  #find(names: readonly string[]): PlainNode | undefined {
    let at: PlainNode | undefined = this.root;
    for (const name of names) {
      if (at.kind !== "folder") refuse("not-a-folder");
      at = at.children.get(name);
      if (at === undefined) return undefined;
    }
    return at;
  }

  /** What is to be moved, copied or removed. */
  #resolve(names: readonly string[]): PlainNode {
    if (names.length === 0) refuse("usage");
    return this.#find(names) ?? refuse("not-found");
  }

  #target(names: readonly string[]): Place {
    const name = names.at(-1) ?? refuse("usage");
    const parent = this.#find(names.slice(0, -1)) ?? refuse("not-found");
    if (parent.kind !== "folder") refuse("not-a-folder");
    return { parent, name, node: parent.children.get(name) };
  }

  put(names: readonly string[], kind: PlainKind, content: string | undefined): Expected {
    return this.#putAt(this.#target(names), kind, content);
  }

  #putAt({ parent, name, node }: Place, kind: PlainKind, content: string | undefined): Expected {
    if (node !== undefined) {
      if (node.kind !== kind) refuse("exists");
      node.content = content ?? node.content;
      return { id: node.id };
    }
    const revived = this.#revive(parent.id, name, kind);
    const fresh: PlainNode = { id: revived?.id ?? "?", kind, content, children: new Map() };
    parent.children.set(name, fresh);
    if (revived === undefined) return { learn: this.#learner(fresh) };
    fresh.content = content ?? this.#lastContent.get(revived.id);
    return { id: revived.id };
  }

  readonly #lastContent = new Map<string, string | undefined>();

  #learner(node: PlainNode): (id: string) => void {
    return (id) => {
      node.id = id;
      this.#created.add(id);
    };
  }

  #revive(parent: string, name: string, kind: PlainKind): Removed | undefined {
    const [newest] = this.#removed
      .filter((one) => one.parent === parent && one.name === name && one.kind === kind)
      .sort((a, b) => b.change - a.change || (a.id < b.id ? 1 : -1));
    this.#removed = this.#removed.filter((one) => one !== newest);
    return newest;
  }

  #bury(parent: PlainNode, name: string, node: PlainNode): void {
    for (const [below, one] of [...node.children]) this.#bury(node, below, one);
    parent.children.delete(name);
    if (node.kind !== "folder" && this.#created.has(node.id)) return;
    this.#lastContent.set(node.id, node.content);
    const { id, kind } = node;
    this.#removed.push({ parent: parent.id, name, kind, id, change: this.#change });
  }

  remove(names: readonly string[], recursive: boolean): void {
    const node = this.#resolve(names);
    const { parent, name } = this.#target(names);
    if (node.children.size > 0 && !recursive) refuse("not-empty");
    this.#bury(parent, name, node);
  }

  move(from: readonly string[], to: readonly string[], overwrite: boolean): Expected {
    const node = this.#resolve(from);
    const source = this.#target(from);
    const target = this.#target(to);
    if (contains(node, target.parent)) refuse("usage");
    const standing = target.node;
    if (standing !== undefined && standing !== node) {
      if (!overwrite) refuse("exists");
      if (standing.kind === "file" && node.kind === "file") {
        standing.content = node.content;
        this.#bury(source.parent, source.name, node);
        return { id: standing.id };
      }
      if (contains(standing, node)) refuse("usage");
      this.#bury(target.parent, target.name, standing);
    }
    source.parent.children.delete(source.name);
    target.parent.children.set(target.name, node);
    return { id: node.id };
  }

  copy(from: readonly string[], to: readonly string[]): Expected {
    const node = this.#resolve(from);
    const target = this.#target(to);
    if (target.node?.kind === "folder") refuse("exists");
    const below = [...node.children].map(([name, one]) => [name, clone(one)] as const);
    const expected = this.#putAt(target, node.kind, node.content);
    const top = target.parent.children.get(target.name);
    for (const [name, one] of below) top?.children.set(name, one);
    return expected;
  }

  /** Takes the ids that copies were given. */
  learn(names: readonly string[], id: string): void {
    const node = this.#find(names);
    if (node?.id === "?") this.#learner(node)(id);
  }

  /** What is to be seen, in the order of names by their bytes. */
  show(): string[] {
    const lines: string[] = [];
    const walk = (node: PlainNode, path: string): void => {
      const names = [...node.children.keys()].sort((a, b) =>
        Buffer.compare(Buffer.from(a), Buffer.from(b)),
      );
      for (const name of names) {
        const one = node.children.get(name) as PlainNode;
        lines.push(`${path}/${name} ${one.kind} ${one.id} ${one.content ?? ""}`);
        walk(one, `${path}/${name}`);
      }
    };
    walk(this.root, "");
    return lines;
  }

  /** How many nodes there are. */
  get size(): number {
    return this.show().length;
  }

  /** The names that were removed and not made again, with their ids. */
  get removed(): string[] {
    return this.#removed.map(({ id }) => id).sort();
  }
}

function contains(node: PlainNode, other: PlainNode): boolean {
  return node === other || [...node.children.values()].some((one) => contains(one, other));
}

function clone(node: PlainNode): PlainNode {
  const children = new Map([...node.children].map(([name, one]) => [name, clone(one)]));
  return { id: "?", kind: node.kind, content: node.content, children };
}
