import { concatBytes, equalBytes, toUtf8 } from "../core/bytes.ts";
import { showCid } from "../core/cid.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asBlockId } from "../core/ids.ts";
import type { ContentKey } from "../crypto/derive.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { type BlockKey, currentSuite, type Link } from "./link.ts";
import { paddedLength } from "./padding.ts";
import { maxBlockBytes, type SealedBlock } from "./ports.ts";
import { chunkBytes } from "./record.ts";

/** What a sealed block holds; bound into its key and its associated data. FORMAT §6.1. */
export const blockKinds = {
  content: 1,
  index: 2,
  record: 3,
  pack: 4,
  mapNode: 5,
  state: 6,
  revision: 7,
} as const;

export type BlockKind = keyof typeof blockKinds;

/** The largest payload of a sealed block in bytes, before compression; of content a chunk is. */
export const maxPayloadBytes = 512 * 1024;

function largestPayload(kind: BlockKind): number {
  return kind === "content" ? chunkBytes : maxPayloadBytes;
}

/** Kinds that zstd makes smaller: what people wrote. Links and hashes do not shrink. FORMAT §6.1. */
const compressedKinds: ReadonlySet<BlockKind> = new Set(["content", "record", "pack"]);

const codecs = { plain: 0, zstd: 1 } as const;
const headerBytes = 5;
const commitmentBytes = 32;
const tagBytes = 16;
/** What a sealed block has beside its padded body. */
export const sealedOverheadBytes = commitmentBytes + headerBytes + tagBytes;

const blockDomain = toUtf8("ipcloud/v1/block");
const blockKeysDomain = toUtf8("ipcloud/v1/block-keys");
/** Safe only because the key is a function of every byte that is encrypted or bound. */
const zeroNonce = new Uint8Array(12);

/** What the key of a block is made of: domain ‖ suite ‖ kind ‖ len(P) ‖ P. FORMAT §6.3. */
const messageHeadBytes = blockDomain.length + 2 + 4;

/** The message of the block that is being sealed; reused, since most are large. */
let scratch = new Uint8Array(0);

/**
 * Writes the message of a block into {@link scratch}, with `P` at its end: codec (1 B) ‖ length of
 * the body (4 B) ‖ body ‖ zeros, body and zeros as long as {@link paddedLength} says. FORMAT §6.2.
 * @returns a view of the message, good until the next.
 */
function writeMessage(
  primitives: Primitives,
  kind: BlockKind,
  payload: Uint8Array,
  compress: boolean,
): Uint8Array {
  let body = payload;
  let codec: number = codecs.plain;
  // What is padded to the least length as it is can't become shorter.
  if (compress && compressedKinds.has(kind) && paddedLength(payload.length) > paddedLength(0)) {
    const frame = primitives.zstdCompress(payload);
    if (paddedLength(frame.length) < paddedLength(payload.length)) {
      body = frame;
      codec = codecs.zstd;
    }
  }
  const length = headerBytes + paddedLength(body.length);
  const end = messageHeadBytes + length;
  if (scratch.length < end) scratch = new Uint8Array(Math.max(end, 2 * scratch.length));
  const view = new DataView(scratch.buffer);
  scratch.set(blockDomain);
  scratch[blockDomain.length] = currentSuite;
  scratch[blockDomain.length + 1] = blockKinds[kind];
  view.setUint32(blockDomain.length + 2, length);
  scratch[messageHeadBytes] = codec;
  view.setUint32(messageHeadBytes + 1, body.length);
  scratch.set(body, messageHeadBytes + headerBytes);
  scratch.fill(0, messageHeadBytes + headerBytes + body.length, end);
  return scratch.subarray(0, end);
}

