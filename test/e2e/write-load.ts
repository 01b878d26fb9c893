import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import type { Client } from "../../src/node/rpc/client.ts";
import { seededBytes } from "../store/blocks.ts";

/** A version that was acknowledged. */
interface KnownVersion {
  readonly version: string;
  readonly sha: string;
}

/** What a lane knows of one of its files. */
interface Known {
  readonly sha: string;
  readonly versions: readonly KnownVersion[];
}

type Files = ReadonlyMap<string, Known>;

/** What one change is to make of a lane's files; the result holds what is known once it is done. */
interface Step {
  readonly run: () => Promise<Files>;
  /** The files as they are if it was done and nobody was told; asked when that is so. */
  readonly unseen: Files;
}

const shaOf = (bytes: Uint8Array): string => hash("sha256", bytes).slice(0, 16);

function shown(files: Files): Record<string, string> {
  const all = [...files].map(([path, { sha }]) => [path, sha] as const);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * One program that changes the files of a folder of its own, one change after the other, and
 * remembers what was acknowledged.
 */
export class Lane {
  readonly #client: Client;
  readonly #folder: string;
  readonly #random: () => number;
  #files: Files = new Map();
  /** What the files may be instead, if the change that was under way was done. */
  #unseen: Files | undefined;
  acknowledged = 0;

  constructor(client: Client, folder: string, random: () => number) {
    this.#client = client;
    this.#folder = folder;
    this.#random = random;
  }

  /** Changes files until the node is gone. */
  async run(onAcknowledged: () => void): Promise<void> {
    for (;;) {
      const step = this.#choose();
      try {
        this.#files = await step.run();
        this.acknowledged++;
        onAcknowledged();
      } catch (error) {
        if (!isCloudError(error, "unavailable", "locked")) throw error;
        this.#unseen = step.unseen;
        return;
      }
    }
  }

  /** Compares what the drive has with what was acknowledged, and goes on from what it has. */
  async check(): Promise<void> {
    const found = new Map<string, Known>();
    for (const path of await this.#paths(this.#folder)) {
      const sha = shaOf(await this.#client.request("read", { path }));
      const log = await this.#client.request("log", { path, everySave: true });
      const kept = new Set(log.map(({ version }) => version));
      found.set(path, { sha, versions: await this.#readVersions(path, kept) });
    }
    const isUnseen =
      this.#unseen !== undefined &&
      JSON.stringify(shown(found)) === JSON.stringify(shown(this.#unseen));
    if (!isUnseen) assert.deepEqual(shown(found), shown(this.#files));
    const expected = isUnseen ? (this.#unseen ?? this.#files) : this.#files;
    for (const [path, { versions }] of expected) {
      const kept = new Map(found.get(path)?.versions.map((each) => [each.version, each.sha]));
      for (const { version, sha } of versions) assert.equal(kept.get(version), sha, path);
    }
    this.#files = found;
    this.#unseen = undefined;
  }

  async #readVersions(path: string, versions: ReadonlySet<string>): Promise<KnownVersion[]> {
    const read: KnownVersion[] = [];
    for (const version of versions) {
      read.push({ version, sha: shaOf(await this.#client.request("read", { path, version })) });
    }
    return read;
  }

  async #paths(folder: string): Promise<string[]> {
    const paths: string[] = [];
    let items;
    try {
      items = await this.#client.request("list", { path: folder });
    } catch (error) {
      if (isCloudError(error, "not-found")) return [];
      throw error;
    }
    for (const { name, kind } of items) {
      const path = `${folder}/${name}`;
      if (kind === "folder") paths.push(...(await this.#paths(path)));
      else paths.push(path);
    }
    return paths;
  }

  #choose(): Step {
    const dice = this.#random();
    const paths = [...this.#files.keys()];
    const some = paths[Math.floor(this.#random() * paths.length)];
    if (some !== undefined && paths.length > 30) return this.#remove(some);
    if (some === undefined || dice < 0.45) return this.#write(dice < 0.1);
    if (dice < 0.55) return this.#move(some);
    if (dice < 0.65) return this.#saveByRename(some);
    if (dice < 0.75) return this.#copy(some);
    if (dice < 0.85) return this.#restore(some);
    if (dice < 0.95) return this.#remove(some);
    return this.#upload();
  }

  #name(): string {
    const sub = this.#random() < 0.3 ? "/sub/deep" : "";
    return `${this.#folder}${sub}/${Math.floor(this.#random() * 20).toString()}`;
  }

  #bytes(large: boolean): Uint8Array {
    const most = large ? 400_000 : 6000;
    return seededBytes(Math.floor(this.#random() * 2 ** 31), Math.floor(this.#random() * most));
  }

  /** The files once `path` has one more version, which is known if it was told. */
  #put(path: string, sha: string, version?: string): Files {
    const before = this.#files.get(path)?.versions ?? [];
    const versions = version === undefined ? before : [...before, { version, sha }];
    return new Map(this.#files).set(path, { sha, versions });
  }

  #write(large: boolean): Step {
    const [path, content] = [this.#name(), this.#bytes(large)];
    const sha = shaOf(content);
    return {
      unseen: this.#put(path, sha),
      run: async () => {
        const stat = await this.#client.request("write", { path, content, parents: true });
        return this.#put(path, sha, stat.version);
      },
    };
  }

  #upload(): Step {
    const [path, content] = [this.#name(), this.#bytes(true)];
    const sha = shaOf(content);
    return {
      unseen: this.#put(path, sha),
      run: async () => {
        const { upload } = await this.#client.request("uploadBegin", {});
        for (let at = 0; at < content.length; at += 100_000) {
          const part = content.subarray(at, at + 100_000);
          await this.#client.request("uploadPart", { upload, content: part });
        }
        const stat = await this.#client.request("uploadEnd", { upload, path, parents: true });
        return this.#put(path, sha, stat.version);
      },
    };
  }

  #move(from: string): Step {
    const to = `${this.#folder}/moved-${Math.floor(this.#random() * 1e9).toString()}`;
    const after = new Map(this.#files);
    // Should its old name be used again at once, its versions belong there: a timeline follows the
    // path.
    after.set(to, { ...(after.get(from) as Known), versions: [] });
    after.delete(from);
    return {
      unseen: after,
      run: async () => {
        await this.#client.request("move", { from, to });
        return after;
      },
    };
  }

  #saveByRename(path: string): Step {
    const content = this.#bytes(false);
    const [sha, temporary] = [shaOf(content), `${this.#folder}/saving`];
    if (path === temporary) return this.#write(false);
    // Two changes: the file beside may be there alone.
    const beside = (): Files => new Map(this.#files).set(temporary, { sha, versions: [] });
    let unseen = beside();
    return {
      get unseen() {
        return unseen;
      },
      run: async () => {
        await this.#client.request("write", { path: temporary, content });
        this.#files = beside();
        const after = new Map(this.#files);
        after.delete(temporary);
        const versions = this.#files.get(path)?.versions ?? [];
        unseen = new Map(after).set(path, { sha, versions });
        const { version } = await this.#client.request("move", {
          from: temporary,
          to: path,
          overwrite: true,
        });
        return new Map(after).set(path, { sha, versions: [...versions, { version, sha }] });
      },
    };
  }

  #copy(from: string): Step {
    const to = `${this.#folder}/copy-${Math.floor(this.#random() * 1e9).toString()}`;
    const { sha } = this.#files.get(from) as Known;
    return {
      unseen: new Map(this.#files).set(to, { sha, versions: [] }),
      run: async () => {
        const { version } = await this.#client.request("copy", { from, to });
        return new Map(this.#files).set(to, { sha, versions: [{ version, sha }] });
      },
    };
  }

  #restore(path: string): Step {
    const { versions } = this.#files.get(path) as Known;
    const chosen = versions[Math.floor(this.#random() * versions.length)];
    if (chosen === undefined) return this.#write(false);
    const { version, sha } = chosen;
    const after = this.#put(path, sha);
    return {
      unseen: after,
      run: async () => {
        await this.#client.request("restore", { path, version });
        return after;
      },
    };
  }

  #remove(path: string): Step {
    const after = new Map(this.#files);
    after.delete(path);
    return {
      unseen: after,
      run: async () => {
        await this.#client.request("remove", { path });
        return after;
      },
    };
  }
}
