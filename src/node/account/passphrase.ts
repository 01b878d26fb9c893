import type { CborValue } from "../blocks/cbor.ts";
import { asBytes, asInteger, asTuple } from "../blocks/shape.ts";
import { toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";

/** What one guess at a passphrase costs (RFC 9106). */
export interface Argon2Cost {
  /** KiB, at least 8 for each lane. */
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/**
 * Argon2id, version 0x13 (RFC 9106), without secret or associated data.
 * @param salt - 16 bytes.
 * @param length - of the result in bytes.
 */
export type Argon2id = (
  passphrase: Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
  length: number,
) => Promise<Uint8Array>;

/** What is asked of new passphrases: the second recommendation of RFC 9106 §4. */
export const defaultArgon2Cost: Argon2Cost = { memoryKiB: 64 * 1024, passes: 3, lanes: 4 };

/** The most that a stored file may ask of whoever opens it. */
const greatestCost: Argon2Cost = { memoryKiB: 1024 * 1024, passes: 16, lanes: 16 };

/** Length of the salt beside a passphrase in bytes. */
export const saltBytes = 16;

/** How a passphrase becomes a key. */
export interface PassphraseParams {
  readonly cost: Argon2Cost;
  /** 16 random bytes. */
  readonly salt: Uint8Array;
}

/** `[memoryKiB, passes, lanes, salt]`. */
export function encodePassphraseParams({ cost, salt }: PassphraseParams): CborValue {
  return [cost.memoryKiB, cost.passes, cost.lanes, salt];
}

/**
 * Reads {@link encodePassphraseParams} back.
 * @throws damaged, also for a cost that would exhaust the machine.
 */
export function decodePassphraseParams(value: CborValue, what: string): PassphraseParams {
  const [memory, passes, lanes, salt] = asTuple(value, 4, what);
  const lanesAsked = asInteger(lanes, `the lanes of ${what}`, 1, greatestCost.lanes);
  return {
    cost: {
      memoryKiB: asInteger(memory, `the memory of ${what}`, 8 * lanesAsked, greatestCost.memoryKiB),
      passes: asInteger(passes, `the passes of ${what}`, 1, greatestCost.passes),
      lanes: lanesAsked,
    },
    salt: asBytes(salt, `the salt of ${what}`, saltBytes),
  };
}

/**
 * The key of a passphrase: Argon2id over its UTF-8 in normal form C, so that it opens whichever
 * keyboard it is typed on.
 * @returns 32 bytes.
 * @throws usage, for an empty passphrase.
 */
export async function passphraseKey(
  argon2id: Argon2id,
  passphrase: string,
  { cost, salt }: PassphraseParams,
): Promise<Uint8Array> {
  if (passphrase === "") throw new CloudError("usage", "the passphrase is empty");
  const bytes = toUtf8(passphrase.normalize("NFC"));
  try {
    return await argon2id(bytes, salt, cost, 32);
  } finally {
    bytes.fill(0);
  }
}