function decodePlaintext(
  primitives: Primitives,
  kind: BlockKind,
  plaintext: Uint8Array,
  refuse: (why: string) => never,
): Uint8Array {
  const maxBytes = largestPayload(kind);
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  const length = view.getUint32(1);
  const end = headerBytes + length;
  if (headerBytes + paddedLength(length) !== plaintext.length) refuse("its length is wrong");
  for (let i = end; i < plaintext.length; i++)
    if (plaintext[i] !== 0) refuse("its padding is wrong");
  const body = plaintext.subarray(headerBytes, end);
  const codec = plaintext[0];
  if (codec === codecs.plain) {
    return body.length <= maxBytes ? body : refuse("it is larger than its kind may be");
  }
  if (codec !== codecs.zstd || !compressedKinds.has(kind)) {
    refuse(`it uses codec ${String(codec)}`);
  }
  return (
    primitives.zstdDecompress(body, maxBytes) ??
    refuse("its compressed content is malformed or larger than its kind may be")
  );
}

/** HKDF-Expand (RFC 5869) of the block's key into commitment (32 B) and AES key (32 B). */
function expandKey(
  primitives: Primitives,
  key: BlockKey,
): { commitment: Uint8Array; aeadKey: Uint8Array } {
  const commitment = primitives.hmacSha256(key, concatBytes(blockKeysDomain, Uint8Array.of(1)));
  const aeadKey = primitives.hmacSha256(
    key,
    concatBytes(commitment, blockKeysDomain, Uint8Array.of(2)),
  );
  return { commitment, aeadKey };
}

/**
 * Seals a payload under a key made of its own content and the content key. FORMAT §6.
 *
 * Equal payloads of one kind under one content key give the same block.
 * @param payload - 0 to {@link maxPayloadBytes} bytes, of content as many as a chunk has at most.
 * @param compress - whether zstd is tried, for the kinds for which it is; the smaller result is kept.
 * @throws unexpected, if the payload is too large
 */
export function sealBlock(
  primitives: Primitives,
  contentKey: ContentKey,
  kind: BlockKind,
  payload: Uint8Array,
  compress: boolean,
): { link: Link; block: SealedBlock } {
  if (payload.length > largestPayload(kind)) {
    throw new CloudError(
      "unexpected",
      `a ${kind} block of ${payload.length.toString()} bytes is larger than the ${largestPayload(kind).toString()} allowed`,
    );
  }
  const message = writeMessage(primitives, kind, payload, compress);
  const key = primitives.hmacSha256(contentKey, message) as BlockKey;
  const { commitment, aeadKey } = expandKey(primitives, key);
  const associated = concatBytes(Uint8Array.of(currentSuite, blockKinds[kind]), commitment);
  const plaintext = message.subarray(messageHeadBytes);
  const bytes = primitives.aesGcmSeal(aeadKey, zeroNonce, plaintext, associated, commitment);
  const id = asBlockId(primitives.sha256(bytes));
  return { link: { suite: currentSuite, id, key }, block: { id, bytes } };
}

/**
 * Opens a sealed block whose hash has been checked already.
 * @param bytes - the sealed block; what comes back may be a view of a new array, never of it.
 * @throws damaged, naming the block, if it is not of that kind, not under that key, malformed, or
 * opens to more than a block of its kind may hold
 */
export function openBlock(
  primitives: Primitives,
  link: Link,
  kind: BlockKind,
  bytes: Uint8Array,
): Uint8Array {
  const refuse = (why: string): never => {
    throw new CloudError(
      "damaged",
      `the ${kind} block ${showCid(link.id)} can't be opened: ${why}`,
    );
  };
  if (bytes.length < sealedOverheadBytes || bytes.length > maxBlockBytes) {
    refuse(`it has ${bytes.length.toString()} bytes`);
  }
  const { commitment, aeadKey } = expandKey(primitives, link.key);
  if (!equalBytes(bytes.subarray(0, commitmentBytes), commitment)) {
    refuse("it was sealed by another key");
  }
  const plaintext = primitives.aesGcmOpen(
    aeadKey,
    zeroNonce,
    bytes.subarray(commitmentBytes),
    concatBytes(Uint8Array.of(link.suite, blockKinds[kind]), commitment),
  );
  if (plaintext === undefined) return refuse("it is of another kind or was altered");
  return decodePlaintext(primitives, kind, plaintext, refuse);
}
