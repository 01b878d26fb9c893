import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chunksOf } from "../../src/node/blocks/content/seal-content.ts";
import { chunkBytes, maxInlineBytes } from "../../src/node/blocks/record.ts";
import { sealBlock } from "../../src/node/blocks/seal.ts";
import type { ContentKey } from "../../src/node/crypto/derive.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";

/** Something public that may be in a drive: a file of several chunks, or a folder of small files. */
export interface Candidate {
  readonly paths: readonly string[];
  /** Lengths of the sealed blocks of its content, as the program makes them under whatever key. */
  readonly lengths: readonly number[];
  /** The same if nothing is compressed. */
  readonly plainLengths: readonly number[];
}

/** A file of so many chunks or fewer tells too little by itself. */
const mostPlainChunks = 2;
/** Files of one chunk that make a folder worth looking for. */
const leastFiles = 8;
const mostFiles = 64;
/** The lengths are the same under every key. */
const anyKey = new Uint8Array(32) as ContentKey;

/** What there is to look for below some folders, each content once, in an order that means nothing. */
export function findCandidates(roots: readonly string[]): {
  readonly files: readonly Candidate[];
  readonly folders: readonly Candidate[];
} {
  const seen = new Set<string>();
  const files: Candidate[] = [];
  const folders: Candidate[] = [];
  const walk = (folder: string): void => {
    const small: string[] = [];
    const lengths: number[] = [];
    const plainLengths: number[] = [];
    for (const entry of sortedEntries(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      if (!entry.isFile()) continue;
      const bytes = readFileSync(path);
      if (bytes.length <= maxInlineBytes || !isNew(seen, bytes)) continue;
      if (bytes.length > mostPlainChunks * chunkBytes) files.push(asCandidate(path, bytes));
      else if (bytes.length <= chunkBytes && small.length < mostFiles) {
        small.push(path);
        lengths.push(...sealedLengths(bytes, true));
        plainLengths.push(...sealedLengths(bytes, false));
      }
    }
    if (small.length >= leastFiles) folders.push({ paths: small, lengths, plainLengths });
  };
  for (const root of roots) walk(root);
  return { files: mixed(files), folders: mixed(folders) };
}

function sortedEntries(folder: string) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

function isNew(seen: Set<string>, bytes: Uint8Array): boolean {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (seen.has(digest)) return false;
  seen.add(digest);
  return true;
}

function asCandidate(path: string, bytes: Uint8Array): Candidate {
  const [lengths, plainLengths] = [sealedLengths(bytes, true), sealedLengths(bytes, false)];
  return { paths: [path], lengths, plainLengths };
}

/** How long the sealed chunks of some content are, in order. */
function sealedLengths(bytes: Uint8Array, compress: boolean): number[] {
  return Array.from(chunksOf(bytes), (chunk) => {
    const { block } = sealBlock(nodePrimitives, anyKey, "content", chunk, compress);
    return block.bytes.length;
  });
}

function mixed(candidates: readonly Candidate[]): Candidate[] {
  const keyOf = ({ paths }: Candidate): string =>
    createHash("sha256").update(paths.join("\n")).digest("hex");
  return [...candidates].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
