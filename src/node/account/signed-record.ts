import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asList, asRecord, refuseShape } from "../blocks/shape.ts";
import { compareBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { SignatureDomain } from "../crypto/domains.ts";
import type { Primitives } from "../crypto/primitives.ts";
import {
  asPublicKey,
  asSignature,
  type PublicKey,
  type Signature,
  type SigningKey,
  signatureBytes,
  verify,
} from "../crypto/sign.ts";

/** The fields of a record: a canonical dag-cbor map that holds `version`. */
export type Fields = Readonly<Record<string, CborValue>>;

/** Length of every hash that a public record names another by, in bytes. */
export const hashBytes = 32;

/** A record as it was decoded, its signature not yet checked. */
export interface SignedRecord {
  readonly fields: Fields;
  /** What the signature is over: the record without its field `signature`. */
  readonly message: Uint8Array;
  readonly signature: Signature;
}

/** Signs a record: the field `signature` is over the encoding of all others. FORMAT §4.3. */
export function encodeSigned(fields: Fields, key: SigningKey, domain: SignatureDomain): Uint8Array {
  const signature = key.sign(domain, encodeCanonical(fields));
  return encodeCanonical({ ...fields, signature });
}

/**
 * Reads a signed record.
 * @param fields - the names of all but `version` and `signature`, optional ones with `?` at the end.
 * @param maxBytes - checked before anything is decoded.
 * @throws newer, damaged
 */
export function decodeSigned(
  bytes: Uint8Array,
  what: string,
  version: number,
  fields: readonly string[],
  maxBytes: number,
): SignedRecord {
  if (bytes.length > maxBytes) {
    throw new CloudError(
      "damaged",
      `${what} has ${bytes.length.toString()} bytes, expected at most ${maxBytes.toString()}`,
    );
  }
  const record = asRecord(decodeCanonical(bytes, what), what, version, [...fields, "signature"]);
  const { signature, ...signed } = record;
  return {
    fields: signed,
    message: encodeCanonical(signed),
    signature: asSignature(asBytes(signature, `the signature of ${what}`, signatureBytes)),
  };
}

/** Refuses a record whose signature is not that of `signer`. @throws damaged */
export function checkSignature(
  primitives: Primitives,
  record: SignedRecord,
  signer: PublicKey,
  domain: SignatureDomain,
  what: string,
): void {
  if (!verify(primitives, signer, domain, record.message, record.signature)) {
    throw new CloudError("damaged", `${what} is not signed by the key that it names`);
  }
}

/** A public key of a record. @throws damaged */
export function asKeyField(value: CborValue | undefined, what: string): PublicKey {
  return asPublicKey(asBytes(value, what, 32));
}

/** A list of at most `most` byte strings in ascending order, none twice. @throws damaged */
export function asAscending(
  value: CborValue | undefined,
  what: string,
  length: number,
  most: number,
): Uint8Array[] {
  const list = asList(value, what).map((item) => asBytes(item, what, length));
  checkAscending(list, what, most);
  return list;
}

/** Refuses a list that is longer than `most`, out of order or holds one thing twice. @throws damaged */
export function checkAscending(
  list: readonly Uint8Array[],
  what: string,
  most = Number.POSITIVE_INFINITY,
): void {
  if (list.length > most) refuseShape(what, `a list of at most ${most.toString()}`);
  for (let i = 1; i < list.length; i++) {
    if (compareBytes(list[i - 1] as Uint8Array, list[i] as Uint8Array) >= 0) {
      refuseShape(what, "a list in ascending order with nothing twice");
    }
  }
}

/** Sorted, and each once. */
export function ascending<Bytes extends Uint8Array>(list: readonly Bytes[]): Bytes[] {
  const sorted = list.toSorted(compareBytes);
  return sorted.filter((item, i) => i === 0 || compareBytes(sorted[i - 1] as Bytes, item) !== 0);
}
