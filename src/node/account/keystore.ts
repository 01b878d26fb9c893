import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asList, asRecord, asText, asTuple, refuseShape } from "../blocks/shape.ts";
import { concatBytes, equalBytes, startsWithBytes, toUtf8 } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { boxOverheadBytes, openBox, sealBox } from "../crypto/box.ts";
import { deriveKey, keyBytes } from "../crypto/derive.ts";
import { boxDomains, derivationDomains } from "../crypto/domains.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import { decodeContents, encodeContents, type KeystoreContents } from "./keystore-contents.ts";
import {
  type Argon2Cost,
  type Argon2id,
  decodePassphraseParams,
  defaultArgon2Cost,
  encodePassphraseParams,
  type PassphraseParams,
  passphraseKey,
  saltBytes,
} from "./passphrase.ts";

/** One way into a keystore: how its key is made, and the key. */
export type KeystoreSlot =
  | {
      readonly kind: "passphrase";
      readonly params: PassphraseParams;
      /** Of `passphraseKey`. Secret; 32 bytes. */
      readonly key: Uint8Array;
    }
  | {
      readonly kind: "editor";
      /** Derived from the editor's key. Secret; 32 bytes. */
      readonly key: Uint8Array;
    };

/**
 * An open keystore: what it holds and how it is entered. With the keys of its slots it can be sealed
 * again under a new file key, so that a passphrase that was replaced opens no later file.
 */
export interface OpenKeystore {
  readonly contents: KeystoreContents;
  /** One of each kind at most; at least one. */
  readonly slots: readonly KeystoreSlot[];
}

/** How a keystore is opened. */
export type KeystoreSecret =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  /** The 32 random bytes that the editor keeps. */
  | { readonly kind: "editor"; readonly key: Uint8Array };

/** The key of one of its slots, as {@link OpenKeystore} has it. */
export interface SlotKey {
  readonly kind: "slot";
  readonly of: KeystoreSlot["kind"];
  /** Secret; 32 bytes. */
  readonly key: Uint8Array;
}

/** What a keystore needs of the platform. */
export interface KeystorePlatform {
  readonly primitives: Primitives;
  readonly argon2id: Argon2id;
}

/** The largest keystore in bytes. */
export const maxKeystoreBytes = 64 * 1024 * 1024;

const what = "the keystore";
const magic = toUtf8("ipcloud-keystore");
const checksumBytes = 32;
const fileVersion = 1;
const contentsVersion = 1;
const wrappedKeyBytes = keyBytes + boxOverheadBytes;
const mendHint = "restore the file from a copy, or set up this device again from the 24 words";

/**
 * Makes the slot of a passphrase.
 * @param cost - what each guess shall cost.
 * @throws usage, for an empty passphrase.
 */
export async function passphraseSlot(
  { argon2id }: KeystorePlatform,
  random: RandomBytes,
  passphrase: string,
  cost: Argon2Cost = defaultArgon2Cost,
): Promise<KeystoreSlot> {
  const params = { cost, salt: random(saltBytes) };
  return { kind: "passphrase", params, key: await passphraseKey(argon2id, passphrase, params) };
}

/**
 * Makes the slot of the editor's key.
 * @param key - 32 random bytes.
 * @throws usage, if the length is another.
 */
export function editorSlot({ primitives }: KeystorePlatform, key: Uint8Array): KeystoreSlot {
  if (key.length !== keyBytes) {
    throw new CloudError(
      "usage",
      `expected an editor's key of ${keyBytes.toString()} bytes, got ${key.length.toString()}`,
    );
  }
  return { kind: "editor", key: deriveKey(primitives, key, derivationDomains.keystoreEditor) };
}

/** The same keystore with a slot set, in place of the one of its kind. */
export function withSlot(keystore: OpenKeystore, slot: KeystoreSlot): OpenKeystore {
  return { ...keystore, slots: [...otherSlots(keystore, slot.kind), slot] };
}

/** The same keystore without the slot of a kind. @throws usage, if it is the only one. */
export function withoutSlot(keystore: OpenKeystore, kind: KeystoreSlot["kind"]): OpenKeystore {
  const slots = otherSlots(keystore, kind);
  if (slots.length === 0) {
    throw new CloudError("usage", "the only way into the keystore can't be removed");
  }
  return { ...keystore, slots };
}

