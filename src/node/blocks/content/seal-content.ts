import { type EncodedLink, encodeLink } from "../link.ts";
import type { BlockPutter } from "../ports.ts";
import { chunkBytes, type VersionRecord } from "../record.ts";
import type { BlockKind } from "../seal.ts";
import { type Sealer, sealInto } from "../seal-into.ts";
import { ChunkIndex } from "./chunk-index.ts";

/** Content that is sealed and not yet anybody's. */
export interface SealedContent {
  readonly size: number;
  readonly content: VersionRecord["content"];
}

/** Cuts content into chunks: views of it, of {@link chunkBytes} but for the last. FORMAT §8.2. */
export function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** Seals content of more than `maxInlineBytes` that is at hand. */
export function sealContent(sealer: Sealer, putter: BlockPutter, bytes: Uint8Array): SealedContent {
  const seal = (kind: BlockKind, payload: Uint8Array): EncodedLink =>
    encodeLink(sealInto(sealer, putter, kind, payload));
  const index = new ChunkIndex((payload) => seal("index", payload));
  for (const chunk of chunksOf(bytes)) index.add(seal("content", chunk));
  return { size: bytes.length, content: index.end() };
}
