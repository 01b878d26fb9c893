/**
 * Every string that parts one use of a key from another. FORMAT §4.1 lists them; a string is never
 * used for two purposes and never changed.
 *
 * Sealed blocks have strings of their own in `blocks/seal.ts`.
 */
export const derivationDomains = {
  /** Account secret → seed of the Ed25519 key that signs for the account. */
  accountRoot: "ipcloud/v1/account/root",
  /** Account secret → seed of the age identity that every epoch key is boxed to. */
  accountRecover: "ipcloud/v1/account/recover",
  /** Account secret → seed of the IPNS key of the public profile. */
  accountLocate: "ipcloud/v1/account/locate",
  /** Account secret, nonce of a space → seed of the key that overrides its roster. */
  accountOverride: "ipcloud/v1/account/override",
  /** Device seed → seed of the device's Ed25519 key, known to its account. */
  deviceIdentity: "ipcloud/v1/device/identity",
  /** Device seed → seed of the age identity that epoch keys are boxed to. */
  deviceReceive: "ipcloud/v1/device/receive",
  /** Device seed, nonce of a space → seed of the pseudonymous key that mirrors see. */
  devicePseudonym: "ipcloud/v1/device/pseudonym",
  /** Writer seed, space id → seed of the key that signs the writer's heads. */
  writerHead: "ipcloud/v1/writer/head",
  /** Writer seed, space id → seed of the writer's IPNS key. */
  writerName: "ipcloud/v1/writer/name",
  /** Epoch key → the key of all sealed blocks written in the epoch. */
  epochContent: "ipcloud/v1/epoch/content",
  /** Epoch key → the key of the boxes in heads. */
  epochHead: "ipcloud/v1/epoch/head",
  /** Epoch key → the key of the salts under the commitments of heads. */
  epochSalt: "ipcloud/v1/epoch/salt",
  /** Epoch key → the key of what an epoch hands on. */
  epochHandover: "ipcloud/v1/epoch/handover",
  /** Epoch key → the public value by which whoever opens a box knows that it holds this key. */
  epochCheck: "ipcloud/v1/epoch/check",
  /** Boundary key → the key of what one store keeps for itself: settings. */
  localSettings: "ipcloud/v1/local/settings",
  /** Device seed → the key of what a store remembers of the folders that it took in. */
  localImports: "ipcloud/v1/local/imports",
  /** Editor's key → the key of its slot in the keystore. */
  keystoreEditor: "ipcloud/v1/keystore/editor",
} as const;

export type DerivationDomain = (typeof derivationDomains)[keyof typeof derivationDomains];

/** What stands before every signed message, so that no signature means two things. */
export const signatureDomains = {
  deviceStatement: "ipcloud/v1/sign/device-statement",
  device: "ipcloud/v1/sign/device",
  pseudonym: "ipcloud/v1/sign/pseudonym",
  writer: "ipcloud/v1/sign/writer",
  roster: "ipcloud/v1/sign/roster",
  epoch: "ipcloud/v1/sign/epoch",
  head: "ipcloud/v1/sign/head",
} as const;

export type SignatureDomain = (typeof signatureDomains)[keyof typeof signatureDomains];

/** What begins the associated data of every random-nonce box. */
export const boxDomains = {
  headLink: "ipcloud/v1/box/head-link",
  handover: "ipcloud/v1/box/handover",
  localSettings: "ipcloud/v1/box/local-settings",
  keystoreSlot: "ipcloud/v1/box/keystore-slot",
  keystoreContents: "ipcloud/v1/box/keystore-contents",
} as const;

export type BoxDomain = (typeof boxDomains)[keyof typeof boxDomains];

/** What begins the proofs that programs of one machine give each other of a token (HMAC-SHA256). */
export const proofDomains = {
  node: "ipcloud/v1/socket/node",
  client: "ipcloud/v1/socket/client",
} as const;

export type ProofDomain = (typeof proofDomains)[keyof typeof proofDomains];