function otherSlots(keystore: OpenKeystore, kind: KeystoreSlot["kind"]): KeystoreSlot[] {
  return keystore.slots.filter((slot) => slot.kind !== kind);
}

/** What of a slot stands in the clear, and what its wrapped key is bound to. */
function slotHeader(slot: KeystoreSlot): CborValue {
  const params = slot.kind === "passphrase" ? encodePassphraseParams(slot.params) : null;
  return [slot.kind, params];
}

/**
 * Seals a keystore under a new file key. FORMAT §12.8.
 * @returns magic (16 B) ‖ dag-cbor ‖ SHA-256 of both (32 B).
 */
export function sealKeystore(
  primitives: Primitives,
  random: RandomBytes,
  keystore: OpenKeystore,
): Uint8Array {
  const fileKey = random(keyBytes);
  const slots = keystore.slots.map((slot): CborValue => {
    const header = slotHeader(slot);
    const context = encodeCanonical(header);
    return [header, sealBox(slot.key, boxDomains.keystoreSlot, context, fileKey, random)];
  });
  const contents = encodeCanonical({
    version: contentsVersion,
    slotKeys: keystore.slots.map((slot): CborValue => [slot.kind, slot.key]),
    account: encodeContents(keystore.contents),
  });
  const body = encodeCanonical({
    version: fileVersion,
    slots,
    contents: sealBox(fileKey, boxDomains.keystoreContents, new Uint8Array(0), contents, random),
    ...(keystore.contents.words === undefined ? {} : { unconfirmed: true }),
  });
  fileKey.fill(0);
  contents.fill(0);
  const checked = concatBytes(magic, body);
  return concatBytes(checked, primitives.sha256(checked));
}

/**
 * Overwrites what is secret of an open keystore: nothing may use it any more. The runtime may have
 * moved and copied some of it before.
 */
export function wipeKeystore({ contents, slots }: OpenKeystore): void {
  for (const { key } of slots) key.fill(0);
  contents.deviceSeed.fill(0);
  contents.locateSeed.fill(0);
  contents.writer.seed.fill(0);
  contents.words?.fill(0);
  for (const { boundaryKey, epochKeys } of contents.spaces) {
    boundaryKey.fill(0);
    for (const { key } of epochKeys) key.fill(0);
  }
}

/**
 * Opens a keystore.
 * @throws wrong-passphrase, if the secret is not one of those that open it; newer; damaged, with what
 * to do about it; usage, for an empty passphrase.
 */
export async function openKeystore(
  platform: KeystorePlatform,
  file: Uint8Array,
  secret: KeystoreSecret | SlotKey,
): Promise<OpenKeystore> {
  try {
    return await open(platform, file, secret);
  } catch (error) {
    if (!isCloudError(error, "damaged")) throw error;
    throw new CloudError("damaged", `${error.message}; ${mendHint}`, { cause: error });
  }
}

interface StoredSlot {
  readonly kind: KeystoreSlot["kind"];
  /** Of a passphrase, and of nothing else. */
  readonly params?: PassphraseParams;
  /** Canonical bytes of what stands in the clear. */
  readonly context: Uint8Array;
  readonly wrapped: Uint8Array;
}

async function open(
  platform: KeystorePlatform,
  file: Uint8Array,
  secret: KeystoreSecret | SlotKey,
): Promise<OpenKeystore> {
  const fields = decodeFile(platform.primitives, file);
  const stored = asList(fields["slots"], `the slots of ${what}`).map(decodeSlot);
  const of = secret.kind === "slot" ? secret.of : secret.kind;
  const slot = stored.find(({ kind }) => kind === of);
  if (slot === undefined) throw makeRefusal(of);
  const key = await slotKey(platform, slot, secret);
  const fileKey = openBox(key, boxDomains.keystoreSlot, slot.context, slot.wrapped);
  if (fileKey === undefined) throw makeRefusal(of);
  const sealed = asBytes(fields["contents"], `the contents of ${what}`);
  const opened = openBox(fileKey, boxDomains.keystoreContents, new Uint8Array(0), sealed);
  fileKey.fill(0);
  if (opened === undefined) {
    throw new CloudError("damaged", `${what} was altered: the secret fits, the contents do not`);
  }
  const inner = asRecord(decodeCanonical(opened, what), what, contentsVersion, [
    "slotKeys",
    "account",
  ]);
  const contents = decodeContents(asBytes(inner["account"], `the contents of ${what}`));
  if ((contents.words !== undefined) !== isMarked(fields)) {
    refuseShape(what, "the words in it if it says so, and else none");
  }
  return {
    contents,
    slots: openSlots(stored, inner["slotKeys"]),
  };
}

