import { ChunkIndex, eachLink } from "../../blocks/content/chunk-index.ts";
import { chunksOf, type SealedContent } from "../../blocks/content/seal-content.ts";
import { encodeLink, type Link } from "../../blocks/link.ts";
import { chunkBytes, maxFileBytes, maxInlineBytes } from "../../blocks/record.ts";
import { sealInto } from "../../blocks/seal-into.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { lockedMeanwhile } from "../../space/commit-loop.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import type { StoreBatch } from "../../store/store.ts";
import { Slots } from "../slots.ts";
import type { SealPool } from "../worker/seal-pool.ts";

/** What one process is given at once: some chunks. */
const stretchBytes = 4 * chunkBytes;
/** Sealed bytes that wait in memory before they go to the store. */
const flushBytes = 8 * 1024 * 1024;

/**
 * Content on its way in, of a length not yet known: sealed by processes, a stretch after the other in
 * the order in which it came, in memory that does not grow with it.
 */
export class Upload {
  readonly #space: OpenSpace;
  readonly #pool: SealPool;
  readonly #batch: StoreBatch;
  readonly #onEnd: () => void;
  readonly #index: ChunkIndex;
  /** Grows to a stretch: most uploads are small. */
  #open = new Uint8Array(maxInlineBytes);
  #filled = 0;
  #size = 0;
  /** Stretches with the processes, in order. */
  readonly #underWay: Promise<void>[] = [];
  /** Enters what the processes made, one stretch after the other. */
  readonly #entering = new Slots(1);
  #unflushed = 0;
  #state: "open" | "finishing" | "ended" = "open";

  /** @param onEnd - told once, when the upload has finished or was abandoned. */
  constructor(space: OpenSpace, pool: SealPool, onEnd: () => void) {
    this.#space = space;
    this.#pool = pool;
    this.#batch = space.store.begin();
    this.#onEnd = onEnd;
    this.#index = new ChunkIndex((payload) =>
      encodeLink(sealInto(space.sealer, this.#batch, "index", payload)),
    );
  }

  /**
   * Takes the next bytes. Resolves when more may come; the bytes may be reused at once.
   * @throws locked, if the drive was closed meanwhile; usage, beyond 2^50 bytes
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#state !== "open") throw lockedMeanwhile();
    this.#size += bytes.length;
    if (this.#size > maxFileBytes) {
      throw new CloudError("usage", "the file is larger than the 1 PiB that a file may have");
    }
    // Before anything is waited for, so that two writes can't mix.
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, stretchBytes - this.#filled);
      this.#makeRoom(this.#filled + taken);
      this.#open.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === stretchBytes) this.#handOver();
    }
    while (this.#underWay.length > this.#pool.width) await this.#underWay.shift();
  }

  /** Lets go of all that was taken. */
  abandon(): void {
    this.#batch.abandon();
    this.#end();
  }

  /** Ends the upload. @throws locked, as `write` */
  async finish(): Promise<{ sealed: SealedContent; batch: StoreBatch }> {
    if (this.#state !== "open") throw lockedMeanwhile();
    this.#state = "finishing";
    try {
      await this.#entering.drain();
      const content = this.#sealRest();
      this.#end();
      return { sealed: { size: this.#size, content }, batch: this.#batch };
    } catch (error) {
      const wasOpen = this.#isOpen();
      this.abandon();
      throw wasOpen ? error : lockedMeanwhile();
    }
  }

  #isOpen(): boolean {
    return this.#state !== "ended";
  }

  #makeRoom(length: number): void {
    if (length <= this.#open.length) return;
    const larger = new Uint8Array(Math.min(stretchBytes, Math.max(length, 4 * this.#open.length)));
    larger.set(this.#open.subarray(0, this.#filled));
    this.#open = larger;
  }

  /** Gives a full stretch to a process; what comes of it is entered in its turn. */
  #handOver(): void {
    const { contentKey, boundaryKey, compresses = true } = this.#space.sealer;
    const bytes = this.#open;
    this.#open = new Uint8Array(stretchBytes);
    this.#filled = 0;
    const keys = { contentKey, boundaryKey, compresses };
    const job = this.#pool.run({ type: "stretch", keys, bytes }, { batch: this.#batch });
    job.catch(() => undefined); // whoever awaits its turn gets it
    const entered = this.#entering.run(async () => {
      const { links } = await job;
      for (const link of eachLink(links)) this.#index.add(link);
      this.#unflushed += stretchBytes;
      if (this.#unflushed < flushBytes) return;
      this.#unflushed = 0;
      await this.#batch.flush();
    });
    entered.catch(() => undefined);
    this.#underWay.push(entered);
  }

  #sealRest(): Uint8Array | readonly Link[] {
    if (this.#size <= maxInlineBytes) return this.#open.slice(0, this.#filled);
    for (const chunk of chunksOf(this.#open.subarray(0, this.#filled))) {
      this.#index.add(encodeLink(sealInto(this.#space.sealer, this.#batch, "content", chunk)));
    }
    return this.#index.end();
  }

  #end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#onEnd();
  }
}
