import { base32nopad } from "@scure/base";
import type { Brand } from "../core/brand.ts";
import { deriveKey, keyBytes } from "../crypto/derive.ts";
import { derivationDomains } from "../crypto/domains.ts";
import type { Primitives } from "../crypto/primitives.ts";
import {
  asReceiveSeed,
  type ReceiveSeed,
  type Recipient,
  recipientOf,
} from "../crypto/recipients.ts";
import {
  asSigningSeed,
  type PublicKey,
  type SigningKey,
  type SigningSeed,
  signingKey,
} from "../crypto/sign.ts";
import { sized } from "../crypto/sized.ts";

/**
 * What an account is made of: 32 bytes, shown as 24 words and kept by no device. Wipe it with
 * `fill(0)` as soon as the words are confirmed.
 */
export type AccountSecret = Brand<Uint8Array, "AccountSecret">;

/** Takes 32 bytes as an account's secret. @throws damaged, if the length is another. */
export const asAccountSecret = (bytes: Uint8Array): AccountSecret =>
  sized(bytes, keyBytes, "an account's secret") as AccountSecret;

/** What the words yield. FORMAT §12.1. */
export interface AccountKeys {
  /** Signs for the account; its public half is the account's name. */
  readonly root: SigningKey;
  /** Opens a box of every epoch. */
  readonly recoverSeed: ReceiveSeed;
  /** What epoch keys are boxed to, so that {@link recoverSeed} opens them. */
  readonly recover: Recipient;
  /** Seed of the IPNS key of the public profile; lies on devices, so that they can publish. */
  readonly locateSeed: SigningSeed;
}

/** All keys of an account that belong to no single space. */
export async function accountKeys(
  primitives: Primitives,
  secret: AccountSecret,
): Promise<AccountKeys> {
  const root = asSigningSeed(deriveKey(primitives, secret, derivationDomains.accountRoot));
  const recover = asReceiveSeed(deriveKey(primitives, secret, derivationDomains.accountRecover));
  const locate = asSigningSeed(deriveKey(primitives, secret, derivationDomains.accountLocate));
  return {
    root: signingKey(primitives, root),
    recoverSeed: recover,
    recover: await recipientOf(recover),
    locateSeed: locate,
  };
}

/**
 * The key by which the words override the roster of one space. Another for each space, so that
 * rosters don't show which spaces belong together.
 * @param nonce - that of the space's first roster, 16 bytes.
 */
export function overrideKey(
  primitives: Primitives,
  secret: AccountSecret,
  nonce: Uint8Array,
): SigningKey {
  const seed = deriveKey(primitives, secret, derivationDomains.accountOverride, nonce);
  return signingKey(primitives, asSigningSeed(seed));
}

/** The account's name: `ipc-` and 52 lower-case base32 digits of the SHA-256 of its root key. */
export function accountName(primitives: Primitives, root: PublicKey): string {
  return `ipc-${base32nopad.encode(primitives.sha256(root)).toLowerCase()}`;
}
