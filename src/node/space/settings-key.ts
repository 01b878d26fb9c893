import { type BoundaryKey, deriveKey } from "../crypto/derive.ts";
import { derivationDomains } from "../crypto/domains.ts";
import type { Primitives } from "../crypto/primitives.ts";

/** Seals the rows of one space in one store that nobody else reads. FORMAT §4.1. */
export function settingsKey(primitives: Primitives, boundaryKey: BoundaryKey): Uint8Array {
  return deriveKey(primitives, boundaryKey, derivationDomains.localSettings);
}
