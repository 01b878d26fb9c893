import { CloudError } from "../core/cloud-error.ts";

/**
 * Takes bytes of the right length as a key, a seed or a signature: the one place where such a brand
 * is given.
 * @param name - with its article, for the error.
 * @throws damaged, if the length is another.
 */
export function sized<Branded extends Uint8Array>(
  bytes: Uint8Array,
  length: number,
  name: string,
): Branded {
  if (bytes.length === length) return bytes as Branded;
  throw new CloudError(
    "damaged",
    `expected ${name} of ${length.toString()} bytes, got ${bytes.length.toString()}`,
  );
}
