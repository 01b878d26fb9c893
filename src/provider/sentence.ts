import { isCloudError } from "../node/rpc/contract.ts";

/** What went wrong as a sentence for a person: a capital letter first, a full stop last. */
export function sentenceOf(error: unknown): string {
  const text = isCloudError(error)
    ? error.message
    : `something unforeseen went wrong (${error instanceof Error ? error.message : String(error)})`;
  return asSentence(text);
}

/** A text that stands by itself: a capital letter first, a full stop last. */
export function asSentence(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}
