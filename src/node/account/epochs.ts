import type { CborValue } from "../blocks/cbor.ts";
import { asBytes, asInteger, asList, asTuple, refuseShape } from "../blocks/shape.ts";
import type { Brand } from "../core/brand.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { IdMap, IdSet, type ReadonlyIdSet } from "../core/id-map.ts";
import { asSpaceId, type SpaceId } from "../core/ids.ts";
import { asEpochCheck, type EpochCheck } from "../crypto/derive.ts";
import { signatureDomains } from "../crypto/domains.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { maxAgeFileBytes } from "../crypto/recipients.ts";
import type { PublicKey, SigningKey } from "../crypto/sign.ts";
import { sized } from "../crypto/sized.ts";
import { maxMembers } from "./lists/statement.ts";
import {
  asKeyField,
  checkAscending,
  checkSignature,
  decodeSigned,
  encodeSigned,
  hashBytes,
} from "./signed-record.ts";

/** Names an epoch statement: SHA-256 of its bytes. */
export type EpochHash = Brand<Uint8Array, "EpochHash">;

/** Takes 32 bytes as the hash of an epoch statement. @throws damaged, if the length is another. */
export const asEpochHash = (bytes: Uint8Array): EpochHash =>
  sized(bytes, hashBytes, "the hash of an epoch statement") as EpochHash;

/** An epoch key, encrypted to one who may read. */
export interface EpochBox {
  /** Who: a pseudonym of the roster, or its override key for the box that the words open. */
  readonly to: PublicKey;
  /** An age file that holds the 32 bytes of the epoch key. */
  readonly file: Uint8Array;
}

/** What a statement says beside who signed it. */
export interface EpochTerms {
  readonly space: SpaceId;
  /** 1 for the first, one more than that before for each that follows. */
  readonly n: number;
  /** The hash of the statement before; absent in the first. */
  readonly prev?: EpochHash;
  readonly check: EpochCheck;
  readonly boxes: readonly EpochBox[];
  /** What the epoch hands on to its readers, under its key. */
  readonly handover: Uint8Array;
}

/** One statement of a new read key, or of new readers of the key before. FORMAT §12.6. */
export interface EpochStatement extends EpochTerms {
  /** SHA-256 of {@link bytes}. */
  readonly hash: EpochHash;
  readonly bytes: Uint8Array;
  readonly signer: PublicKey;
}

/** The largest statement in bytes: what a public block may have. */
export const maxEpochBytes = 1024 * 1024;
/** The largest sealed handover in bytes. */
const maxHandoverBytes = 64 * 1024;

const what = "an epoch statement";
const epochVersion = 1;
const fieldNames = ["space", "n", "prev?", "check", "boxes", "handover", "signer"];

/** Signs an epoch statement. @param signer - a pseudonym of the roster or its override key. */
export function signEpoch(
  primitives: Primitives,
  signer: SigningKey,
  terms: EpochTerms,
): EpochStatement {
  const boxes = terms.boxes
    .toSorted((a, b) => compareBytes(a.to, b.to))
    .map(({ to, file }): CborValue => [to, file]);
  const fields = {
    version: epochVersion,
    space: terms.space,
    n: terms.n,
    ...(terms.prev === undefined ? {} : { prev: terms.prev }),
    check: terms.check,
    boxes,
    handover: terms.handover,
    signer: signer.publicKey,
  };
  return decodeEpoch(primitives, encodeSigned(fields, signer, signatureDomains.epoch));
}

/** Reads an epoch statement and checks its signature. @throws newer, damaged */
export function decodeEpoch(primitives: Primitives, bytes: Uint8Array): EpochStatement {
  const record = decodeSigned(bytes, what, epochVersion, fieldNames, maxEpochBytes);
  const { fields } = record;
  const signer = asKeyField(fields["signer"], `the signer of ${what}`);
  checkSignature(primitives, record, signer, signatureDomains.epoch, what);
  const n = asInteger(fields["n"], `the number of ${what}`, 1);
  if ("prev" in fields === (n === 1)) refuseShape(what, "the field prev in all but the first");
  const handover = asBytes(fields["handover"], `the handover of ${what}`);
  if (handover.length > maxHandoverBytes) refuseShape(what, "a smaller handover");
  return {
    hash: asEpochHash(primitives.sha256(bytes)),
    bytes,
    space: asSpaceId(asBytes(fields["space"], `the space of ${what}`, 32)),
    n,
    ...(n === 1 ? {} : { prev: asPrev(fields["prev"]) }),
    check: asEpochCheck(asBytes(fields["check"], `the check of ${what}`, 32)),
    boxes: decodeBoxes(fields["boxes"]),
    handover,
    signer,
  };
}

