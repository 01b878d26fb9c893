import { asAccountSecret } from "../account/account.ts";
import { createAccount } from "../account/create.ts";
import type { KeystoreContents } from "../account/keystore-contents.ts";
import type { PublicStatements } from "../account/public-statements.ts";
import { recoverAccount } from "../account/recover.ts";
import { secretOfWords, wordsOfSecret } from "../account/words.ts";
import { keyBytes } from "../crypto/derive.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";

/** What a device is to keep of an account, and its words where they were drawn. */
export interface NewAccount {
  readonly contents: KeystoreContents;
  /** Shown once, kept nowhere; `undefined` where the caller has them. */
  readonly words: string | undefined;
}

/**
 * Makes an account: a fresh one, that of the words, or by the words the one that a store holds.
 * @param input.statements - of the account that the store holds; absent, where it holds none.
 * @param input.instance - fingerprint of the data folder, 32 bytes.
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
): Promise<NewAccount> {
  const { words, statements, deviceName, instance } = input;
  const secret = words === undefined ? asAccountSecret(random(keyBytes)) : secretOfWords(words);
  try {
    const device = { secret, deviceName, instance };
    const contents =
      statements === undefined
        ? await createAccount(primitives, random, device)
        : await recoverAccount(primitives, random, { ...device, statements });
    return { contents, words: words === undefined ? wordsOfSecret(secret) : undefined };
  } finally {
    secret.fill(0);
  }
}
