import { fewestCharacters, isLongEnough } from "../../node/core/passphrase.ts";

/** What is said about a passphrase while it is typed. */
export interface Strength {
  /** Below this it is refused. */
  readonly enough: boolean;
  /** A sentence for the person. */
  readonly words: string;
}

const fairBits = 45;
const goodBits = 65;

/**
 * Guesses how long a passphrase would hold, for a hint and no more: argon2id makes each try
 * expensive, and the person chooses. Repeats and rows of neighbours count little, words from a
 * dictionary are not known here, so length is what is asked for.
 */
export function passphraseStrength(passphrase: string): Strength {
  if (!isLongEnough(passphrase)) {
    return {
      enough: false,
      words: `At least ${String(fewestCharacters)} characters; four or five random words are easy to keep and hard to guess.`,
    };
  }
  const bits = estimateBits(Array.from(passphrase));
  if (bits < fairBits) return { enough: true, words: "Weak: make it longer or less regular." };
  if (bits < goodBits) return { enough: true, words: "Fair: another word would make it strong." };
  return { enough: true, words: "Strong, if no one else uses it and you use it nowhere else." };
}

function estimateBits(characters: readonly string[]): number {
  const text = characters.join("");
  let alphabet = 0;
  if (/[a-z]/.test(text)) alphabet += 26;
  if (/[A-Z]/.test(text)) alphabet += 26;
  if (/[0-9]/.test(text)) alphabet += 10;
  if (/[^a-zA-Z0-9]/.test(text)) alphabet += 20;
  // Letters of words follow one another: they hold much less than their number says.
  const bitsEach = Math.log2(alphabet) * 0.6;
  let bits = 0;
  const seen = new Set<string>();
  for (const [i, character] of characters.entries()) {
    const step = character.charCodeAt(0) - (characters[i - 1]?.charCodeAt(0) ?? Number.NaN);
    const pair = `${characters[i - 1] ?? ""}${character}`;
    bits += Math.abs(step) <= 1 || seen.has(pair) ? 0.5 : bitsEach;
    seen.add(pair);
  }
  return bits;
}
