import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { CloudError } from "../core/cloud-error.ts";
import { type AccountSecret, asAccountSecret } from "./account.ts";
import { unknownWord } from "./unknown-word.ts";

/** How many words an account's secret is shown as. */
export const wordCount = 24;

/** The 24 words of an account's secret: BIP39 (English) of the 32 bytes as entropy, one space apart. */
export function wordsOfSecret(secret: AccountSecret): string {
  return entropyToMnemonic(secret, wordlist);
}

/**
 * Reads {@link wordsOfSecret} back as people type it: any case, any white space between and around.
 * @throws usage, if the count is wrong, a word is not in the list (its place and the nearest words
 * are named) or the check that the last word carries does not hold.
 */
export function secretOfWords(text: string): AccountSecret {
  const words = text.normalize("NFKD").toLowerCase().split(/\s+/u).filter(Boolean);
  for (const [index, word] of words.entries()) {
    if (!wordlist.includes(word)) throw new CloudError("usage", unknownWord(word, index + 1));
  }
  if (words.length !== wordCount) {
    throw new CloudError(
      "usage",
      `expected ${wordCount.toString()} words, got ${words.length.toString()}`,
    );
  }
  try {
    return asAccountSecret(mnemonicToEntropy(words.join(" "), wordlist));
  } catch {
    // The library's error is dropped: what it says of the words is nobody's to keep.
    throw new CloudError(
      "usage",
      "these 24 words don't belong together: each is in the list, but one of them is another than was written down, or their order is",
    );
  }
}
