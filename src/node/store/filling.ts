import type { Extent } from "./block-index.ts";
import type { SegmentOwner, Segments } from "./segments.ts";
import type { HeldBlock, Reservation } from "./store.ts";

/** All that was asked about is there. */
export const nothingWanted: Reservation = {
  wanted: new Uint32Array(0),
  path: "",
  offset: 0,
  written: () => undefined,
  lost: (error) => error,
};

/** Who is told how it ended. */
export interface FillingSink {
  /** Where the blocks that were wanted lie, in their order. */
  readonly onWritten: (extents: readonly Extent[]) => void;
  readonly onLost: (error: unknown) => void;
}

/** The rooms in segments that other processes fill with blocks of one owner. */
export class Filling {
  readonly #segments: Segments;
  readonly #owner: SegmentOwner;
  readonly #rooms = new Set<Promise<unknown>>();

  constructor(segments: Segments, owner: SegmentOwner) {
    this.#segments = segments;
    this.#owner = owner;
  }

  /** Whether nobody fills anything. */
  get isIdle(): boolean {
    return this.#rooms.size === 0;
  }

  /** Resolves when nobody fills anything any more, whatever came of it. */
  async settled(): Promise<void> {
    while (this.#rooms.size > 0) await Promise.all(this.#rooms);
  }

  /**
   * Sets room aside.
   * @param blocks - the wanted ones; `wanted`: their numbers, as whoever fills it knows them.
   * @throws storage-full, storage-read-only, storage, after `onLost` was told
   */
  async reserve(
    blocks: readonly HeldBlock[],
    wanted: Uint32Array,
    { onWritten, onLost }: FillingSink,
  ): Promise<Reservation> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#rooms.add(promise);
    const end = (): void => {
      this.#rooms.delete(promise);
      resolve(undefined);
    };
    try {
      const length = blocks.reduce((sum, block) => sum + block.length, 0);
      const room = await this.#segments.reserve(length, this.#owner);
      const { segment, path, offset } = room;
      return {
        wanted,
        path,
        offset,
        written: () => {
          room.end(true);
          onWritten(extentsFrom(blocks, segment, offset));
          end();
        },
        lost: (error, mayStillWrite = false) => {
          room.end(false);
          if (mayStillWrite) this.#segments.keepLent();
          const told = this.#segments.faultOf(error);
          onLost(told);
          end();
          return told;
        },
      };
    } catch (error) {
      onLost(error);
      end();
      throw error;
    }
  }
}

/** Where blocks lie, one after the other. */
function extentsFrom(blocks: readonly HeldBlock[], segment: number, from: number): Extent[] {
  let offset = from;
  return blocks.map(({ length }) => {
    const extent = { segment, offset, length };
    offset += length;
    return extent;
  });
}
