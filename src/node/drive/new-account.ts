import { asAccountSecret } from "../account/account.ts";
import { createAccount } from "../account/create.ts";
import type { KeystoreContents } from "../account/keystore-contents.ts";
import type { PublicStatements } from "../account/public-statements.ts";
import { recoverAccount } from "../account/recover.ts";
import { secretOfWords } from "../account/words.ts";
import { keyBytes } from "../crypto/derive.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";

/**
 * Makes an account: a fresh one, that of the words, or by the words the one that a store holds.
 * @param input.statements - of the account that the store holds; absent, where it holds none.
 * @param input.instance - fingerprint of the data folder, 32 bytes.
 * @returns what a device is to keep of it: its words too, where they were drawn.
 * @throws usage, for words that are none or a name that is none; wrong-passphrase, if the words are
 * another account's
 */
export async function newAccount(
  primitives: Primitives,
  random: RandomBytes,
  input: {
    readonly words: string | undefined;
    readonly statements: PublicStatements | undefined;
    readonly deviceName: string;
    readonly instance: Uint8Array;
  },
): Promise<KeystoreContents> {
  const { words, statements, deviceName, instance } = input;
  const secret = words === undefined ? asAccountSecret(random(keyBytes)) : secretOfWords(words);
  try {
    const device = { secret, deviceName, instance };
    const contents =
      statements === undefined
        ? await createAccount(primitives, random, device)
        : await recoverAccount(primitives, random, { ...device, statements });
    return words === undefined ? { ...contents, words: asAccountSecret(secret.slice()) } : contents;
  } finally {
    secret.fill(0);
  }
}
