import type { VersionId } from "../../node/rpc/contract.ts";

/**
 * Small contents by path and version, the least used dropped first. A path and a version name one
 * content for ever, so nothing here goes stale.
 */
export class ContentCache {
  readonly #contents = new Map<string, Uint8Array>();
  readonly #limitBytes: number;
  readonly #largestBytes: number;
  #bytes = 0;

  constructor(limitBytes = 16 * 1024 * 1024, largestBytes = 512 * 1024) {
    this.#limitBytes = limitBytes;
    this.#largestBytes = largestBytes;
  }

  get(path: string, version: VersionId): Uint8Array | undefined {
    const key = keyOf(path, version);
    const content = this.#contents.get(key);
    if (content === undefined) return undefined;
    this.#contents.delete(key);
    this.#contents.set(key, content);
    return content;
  }

  /** Keeps a content that is small enough. It must never be changed afterwards. */
  put(path: string, version: VersionId, content: Uint8Array): void {
    if (content.length > this.#largestBytes || version === "") return;
    const key = keyOf(path, version);
    this.#bytes += content.length - (this.#contents.get(key)?.length ?? 0);
    this.#contents.delete(key);
    this.#contents.set(key, content);
    for (const [oldest, dropped] of this.#contents) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#contents.delete(oldest);
      this.#bytes -= dropped.length;
    }
  }

  clear(): void {
    this.#contents.clear();
    this.#bytes = 0;
  }
}

function keyOf(path: string, version: VersionId): string {
  return `${version} ${path}`;
}
