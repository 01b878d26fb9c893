import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { toUtf8 } from "../core/bytes.ts";
import { deriveKey } from "../crypto/derive.ts";
import { derivationDomains } from "../crypto/domains.ts";
import type { OpenSpace } from "../space/open-space.ts";

const saltBytes = 32;
/** Safe, since every row has a key of its own. */
const zeroNonce = new Uint8Array(12);

/**
 * Sealed rows of a store, under a key that only this device's keystore yields: salt (32 B) ‖ the
 * payload under AES-256-GCM, keyed by the salt and bound to the row's name. Random-nonce boxes would
 * take several times as long for megabytes.
 */
export class LocalRows {
  readonly #space: OpenSpace;
  readonly #key: Uint8Array;

  constructor(space: OpenSpace) {
    this.#space = space;
    const { primitives, device } = space;
    this.#key = deriveKey(primitives, device.deviceSeed, derivationDomains.localImports);
  }

  /** 32 bytes that stand for others, from which nobody reads them. */
  hide(bytes: Uint8Array): Uint8Array {
    return this.#space.primitives.hmacSha256(this.#key, bytes);
  }

  has(row: string): boolean {
    const { store, id } = this.#space;
    return store.setting(row, id) !== undefined;
  }

  /**
   * @param what - what the row holds, for sentences.
   * @returns `undefined` if the row is missing or can't be opened: then nothing is remembered.
   * @throws damaged
   */
  read(row: string, what: string): CborValue | undefined {
    const box = this.#space.store.setting(row, this.#space.id);
    if (box === undefined) return undefined;
    const key = this.#space.primitives.hmacSha256(this.#key, box.subarray(0, saltBytes));
    const sealed = box.subarray(saltBytes);
    const opened = this.#space.primitives.aesGcmOpen(key, zeroNonce, sealed, toUtf8(row));
    return opened === undefined ? undefined : decodeCanonical(opened, what);
  }

  /** Makes a row durable. @param remove - rows that go with it. */
  async write(row: string, value: CborValue, remove: readonly string[] = []): Promise<void> {
    const payload = encodeCanonical(value);
    const { store, id: space, random, primitives } = this.#space;
    const salt = random(saltBytes);
    const key = primitives.hmacSha256(this.#key, salt);
    const box = primitives.aesGcmSeal(key, zeroNonce, payload, toUtf8(row), salt);
    const removed = remove.map((name) => ({ space, name, value: undefined }));
    await store.begin().commit({ settings: [{ space, name: row, value: box }, ...removed] });
  }
}
