import { childOf, isWithin, movedPath, nameOf, parentOf } from "../../src/node/core/path.ts";
import type { ClientRequestName } from "../../src/node/rpc/client.ts";
import {
  type ChangedEvent,
  CloudError,
  type FileVersion,
  type ListItem,
  type Params,
  type PathChange,
  type Result,
  type Stat,
} from "../../src/node/rpc/contract.ts";
import type { NodeClient } from "../../src/provider/link/node-client.ts";

interface Entry extends Stat {
  readonly content: Uint8Array;
  readonly target?: string;
}

type Handlers = { [Name in ClientRequestName]?: (params: Params<Name>) => Result<Name> };

const empty = new Uint8Array();

/**
 * A drive in memory behind the node's contract, as far as the editor uses it: versions, a
 * compare-and-swap, revisions to restore from, and an exact event for each change.
 */
export class MemoryNode implements NodeClient {
  /** Every request so far, `stat /a`. */
  readonly requests: string[] = [];
  onChanged: (event: ChangedEvent) => void = () => undefined;
  /** Runs before each request is looked at: what it throws is the answer. */
  beforeRequest: (name: ClientRequestName) => void = () => undefined;
  /** Runs before each request is answered: where a test lets the world change meanwhile. */
  beforeAnswer: (name: ClientRequestName) => Promise<void> = () => Promise.resolve();
  /** As if there were no revision yet. */
  withoutRevision = false;
  #entries = new Map<string, Entry>();
  readonly #versions = new Map<string, Entry>();
  readonly #revisions = new Map<string, Map<string, Entry>>();
  readonly #uploads = new Map<number, Uint8Array[]>();
  #counter = 0;

  constructor() {
    this.#entries.set("/", this.#entry("folder"));
    this.#commit([]);
  }

