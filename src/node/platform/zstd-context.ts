import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";

/** What Node's streams of zstd stand on, and its synchronous calls too. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
}

/** A stream with its inner parts, which are not documented. */
interface InnerStream {
  readonly _handle: Handle;
  /** What is left after a write: of the output, then of the input. */
  readonly _writeState: Uint32Array;
}

type ZstdStream = ReturnType<typeof createZstdCompress> | ReturnType<typeof createZstdDecompress>;

/**
 * A context of zstd that is used again for one frame after the other. `zstdCompressSync` and its
 * reverse make one for each call, which takes several times as long as the frame of a small block,
 * and let go of it only when the garbage of old objects is collected: half a MB each.
 */
export class ZstdContext {
  readonly #make: () => ZstdStream;
  readonly #flush: number;
  #stream: ZstdStream | undefined;

  private constructor(make: () => ZstdStream, flush: number) {
    this.#make = make;
    this.#flush = flush;
  }

  /** @param params - as zlib takes them. */
  static compress(params: Record<number, number>): ZstdContext {
    return new ZstdContext(() => createZstdCompress({ params }), constants.ZSTD_e_end);
  }

  /** @param params - as zlib takes them. */
  static decompress(params: Record<number, number>): ZstdContext {
    return new ZstdContext(() => createZstdDecompress({ params }), constants.ZSTD_e_continue);
  }

  /**
   * Makes one frame of all of `input`, or the content of the one frame that it is.
   * @param output - longer than what comes of it.
   * @returns how long that is; `undefined` if it is as long as `output` or longer, or the input is
   * malformed.
   * @throws Error, if this Node is another inside
   */
  run(input: Uint8Array, output: Uint8Array): number | undefined {
    const stream = (this.#stream ??= this.#open());
    const { _handle: handle, _writeState: left } = inner(stream);
    handle.writeSync(this.#flush, input, 0, input.length, output, 0, output.length);
    const [outputLeft = 0, inputLeft = 0] = left;
    if (!stream.destroyed && outputLeft > 0 && inputLeft === 0) return output.length - outputLeft;
    // It stands in the middle of a frame.
    this.#stream = undefined;
    stream.destroy();
    return undefined;
  }

  #open(): ZstdStream {
    const stream = this.#make();
    stream.on("error", () => undefined); // told as destroyed
    return stream;
  }
}

function inner(stream: ZstdStream): InnerStream {
  const { _handle: handle, _writeState: left } = stream as unknown as Partial<InnerStream>;
  if (typeof handle?.writeSync !== "function" || !(left instanceof Uint32Array)) {
    throw new Error("streams of zstd have other inner parts in this Node");
  }
  return { _handle: handle, _writeState: left };
}
