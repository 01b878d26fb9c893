/** What the header of a Zstandard frame says. */
export interface ZstdFrame {
  /** Bytes of the whole frame: header, blocks and checksum. */
  readonly frameBytes: number;
  /** Bytes of content, where the header tells. */
  readonly contentBytes: number | undefined;
}

const magic = 0xfd2f_b528;

/**
 * Measures the first Zstandard frame of `data` (RFC 8878 §3.1.1) without decompressing it: zlib reads
 * on into further frames and passes over what follows the last.
 * @returns `undefined` if `data` does not begin with a whole frame, or needs a dictionary.
 */
export function measureZstdFrame(data: Uint8Array): ZstdFrame | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (data.length < 6 || view.getUint32(0, true) !== magic) return undefined;
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const usesReserved = (descriptor & 0x08) !== 0;
  const hasDictionary = (descriptor & 0x03) !== 0;
  if (usesReserved || hasDictionary) return undefined;

  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
  let at = 5 + (singleSegment ? 0 : 1);
  if (at + sizeBytes > data.length) return undefined;
  const contentBytes = readContentSize(view, at, sizeBytes);
  at += sizeBytes;

  for (let last = false; !last; ) {
    if (at + 3 > data.length) return undefined;
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    last = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    if (type === 3) return undefined;
    // A block of type 1 is one byte, repeated.
    at += 3 + (type === 1 ? 1 : header >> 3);
  }
  if (hasChecksum) at += 4;
  return at <= data.length ? { frameBytes: at, contentBytes } : undefined;
}

function readContentSize(view: DataView, at: number, bytes: number): number | undefined {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    case 8:
      return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
    default:
      return undefined;
  }
}
