import { decodeLink, encodeLink, type Link, linkBytes } from "../blocks/link.ts";
import { asBytes, refuseShape } from "../blocks/shape.ts";
import { concatBytes, equalBytes, readUint64, uint64Bytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asSpaceId, type SpaceId, type WriterId } from "../core/ids.ts";
import { boxOverheadBytes, openBox, sealBox } from "../crypto/box.ts";
import type { HeadKey } from "../crypto/derive.ts";
import { boxDomains, signatureDomains } from "../crypto/domains.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../crypto/sign.ts";
import {
  asKeyField,
  checkSignature,
  decodeSigned,
  encodeSigned,
  hashBytes,
} from "./signed-record.ts";
import {
  type Certificate,
  certificateBytes,
  decodeCertificate,
  encodeCertificate,
  holdsCertificate,
} from "./writers.ts";

/** What a writer says of its latest revision. */
export interface HeadTerms {
  readonly space: SpaceId;
  readonly certificate: Certificate;
  /** 1 for a writer's first head, larger with every later one; {@link lastSeq} for its last. */
  readonly seq: number;
  /** SHA-256 of the writer's head before, 32 bytes; zeros in its first. */
  readonly prev: Uint8Array;
  /** Of `tipsHash`: what the writer knows of the roster, 32 bytes. */
  readonly roster: Uint8Array;
  /** SHA-256 of the manifest's root, 32 bytes; zeros if there is none. */
  readonly manifest: Uint8Array;
  /** Of `commitment`, 32 bytes. */
  readonly commit: Uint8Array;
}

/** A writer's signed latest revision. FORMAT §12.7. */
export interface Head extends HeadTerms {
  /** SHA-256 of {@link bytes}. */
  readonly hash: Uint8Array;
  /** {@link headBytes} of them. */
  readonly bytes: Uint8Array;
  /** The writer's own key in this space. */
  readonly headKey: PublicKey;
  /** The link to the revision, under the head key of the epoch. */
  readonly box: Uint8Array;
}

/** Of a head by which a writer says that it writes no more: nothing is larger. FORMAT §12.7. */
export const lastSeq = Number.MAX_SAFE_INTEGER;

/** Length of every head in bytes. */
export const headBytes = 582;

const what = "a head";
const headVersion = 1;
const seqBytes = 8;
const boxBytes = linkBytes + boxOverheadBytes;
const fieldNames = [
  "space",
  "headKey",
  "certificate",
  "seq",
  "prev",
  "roster",
  "manifest",
  "commit",
  "box",
];
/** What is decoded to learn that a head needs a newer version. */
const maxForeignHeadBytes = 4096;

/** space ‖ writer ‖ seq: what the box is bound to. */
function boxContext(space: SpaceId, writer: WriterId, seq: number): Uint8Array {
  return concatBytes(space, writer, uint64Bytes(seq));
}

/**
 * Signs a head.
 * @param writerKey - the writer's head key in that space, which the certificate is for.
 * @param headKey - of the epoch that the revision is written in.
 */
export function signHead(
  primitives: Primitives,
  random: RandomBytes,
  writerKey: SigningKey,
  headKey: HeadKey,
  terms: HeadTerms,
  revision: Link,
): Head {
  const { space, certificate, seq, prev, roster, manifest, commit } = terms;
  const context = boxContext(space, certificate.writer, seq);
  const box = sealBox(headKey, boxDomains.headLink, context, encodeLink(revision), random);
  const bytes = encodeSigned(
    {
      version: headVersion,
      space,
      headKey: writerKey.publicKey,
      certificate: encodeCertificate(certificate),
      seq: uint64Bytes(seq),
      prev,
      roster,
      manifest,
      commit,
      box,
    },
    writerKey,
    signatureDomains.head,
  );
  const hash = primitives.sha256(bytes);
  return { ...terms, headKey: writerKey.publicKey, box, bytes, hash };
}

/**
 * Reads a head and checks both its signatures: the writer's over the head, the device's over the
 * writer. Whether that device may write is for `admitHead`.
 * @throws newer, damaged
 */
export function decodeHead(primitives: Primitives, bytes: Uint8Array): Head {
  const record = decodeSigned(bytes, what, headVersion, fieldNames, maxForeignHeadBytes);
  const { fields } = record;
  const bytesOf = (field: string, length: number): Uint8Array =>
    asBytes(fields[field], `the field "${field}" of ${what}`, length);
  const headKey = asKeyField(fields["headKey"], `the key of ${what}`);
  checkSignature(primitives, record, headKey, signatureDomains.head, what);
  const seq = readUint64(bytesOf("seq", seqBytes));
  if (seq < 1 || !Number.isSafeInteger(seq)) refuseShape(what, "a seq from 1 to 2^53 - 1");
  const head: Head = {
    space: asSpaceId(bytesOf("space", 32)),
    headKey,
    certificate: decodeCertificate(bytesOf("certificate", certificateBytes)),
    seq,
    prev: bytesOf("prev", hashBytes),
    roster: bytesOf("roster", hashBytes),
    manifest: bytesOf("manifest", hashBytes),
    commit: bytesOf("commit", hashBytes),
    box: bytesOf("box", boxBytes),
    bytes,
    hash: primitives.sha256(bytes),
  };
  if (!holdsCertificate(primitives, head.certificate, head.space, headKey)) {
    throw new CloudError("damaged", "the device named in a head did not certify its writer");
  }
  return head;
}

/**
 * Opens the link to a head's revision.
 * @param headKeys - of the epochs known, the likeliest first.
 * @returns `undefined` if none of them opens it: the epoch is not known yet, or the writer lies.
 * @throws damaged, newer, if what it holds is no link.
 */
export function openHead(head: Head, headKeys: Iterable<HeadKey>): Link | undefined {
  const context = boxContext(head.space, head.certificate.writer, head.seq);
  for (const key of headKeys) {
    const link = openBox(key, boxDomains.headLink, context, head.box);
    if (link !== undefined) return decodeLink(link, "the link in a head");
  }
  return undefined;
}

/**
 * Whether two heads show that one writer wrote two histories: the same space, writer and seq, and
 * not the same head. FORMAT §12.7.
 */
export function isFork(a: Head, b: Head): boolean {
  return (
    a.seq === b.seq &&
    equalBytes(a.space, b.space) &&
    equalBytes(a.certificate.writer, b.certificate.writer) &&
    !equalBytes(a.hash, b.hash)
  );
}
