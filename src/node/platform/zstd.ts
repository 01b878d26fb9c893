import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { equalBytes } from "../core/bytes.ts";
import { ZstdContext } from "./zstd-context.ts";
import { measureZstdFrame } from "./zstd-frame.ts";

/** RFC 8878 §3.1.1.1.2 asks every decoder to bear this window; larger ones cost memory. */
const maxWindowLog = 23;
const leastOutputChunkBytes = 64;

const level = { [constants.ZSTD_c_compressionLevel]: 1 };
const decompression = { [constants.ZSTD_d_windowLogMax]: maxWindowLog };

/** One way to run zstd. */
interface Zstd {
  readonly compress: (data: Uint8Array) => Uint8Array;
  /** @returns `undefined` for what is malformed, or longer than `maxBytes`. */
  readonly decompress: (frame: Uint8Array, maxBytes: number) => Uint8Array | undefined;
}

/** By the calls that Node documents. */
export const zstdByCalls: Zstd = {
  compress: (data) => {
    // Room for the whole frame: then it is made in one go, and what is small takes little.
    const chunkSize = frameBound(data.length);
    return ownBytes(zstdCompressSync(data, { params: level, chunkSize }));
  },
  decompress: (frame, maxBytes) => {
    try {
      const content = zstdDecompressSync(frame, {
        params: decompression,
        maxOutputLength: Math.max(maxBytes, 1),
        chunkSize: Math.max(maxBytes, leastOutputChunkBytes),
      });
      return content.length > maxBytes ? undefined : ownBytes(content);
    } catch {
      return undefined;
    }
  },
};

/** By contexts that are used again: see {@link ZstdContext}. */
export function zstdByContexts(): Zstd {
  const compressing = ZstdContext.compress(level);
  const decompressing = ZstdContext.decompress(decompression);
  /** Reused, since most blocks are large. */
  let output = new Uint8Array(0);
  const run = (context: ZstdContext, input: Uint8Array, bound: number): Uint8Array | undefined => {
    if (output.length <= bound) output = new Uint8Array(bound + 1);
    const length = context.run(input, output.subarray(0, bound + 1));
    return length === undefined ? undefined : output.slice(0, length);
  };
  return {
    compress: (data) =>
      run(compressing, data, frameBound(data.length)) ?? zstdByCalls.compress(data),
    decompress: (frame, maxBytes) => run(decompressing, frame, maxBytes),
  };
}

/** ZSTD_compressBound. */
function frameBound(length: number): number {
  return length + (length >>> 8) + leastOutputChunkBytes;
}

/** Releases of Node whose inner parts were tried. A call that they don't expect ends the process. */
const triedMajors: readonly number[] = [22, 24, 25, 26];

let chosen: Zstd | undefined;

function zstd(): Zstd {
  chosen ??= chooseZstd(process.versions.node, zstdByContexts);
  return chosen;
}

/**
 * The quick way, if this Node is known to have it and it does the same as the documented one.
 * @param version - of Node, as `process.versions.node`.
 */
export function chooseZstd(version: string, quick: () => Zstd): Zstd {
  if (!triedMajors.includes(Number.parseInt(version, 10))) return zstdByCalls;
  const contexts = quick();
  return isSound(contexts) ? contexts : zstdByCalls;
}

/** Whether a way to run zstd does the same as Node's calls, twice in a row and after a failure. */
function isSound({ compress, decompress }: Zstd): boolean {
  const sample = new TextEncoder().encode("the same words again, ".repeat(40));
  const frame = zstdByCalls.compress(sample);
  try {
    const isRight = (): boolean =>
      equalBytes(compress(sample), frame) &&
      equalBytes(decompress(frame, sample.length) ?? frame, sample);
    const refuses = decompress(frame, sample.length - 1) === undefined;
    return isRight() && refuses && isRight() && decompress(frame.subarray(1), 1000) === undefined;
  } catch {
    return false;
  }
}

/** Zstandard (RFC 8878), level 1, one frame that tells the size of its content. */
export function zstdCompress(data: Uint8Array): Uint8Array {
  return zstd().compress(data);
}

/**
 * The reverse of {@link zstdCompress}.
 * @returns `undefined` if it is not one whole frame of at most `maxBytes` of content, or if its
 * window is above 8 MiB.
 */
export function zstdDecompress(data: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const frame = measureZstdFrame(data);
  if (frame?.frameBytes !== data.length) return undefined;
  const expected = Math.min(frame.contentBytes ?? maxBytes, maxBytes + 1);
  return expected > maxBytes ? undefined : zstd().decompress(data, expected);
}

/** A small result comes out of Node's pool and would keep all of that alive. */
function ownBytes(buffer: Uint8Array): Uint8Array {
  return buffer.buffer.byteLength === buffer.length
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
    : Uint8Array.from(buffer);
}
