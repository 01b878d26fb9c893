import { fromHex } from "../../src/node/core/bytes.ts";
import { readVectors } from "../vectors/vector-file.ts";
import { joinPair } from "./parser.ts";

/** What is longer is not changed: that would only be slow. */
const maxSampleBytes = 16 * 1024;

interface Gathered {
  readonly bytes: Uint8Array[];
  readonly pairs: Uint8Array[];
  readonly texts: string[];
}

const gathered = new Map<string, Gathered>();

/** Every byte string in the vectors of some parts, each once. */
export const vectorBytes = (...parts: string[]): Uint8Array[] =>
  parts.flatMap((part) => gather(part).bytes);

/** Every key with its value in the vectors of some parts, joined by `joinPair`. */
export const vectorPairs = (...parts: string[]): Uint8Array[] =>
  parts.flatMap((part) => gather(part).pairs);

/** Every text in the vectors of some parts that is not hexadecimal. */
export const vectorTexts = (...parts: string[]): string[] =>
  parts.flatMap((part) => gather(part).texts);

function gather(part: string): Gathered {
  const known = gathered.get(part);
  if (known !== undefined) return known;
  const found: Gathered = { bytes: [], pairs: [], texts: [] };
  visit(readVectors(part), found, new Set());
  gathered.set(part, found);
  return found;
}

function visit(value: unknown, found: Gathered, seen: Set<string>): void {
  if (typeof value === "string") addText(value, found, seen);
  if (typeof value !== "object" || value === null) return;
  addPair(value, found, seen);
  for (const member of Object.values(value)) visit(member, found, seen);
}

function addText(text: string, found: Gathered, seen: Set<string>): void {
  if (text.length > 2 * maxSampleBytes || seen.has(text)) return;
  seen.add(text);
  const bytes = fromHex(text);
  if (bytes === undefined) found.texts.push(text);
  else found.bytes.push(bytes);
}

/** `{key, value}` or `[key, value]`. */
function addPair(value: object, found: Gathered, seen: Set<string>): void {
  const isNamed = "key" in value && "value" in value;
  const [key, item] = isNamed
    ? [value.key, value.value]
    : Array.isArray(value)
      ? (value as unknown[])
      : [];
  if (typeof key !== "string" || typeof item !== "string") return;
  if (Array.isArray(value) && value.length !== 2) return;
  const name = `${key} ${item}`;
  const [keyBytes, itemBytes] = [fromHex(key), fromHex(item)];
  if (keyBytes === undefined || itemBytes === undefined || seen.has(name)) return;
  if (keyBytes.length + itemBytes.length > maxSampleBytes) return;
  seen.add(name);
  found.pairs.push(joinPair(keyBytes, itemBytes));
}
