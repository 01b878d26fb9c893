import type { BlockId } from "../core/ids.ts";
import type { Extent } from "./block-index.ts";
import type { SegmentRoom } from "./segment-writer.ts";
import type { SegmentOwner, Segments } from "./segments.ts";
import type { HeldBlock, Reservation } from "./store.ts";

/** All that was asked about is there. */
export const nothingWanted: Reservation = {
  wanted: new Uint32Array(0),
  rooms: [],
  written: () => undefined,
  lost: (error) => error,
};

/** A block that is wanted, and its number, as whoever holds it knows it. */
export interface WantedBlock extends HeldBlock {
  readonly number: number;
}

/** A block in a segment. */
export interface FilledBlock {
  readonly id: BlockId;
  readonly place: Extent;
}

/** Who is told how it ended. */
export interface FillingSink {
  readonly onWritten: (blocks: readonly FilledBlock[]) => void;
  readonly onLost: (error: unknown) => void;
}

/** Blocks of one length, and where they are to lie. */
interface Filled {
  readonly blocks: readonly WantedBlock[];
  readonly room: SegmentRoom;
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
   * Sets room aside, for each length by itself.
   * @throws storage-full, storage-read-only, storage, after `onLost` was told
   */
  async reserve(
    wanted: readonly WantedBlock[],
    { onWritten, onLost }: FillingSink,
  ): Promise<Reservation> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#rooms.add(promise);
    const end = (): void => {
      this.#rooms.delete(promise);
      resolve(undefined);
    };
    const filled: Filled[] = [];
    const endAll = (isFilled: boolean): void => {
      for (const { room } of filled) room.end(isFilled);
    };
    try {
      for (const [length, blocks] of byLength(wanted)) {
        const room = await this.#segments.reserve(length, blocks.length, this.#owner);
        filled.push({ blocks, room });
      }
    } catch (error) {
      endAll(false);
      onLost(error);
      end();
      throw error;
    }
    return {
      wanted: Uint32Array.from(filled.flatMap(({ blocks }) => blocks.map(({ number }) => number))),
      rooms: filled.map(({ blocks, room: { path, offset } }) => {
        return { path, offset, blocks: blocks.length };
      }),
      written: () => {
        endAll(true);
        onWritten(filled.flatMap(blocksIn));
        end();
      },
      lost: (error, mayStillWrite = false) => {
        endAll(false);
        if (mayStillWrite) this.#segments.keepLent();
        const told = this.#segments.faultOf(error);
        onLost(told);
        end();
        return told;
      },
    };
  }
}

function byLength(blocks: readonly WantedBlock[]): Map<number, WantedBlock[]> {
  const found = new Map<number, WantedBlock[]>();
  for (const block of blocks) {
    const alike = found.get(block.length);
    if (alike === undefined) found.set(block.length, [block]);
    else alike.push(block);
  }
  return found;
}

/** Where blocks lie, one after the other. */
function blocksIn({ blocks, room: { segment, offset } }: Filled): FilledBlock[] {
  return blocks.map(({ id, length }, i) => {
    return { id, place: { segment, offset: offset + i * length, length } };
  });
}
