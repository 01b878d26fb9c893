// Reads and writes the vectors of the format: JSON, one file for each part of it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a vector file may hold. Bytes are lower-case hexadecimal. */
export type VectorValue =
  | string
  | number
  | boolean
  | null
  | readonly VectorValue[]
  | { readonly [name: string]: VectorValue };

function pathOf(name: string): string {
  return join(import.meta.dirname, `${name}.json`);
}

/** The vectors of a part, as they were written. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(pathOf(name), "utf8"));
}

/** Writes the vectors of a part. */
export function writeVectors(name: string, value: VectorValue): void {
  writeFileSync(pathOf(name), `${JSON.stringify(value, undefined, 1)}\n`);
}
