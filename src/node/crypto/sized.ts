import { CloudError } from "../core/cloud-error.ts";

/**
 * Hands back bytes of the right length, for the one function that brands them as a key, a seed or a
 * signature.
 * @param name - with its article, for the error.
 * @throws damaged, if the length is another.
 */
export function sized(bytes: Uint8Array, length: number, name: string): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new CloudError(
    "damaged",
    `expected ${name} of ${length.toString()} bytes, got ${bytes.length.toString()}`,
  );
}
