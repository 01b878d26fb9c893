import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { measureZstdFrame } from "./zstd-frame.ts";

/** RFC 8878 §3.1.1.1.2 asks every decoder to bear this window; larger ones cost memory. */
const maxWindowLog = 23;
const leastOutputChunkBytes = 64;

const level = { [constants.ZSTD_c_compressionLevel]: 1 };
const decompression = { [constants.ZSTD_d_windowLogMax]: maxWindowLog };

/** Zstandard (RFC 8878), level 1, one frame that tells the size of its content. */
export function zstdCompress(data: Uint8Array): Uint8Array {
  // Room for the whole frame (ZSTD_compressBound): then it is made in one go, and what is small
  // takes little.
  const chunkSize = data.length + (data.length >>> 8) + leastOutputChunkBytes;
  return plain(zstdCompressSync(data, { params: level, chunkSize }));
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
  if (expected > maxBytes) return undefined;
  try {
    const content = zstdDecompressSync(data, {
      params: decompression,
      maxOutputLength: Math.max(maxBytes, 1),
      chunkSize: Math.max(expected, leastOutputChunkBytes),
    });
    if (content.length > maxBytes) return undefined;
    // A small result comes out of Node's pool and would keep all of that alive.
    return content.buffer.byteLength === content.length ? plain(content) : Uint8Array.from(content);
  } catch {
    return undefined;
  }
}

function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
