import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { CloudError } from "../core/cloud-error.ts";
import { type AccountSecret, asAccountSecret } from "./account.ts";

/** How many words an account's secret is shown as. */
export const wordCount = 24;

const suggestions = 3;
/** Beyond so many edits a suggestion only confuses. */
const farthestSuggestion = 3;
const longestShownWord = 20;

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

function unknownWord(word: string, place: number): string {
  const shown = word.length > longestShownWord ? `${word.slice(0, longestShownWord)}…` : word;
  const near = nearestWords(word);
  const hint = near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
  return `word ${place.toString()}, ${JSON.stringify(shown)}, is not in the list of words${hint}`;
}

/** Words of the list within a few edits, the nearest first, then in the order of the list. */
function nearestWords(word: string): string[] {
  if (word.length > longestShownWord) return [];
  return wordlist
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => {
      return distance <= farthestSuggestion && distance < candidate.length / 2 + 1;
    })
    .sort((a, b) => a.distance - b.distance)
    .slice(0, suggestions)
    .map(({ candidate }) => candidate);
}

/** How many letters must be put in, taken out, changed or swapped with the next (Damerau). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, substituted);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(beforeLast, j - 2) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
