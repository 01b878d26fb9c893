import { compareBytes, readUint64, toHex, uint64Bytes } from "./bytes.ts";
import { asWriterId, shortIdBytes, type WriterId } from "./ids.ts";

/** Names one change and orders all of them: by counter, then by writer. FORMAT §5. */
export interface Stamp {
  /** 1 to 2^53 - 1; one more than the largest that its writer had seen. */
  readonly counter: number;
  readonly writer: WriterId;
}

/** The total order of stamps. Negative, zero or positive. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.counter - b.counter || compareBytes(a.writer, b.writer);
}

/** Length of an encoded stamp in bytes. */
export const stampBytes = 8 + shortIdBytes;

/** counter (8 B, big endian) ‖ writer (16 B): sorts as {@link compareStamps} does. */
export function encodeStamp(stamp: Stamp): Uint8Array {
  const bytes = new Uint8Array(stampBytes);
  bytes.set(uint64Bytes(stamp.counter));
  bytes.set(stamp.writer, 8);
  return bytes;
}

/** Reads {@link encodeStamp} back. @throws damaged, if fewer than 24 bytes stand at `offset`. */
export function decodeStamp(bytes: Uint8Array, offset = 0): Stamp {
  const writer = asWriterId(bytes.subarray(offset + 8, offset + stampBytes));
  return { counter: readUint64(bytes, offset), writer };
}

/** How people see a stamp: `12-a1b2c3d4`, the writer by its first four bytes. */
export function showStamp(stamp: Stamp): string {
  return `${stamp.counter.toString()}-${toHex(stamp.writer.subarray(0, 4))}`;
}
