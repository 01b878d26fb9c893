import * as nodeCrypto from "node:crypto";
import { argon2idAsync } from "@noble/hashes/argon2.js";
import type { Argon2id } from "../account/passphrase.ts";

/** Argon2id (RFC 9106) by OpenSSL, on a thread of its own. Node 24.7 and later. */
export const nativeArgon2id: Argon2id = (passphrase, salt, cost, length) =>
  new Promise((resolve, reject) => {
    nodeCrypto.argon2(
      "argon2id",
      {
        message: passphrase,
        nonce: salt,
        parallelism: cost.lanes,
        memory: cost.memoryKiB,
        passes: cost.passes,
        tagLength: length,
      },
      (error, tag) => {
        if (error === null) resolve(Uint8Array.from(tag));
        else reject(error);
      },
    );
  });

/** Argon2id by noble: the same results, about ten times slower, on this thread in small steps. */
export const portableArgon2id: Argon2id = (passphrase, salt, cost, length) =>
  argon2idAsync(passphrase, salt, {
    m: cost.memoryKiB,
    t: cost.passes,
    p: cost.lanes,
    dkLen: length,
  });

/** Argon2id by the fastest means that this runtime has. */
export const argon2id: Argon2id = "argon2" in nodeCrypto ? nativeArgon2id : portableArgon2id;
