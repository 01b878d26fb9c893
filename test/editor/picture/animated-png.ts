import { crc32 } from "node:zlib";

/** One picture of several, and how long it is shown. */
export interface Frame {
  /** A PNG file. All frames are of one size and kind. */
  readonly png: Buffer;
  readonly ms: number;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Width, height, depth and kind. */
const sameBytes = 13;

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/**
 * Joins pictures into one that moves, over and over. Who can't show that shows the first. PNG
 * specification, third edition, §11.3.6.
 * @throws Error, if there is none or their sizes differ
 */
export function animatedPng(frames: readonly Frame[]): Buffer {
  const [first] = frames;
  if (first === undefined) throw new Error("A moving picture needs frames.");
  const header = headerOf(first.png);
  let sequence = 0;
  const numbered = (...parts: readonly Buffer[]): Buffer =>
    Buffer.concat([uint32(sequence++), ...parts]);
  const chunks: Chunk[] = [
    { type: "IHDR", data: header },
    { type: "acTL", data: Buffer.concat([uint32(frames.length), uint32(0)]) },
  ];
  for (const [i, { png, ms }] of frames.entries()) {
    if (!headerOf(png).equals(header)) throw new Error(`Frame ${i.toString()} is of another size.`);
    const delay = Buffer.alloc(6);
    delay.writeUInt16BE(ms, 0);
    delay.writeUInt16BE(1000, 2);
    const place = Buffer.concat([header.subarray(0, 8), uint32(0), uint32(0)]);
    chunks.push({ type: "fcTL", data: numbered(place, delay) });
    for (const { type, data } of chunksOf(png)) {
      if (type !== "IDAT") continue;
      chunks.push(i === 0 ? { type, data } : { type: "fdAT", data: numbered(data) });
    }
  }
  chunks.push({ type: "IEND", data: Buffer.alloc(0) });
  return Buffer.concat([signature, ...chunks.map(encodeChunk)]);
}

function headerOf(png: Buffer): Buffer {
  const [header] = chunksOf(png);
  if (header?.type !== "IHDR") throw new Error("This is no PNG file.");
  return header.data.subarray(0, sameBytes);
}

function* chunksOf(png: Buffer): Generator<Chunk> {
  if (!png.subarray(0, signature.length).equals(signature)) return;
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    yield { type, data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function encodeChunk({ type, data }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