/**
 * Whether a keystore says, to everybody, that it holds words that nobody has confirmed yet.
 * @throws damaged, newer
 */
export function isUnconfirmed(primitives: Primitives, file: Uint8Array): boolean {
  return isMarked(decodeFile(primitives, file));
}

function isMarked(fields: Readonly<Record<string, CborValue>>): boolean {
  const mark = fields["unconfirmed"];
  if (mark !== undefined && mark !== true) refuseShape(what, "true where words are not confirmed");
  return mark === true;
}

/** Checks size, magic, checksum and version, so that damage is never called anything else. */
function decodeFile(primitives: Primitives, file: Uint8Array): Readonly<Record<string, CborValue>> {
  if (file.length > maxKeystoreBytes) {
    throw new CloudError("damaged", `${what} has ${file.length.toString()} bytes`);
  }
  const end = Math.max(0, file.length - checksumBytes);
  const checked = file.subarray(0, end);
  if (!startsWithBytes(checked, magic)) {
    throw new CloudError("damaged", `${what} does not begin as a keystore does`);
  }
  if (!equalBytes(primitives.sha256(checked), file.subarray(end))) {
    throw new CloudError("damaged", `${what} is not what was written: its checksum differs`);
  }
  const body = decodeCanonical(checked.subarray(magic.length), what);
  return asRecord(body, what, fileVersion, ["slots", "contents", "unconfirmed?"]);
}

function decodeSlot(value: CborValue): StoredSlot {
  const name = `a slot of ${what}`;
  const [header = null, wrapped] = asTuple(value, 2, name);
  const [kind, params = null] = asTuple(header, 2, name);
  const kindText = asText(kind, name);
  const common = {
    context: encodeCanonical(header),
    wrapped: asBytes(wrapped, name, wrappedKeyBytes),
  };
  switch (kindText) {
    case "passphrase":
      return { ...common, kind: kindText, params: decodePassphraseParams(params, name) };
    case "editor":
      return params === null ? { ...common, kind: kindText } : refuseShape(name, "no parameters");
    default:
      throw new CloudError(
        "newer",
        `${what} is opened by ${JSON.stringify(kindText)}, which needs a newer IPCloud`,
      );
  }
}

/** What opens a slot. @param slot - of the secret's kind. */
async function slotKey(
  platform: KeystorePlatform,
  { params }: StoredSlot,
  secret: KeystoreSecret | SlotKey,
): Promise<Uint8Array> {
  if (secret.kind === "slot") return secret.key;
  if (secret.kind === "editor") return editorSlot(platform, secret.key).key;
  return passphraseKey(platform.argon2id, secret.passphrase, params as PassphraseParams);
}

function makeRefusal(of: KeystoreSlot["kind"]): CloudError {
  const sentence =
    of === "passphrase"
      ? "the passphrase does not open the keystore"
      : "the key that the editor holds does not open the keystore; unlock it with the passphrase";
  return new CloudError("wrong-passphrase", sentence);
}

/** The slots with their keys, which the contents carry. */
function openSlots(stored: readonly StoredSlot[], slotKeys: CborValue | undefined): KeystoreSlot[] {
  const name = `the keys of the slots of ${what}`;
  const keys = new Map(
    asList(slotKeys, name).map((item) => {
      const [kind, key] = asTuple(item, 2, name);
      return [asText(kind, name), asBytes(key, name, keyBytes)];
    }),
  );
  if (keys.size !== stored.length) refuseShape(name, "one for each slot");
  return stored.map(({ kind, params }): KeystoreSlot => {
    const key = keys.get(kind) ?? refuseShape(name, "one for each slot");
    if (kind === "editor") return { kind, key };
    return { kind, key, params: params as PassphraseParams };
  });
}
