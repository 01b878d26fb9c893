import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { endianness } from "node:os";

// The format of the log: https://sqlite.org/fileformat2.html#walformat
const headerBytes = 32;
const frameHeaderBytes = 24;
const magicOfLittle = 0x377f0682;
const magicOfBig = 0x377f0683;
const leastPageBytes = 512;
const mostPageBytes = 65_536;

/**
 * How many commits a log brings a database to, by the row of the table `total`: what SQLite would find
 * there, without opening it. SQLite takes a log that was cut for a shorter one, and brings back by it
 * pages that the database file has newer.
 * @param page - number of the page that holds the table.
 * @returns `undefined` if no whole transaction of the log has that page.
 */
export function commitsInLog(path: string, page: number): number | undefined {
  let latest: Uint8Array | undefined;
  let ofTransaction: Uint8Array | undefined;
  for (const frame of wholeFrames(readFileSync(path))) {
    if (frame.page === page) ofTransaction = frame.content;
    if (!frame.isCommit) continue;
    latest = ofTransaction ?? latest;
    ofTransaction = undefined;
  }
  return latest === undefined ? undefined : thirdInteger(latest);
}

/** What tells one log from the next in the same file. @returns 8 bytes; `undefined` if there is none. */
export function readSalts(path: string): Uint8Array | undefined {
  const salts = new Uint8Array(8);
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    return readSync(file, salts, 0, 8, 16) === 8 ? salts : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

interface Frame {
  readonly page: number;
  readonly content: Uint8Array;
  /** Whether it is the last one of a transaction. */
  readonly isCommit: boolean;
}

/** The frames up to the first that doesn't belong to this log or isn't whole. */
function* wholeFrames(log: Buffer): Iterable<Frame> {
  if (log.length < headerBytes) return;
  const magic = log.readUInt32BE(0);
  if (magic !== magicOfLittle && magic !== magicOfBig) return;
  const sum = new Checksum((magic === magicOfLittle) !== (endianness() === "LE"));
  sum.add(log, 0, 24);
  if (!sum.is(log.readUInt32BE(24), log.readUInt32BE(28))) return;
  const pageBytes = log.readUInt32BE(8);
  if (!isPageSize(pageBytes)) return;
  const frameBytes = frameHeaderBytes + pageBytes;
  for (let at = headerBytes; at + frameBytes <= log.length; at += frameBytes) {
    const salts = log.subarray(at + 8, at + 16);
    if (!salts.equals(log.subarray(16, 24))) return;
    sum.add(log, at, 8);
    sum.add(log, at + frameHeaderBytes, pageBytes);
    if (!sum.is(log.readUInt32BE(at + 16), log.readUInt32BE(at + 20))) return;
    yield {
      page: log.readUInt32BE(at),
      content: log.subarray(at + frameHeaderBytes, at + frameBytes),
      isCommit: log.readUInt32BE(at + 4) !== 0,
    };
  }
}

/** SQLite takes nothing of a log with pages of another size. */
function isPageSize(bytes: number): boolean {
  return bytes >= leastPageBytes && bytes <= mostPageBytes && Number.isInteger(Math.log2(bytes));
}

/** The log's checksum, which goes on from frame to frame. */
class Checksum {
  readonly #isSwapped: boolean;
  #a = 0;
  #b = 0;

  /** @param isSwapped - whether its words are in the other order of bytes than this machine's. */
  constructor(isSwapped: boolean) {
    this.#isSwapped = isSwapped;
  }

  /** @param length - a multiple of 8. */
  add(log: Buffer, offset: number, length: number): void {
    const bytes = new Uint8Array(length);
    bytes.set(log.subarray(offset, offset + length));
    if (this.#isSwapped) Buffer.from(bytes.buffer).swap32();
    const words = new Uint32Array(bytes.buffer);
    let [a, b] = [this.#a, this.#b];
    for (let i = 0; i < words.length; i += 2) {
      a = (a + (words[i] as number) + b) | 0;
      b = (b + (words[i + 1] as number) + a) | 0;
    }
    [this.#a, this.#b] = [a, b];
  }

  is(a: number, b: number): boolean {
    return this.#a >>> 0 === a && this.#b >>> 0 === b;
  }
}

/**
 * The third column of the only row of a table that fits on one page:
 * https://sqlite.org/fileformat2.html#b_tree_pages
 */
function thirdInteger(page: Uint8Array): number | undefined {
  const view = Buffer.from(page.buffer, page.byteOffset, page.length);
  const leafOfTable = 13;
  if (view[0] !== leafOfTable || view.readUInt16BE(3) !== 1) return undefined;
  let at = view.readUInt16BE(8);
  at = readVarint(view, at).end; // length of the record
  at = readVarint(view, at).end; // id of the row
  const header = readVarint(view, at);
  let content = at + header.value;
  at = header.end;
  for (let column = 0; column < 2; column++) {
    const type = readVarint(view, at);
    content += integerBytes[type.value] ?? 0;
    at = type.end;
  }
  const type = readVarint(view, at).value;
  if (type === 8 || type === 9) return type - 8;
  const length = integerBytes[type] ?? 0;
  // No count of commits has more than six bytes.
  const isThere = length > 0 && length <= 6 && content + length <= view.length;
  return isThere ? view.readIntBE(content, length) : undefined;
}

/** Length in bytes of an integer, by its serial type. */
const integerBytes: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function readVarint(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start; at < start + 8; at++) {
    const byte = bytes[at] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return { value, end: start + 9 };
}