const asPrev = (value: CborValue | undefined): EpochHash =>
  asEpochHash(asBytes(value, `what ${what} follows`, hashBytes));

function decodeBoxes(value: CborValue | undefined): EpochBox[] {
  const name = `the boxes of ${what}`;
  const boxes = asList(value, name).map((item) => {
    const [to, file] = asTuple(item, 2, name);
    return { to: asKeyField(to, name), file: asBytes(file, name) };
  });
  checkAscending(
    boxes.map(({ to }) => to),
    name,
    maxMembers + 1,
  );
  if (boxes.some(({ file }) => file.length > maxAgeFileBytes)) refuseShape(name, "smaller boxes");
  return boxes;
}

/**
 * Refuses statements of which one follows none of the others.
 * @param statements - all that are known of one space, in any order.
 * @throws damaged, if one names another space, follows one that is missing or is misnumbered.
 */
export function checkEpochs(space: SpaceId, statements: readonly EpochStatement[]): void {
  const known = new IdMap(statements.map((each) => [each.hash, each]));
  for (const { space: named, n, prev } of statements) {
    if (!equalBytes(named, space)) {
      throw new CloudError("damaged", "an epoch statement is of another space");
    }
    const before = prev === undefined ? 0 : known.get(prev)?.n;
    if (n - 1 !== before) {
      throw new CloudError(
        "damaged",
        `epoch statement ${n.toString()} does not follow one that is known`,
      );
    }
  }
}

/** As much of a statement as decides which epoch is current. */
export type RankedEpoch = Pick<
  EpochStatement,
  "hash" | "n" | "prev" | "check" | "signer" | "boxes"
>;

/**
 * The statement whose key new blocks are sealed under: of those that count the one of the largest
 * (n, hash). FORMAT §12.6.
 *
 * 1. A statement counts if one signed it who may read, it has a box that the words open, and its key
 *    is not spoilt.
 * 2. A key is spoilt if somebody who may not read could know it: by having drawn or repeated it, by a
 *    box of it, or by a later key, which hands on all before it. Only what such a signer says is
 *    believed, and what that one stands on: else a stranger could spoil any key.
 * @param readers - all who may read: pseudonyms and the override key.
 * @param override - the override key of the space, which the words have.
 * @returns `undefined` if none counts: then a new key is drawn.
 */
export function currentEpoch<Statement extends RankedEpoch>(
  readers: ReadonlyIdSet<PublicKey>,
  override: PublicKey,
  statements: readonly Statement[],
): Statement | undefined {
  const mayRead = (key: PublicKey): boolean => readers.has(key);
  const trusted = statements.filter(({ signer }) => mayRead(signer));
  const byHash = new IdMap(statements.map((each) => [each.hash, each]));
  const spoilt = new IdSet<EpochCheck>();
  for (const statement of trusted) {
    let isKnownOutside = false;
    for (let at: Statement | undefined = statement; at !== undefined; ) {
      isKnownOutside ||= !mayRead(at.signer) || !at.boxes.every(({ to }) => mayRead(to));
      if (isKnownOutside) spoilt.add(at.check);
      at = at.prev === undefined ? undefined : byHash.get(at.prev);
    }
  }
  return trusted
    .filter(({ check }) => !spoilt.has(check))
    .filter(({ boxes }) => boxes.some(({ to }) => equalBytes(to, override)))
    .toSorted(compareEpochs)
    .at(-1);
}

/** The order of epoch statements: by number, then by hash. Negative, zero or positive. */
export function compareEpochs(
  a: Pick<EpochStatement, "n" | "hash">,
  b: Pick<EpochStatement, "n" | "hash">,
): number {
  return a.n - b.n || compareBytes(a.hash, b.hash);
}
