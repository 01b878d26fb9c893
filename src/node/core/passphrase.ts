import { CloudError } from "./cloud-error.ts";

/** The fewest characters of a new passphrase: argon2id makes guesses dear, and these make them many. */
export const fewestCharacters = 10;

/**
 * Whether a passphrase may be set; one that was set before opens whatever its length. Characters
 * are code points of normal form C, in which it becomes a key.
 */
export function isLongEnough(passphrase: string): boolean {
  return Array.from(passphrase.normalize("NFC")).length >= fewestCharacters;
}

/**
 * Checks a passphrase before it is set, whoever asks for it.
 * @throws usage, which tells nothing of it.
 */
export function checkNewPassphrase(passphrase: string): void {
  if (isLongEnough(passphrase)) return;
  throw new CloudError(
    "usage",
    `a new passphrase needs at least ${fewestCharacters.toString()} characters; four or five random words are easy to keep and hard to guess`,
  );
}