  async request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
  ): Promise<Result<Name>> {
    const { path, from } = params as { path?: string; from?: string };
    this.requests.push([name, path ?? from].filter((word) => word !== undefined).join(" "));
    const handler = this.#handlers[name];
    if (handler === undefined) throw new CloudError("usage", `the memory node has no ${name}`);
    // The answer stands when it is asked for, and may be old when it arrives.
    this.beforeRequest(name);
    const answer = await Promise.resolve(params).then(handler);
    await this.beforeAnswer(name);
    return answer;
  }

  /** As another window or the command line would write. */
  put(path: string, text: string): Stat {
    return this.#write({ path, content: new TextEncoder().encode(text) });
  }

  mkdir(path: string): void {
    this.#handlers.mkdir?.({ path });
  }

  link(path: string, target: string): void {
    this.#entries.set(path, { ...this.#entry("link"), target });
    this.#commit([{ type: "added", kind: "link", path }]);
  }

  remove(path: string): void {
    this.#handlers.remove?.({ path, recursive: true });
  }

  text(path: string): string {
    return new TextDecoder().decode(this.#get(path).content);
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  readonly #handlers: Handlers = {
    status: () => ({
      pid: 1,
      home: "/",
      state: "unlocked",
      version: "0",
      notices: [],
      ...(this.withoutRevision ? {} : { revision: this.#revision() }),
    }),
    stat: ({ path, version }) => stat(this.#get(path, version)),
    list: ({ path }) => {
      const folder = this.#get(path);
      if (folder.kind !== "folder") throw new CloudError("not-a-folder", `${path} is no folder`);
      return [...this.#entries]
        .filter(([other]) => other !== "/" && parentOf(other) === path)
        .map(([other, entry]): ListItem => ({ ...stat(entry), name: nameOf(other) }));
    },
    read: ({ path, version, offset = 0, length = Number.POSITIVE_INFINITY }) =>
      this.#get(path, version).content.slice(offset, offset + length),
    readLink: ({ path }) => ({ target: this.#get(path).target ?? "" }),
    write: (file) => this.#write(file),
    uploadBegin: () => {
      this.#uploads.set(++this.#counter, []);
      return { upload: this.#counter };
    },
    uploadPart: ({ upload, content }) => {
      this.#uploads.get(upload)?.push(content.slice());
      return {};
    },
    uploadEnd: ({ upload, ...file }) => {
      const content = new Uint8Array(Buffer.concat(this.#uploads.get(upload) ?? []));
      return this.#write({ ...file, content });
    },
    uploadAbort: ({ upload }) => {
      this.#uploads.delete(upload);
      return {};
    },
    mkdir: ({ path }) => {
      if (this.#entries.has(path)) throw new CloudError("exists", `${path} is there`);
      this.#get(parentOf(path));
      const entry = this.#entry("folder");
      this.#entries.set(path, entry);
      this.#commit([{ type: "added", kind: "folder", path }]);
      return stat(entry);
    },
    remove: ({ path, recursive = false }) => {
      const { kind } = this.#get(path);
      const gone = [...this.#entries.keys()].filter((other) => isWithin(other, path));
      if (gone.length > 1 && !recursive) throw new CloudError("not-empty", `${path} is not empty`);
      for (const other of gone) this.#entries.delete(other);
      this.#commit([{ type: "removed", kind, path }]);
      return {};
    },
    move: ({ from, to, overwrite = false }) => {
      const moved = this.#get(from);
      if (this.#entries.has(to) && !overwrite) throw new CloudError("exists", `${to} is there`);
      for (const [other, entry] of [...this.#entries]) {
        if (!isWithin(other, from)) continue;
        this.#entries.delete(other);
        this.#entries.set(movedPath(other, from, to), entry);
      }
      this.#commit([{ type: "moved", kind: moved.kind, path: to, from }]);
      return stat(moved);
    },
    copy: ({ from, to }) => {
      const copied = this.#get(from);
      for (const [other, entry] of [...this.#entries]) {
        if (isWithin(other, from)) this.#entries.set(movedPath(other, from, to), entry);
      }
      this.#commit([{ type: "added", kind: copied.kind, path: to }]);
      return stat(copied);
    },
    restore: ({ path, at = "", version }) => {
      if (version !== undefined) {
        this.#write({ path, content: this.#get(path, version).content });
        return { changes: 1, revision: this.#revision() };
      }
      const then = this.#revisions.get(at);
      if (then === undefined) throw new CloudError("not-found", `no revision ${at}`);
      const changes: PathChange[] = [];
      for (const [other, { kind }] of [...this.#entries]) {
        if (!isWithin(other, path) || then.has(other)) continue;
        this.#entries.delete(other);
        changes.push({ type: "removed", kind, path: other });
      }
      for (const [other, entry] of then) {
        if (!isWithin(other, path)) continue;
        this.#entries.set(other, entry);
        changes.push({ type: "added", kind: entry.kind, path: other });
      }
      this.#commit(changes);
      return { changes: changes.length, revision: this.#revision() };
    },
    diff: ({ from, path = "/" }): PathChange[] => {
      const then = this.#revisions.get(from);
      if (then === undefined) throw new CloudError("not-found", `no revision ${from}`);
      return [...new Set([...then.keys(), ...this.#entries.keys()])]
        .filter((each) => isWithin(each, path) && then.get(each) !== this.#entries.get(each))
        .map((each) => ({ type: "changed", kind: "file", path: each }));
    },
    log: ({ path, limit }): FileVersion[] => {
      const current = this.#entries.get(path)?.version;
      const versions = [...this.#versions].filter(([key]) => key.startsWith(`${path} `)).reverse();
      if (versions.length === 0) throw new CloudError("not-found", `${path} was never there`);
      return versions.slice(0, limit).map(([, { version, size, mtime: time }]) => {
        const isCurrent = version === current;
        return { version, time, device: "laptop", size, path, current: isCurrent, saves: 1 };
      });
    },
  };

  #write({ path, content, base }: Params<"write">): Stat {
    const before = this.#entries.get(path);
    if (before?.kind === "folder") throw new CloudError("is-a-folder", `${path} is a folder`);
    if (base !== undefined && base !== (before?.version ?? null)) {
      throw new CloudError("conflict", `expected ${String(base)} at ${path}`);
    }
    this.#get(parentOf(path));
    const entry = { ...this.#entry("file"), content, size: content.length };
    this.#entries.set(path, entry);
    this.#versions.set(`${path} ${entry.version}`, entry);
    this.#commit([{ type: before === undefined ? "added" : "changed", kind: "file", path }]);
    return stat(entry);
  }

  #get(path: string, version?: string): Entry {
    const entry =
      version === undefined ? this.#entries.get(path) : this.#versions.get(`${path} ${version}`);
    if (entry === undefined) throw new CloudError("not-found", `there is no ${path}`);
    return entry;
  }

  #entry(kind: Stat["kind"]): Entry {
    const counter = ++this.#counter;
    const mtime = 1_000_000 + counter;
    const version = kind === "file" ? `${String(counter)}-00000000` : "";
    return { kind, size: 0, mtime, ctime: mtime, mode: 0o644, version, content: empty };
  }

  #revision(): string {
    return `r${String(this.#revisions.size)}`;
  }

  #commit(changes: readonly PathChange[]): void {
    this.#revisions.set(`r${String(this.#revisions.size + 1)}`, new Map(this.#entries));
    this.onChanged({
      space: "a1".repeat(32),
      revision: this.#revision(),
      changes,
      everything: false,
    });
  }
}

function stat({ kind, size, mtime, ctime, mode, version }: Entry): Stat {
  return { kind, size, mtime, ctime, mode, version };
}

/** Many paths at once, for a folder that is not empty. */
export function fill(node: MemoryNode, folder: string, names: readonly string[]): void {
  node.mkdir(folder);
  for (const name of names) node.put(childOf(folder, name), `text of ${name}`);
}
