import { CloudError } from "../core/cloud-error.ts";
import { decodeStamp, type Stamp, stampBytes } from "../core/stamp.ts";
import type { CborValue } from "./cbor.ts";

/** Refuses a decoded value whose shape is not the format's. @throws damaged, always. */
export function refuseShape(what: string, expected: string): never {
  throw new CloudError("damaged", `${what} is malformed: expected ${expected}`);
}

/** A list of exactly `length` values. @throws damaged */
export function asTuple(
  value: CborValue | undefined,
  length: number,
  what: string,
): readonly CborValue[] {
  const list = asList(value, what);
  if (list.length !== length) refuseShape(what, `a list of ${length.toString()}`);
  return list;
}

/**
 * A list of exactly `length` values, the first of them the version.
 * @returns the others.
 * @throws newer, for a larger version, whatever else the list holds; damaged
 */
export function asVersioned(
  value: CborValue,
  length: number,
  what: string,
  version: number,
): readonly CborValue[] {
  checkVersion(asInteger(asList(value, what)[0], `the version of ${what}`), what, version);
  return asTuple(value, length, what).slice(1);
}

/** A list. @throws damaged */
export function asList(value: CborValue | undefined, what: string): readonly CborValue[] {
  return Array.isArray(value) ? (value as readonly CborValue[]) : refuseShape(what, "a list");
}

/** An integer from `least` to `most`. @throws damaged */
export function asInteger(
  value: CborValue | undefined,
  what: string,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  return refuseShape(what, `a number from ${least.toString()} to ${most.toString()}`);
}

/** Bytes, of exactly `length` if that is given. @throws damaged */
export function asBytes(value: CborValue | undefined, what: string, length?: number): Uint8Array {
  if (value instanceof Uint8Array && (length === undefined || value.length === length)) {
    return value;
  }
  return refuseShape(what, length === undefined ? "bytes" : `${length.toString()} bytes`);
}

/** True or false. @throws damaged */
export function asBoolean(value: CborValue | undefined, what: string): boolean {
  return typeof value === "boolean" ? value : refuseShape(what, "true or false");
}

/** Text. @throws damaged */
export function asText(value: CborValue | undefined, what: string): string {
  return typeof value === "string" ? value : refuseShape(what, "text");
}

/** A stamp of a counter from 1. @throws damaged */
export function asStamp(value: CborValue | undefined, what: string): Stamp {
  return checkCounter(decodeStamp(asBytes(value, what, stampBytes)), what);
}

/** A stamp whose counter is from 1 to 2^53 - 1. @throws damaged */
export function checkCounter(stamp: Stamp, what: string): Stamp {
  if (stamp.counter >= 1 && stamp.counter <= Number.MAX_SAFE_INTEGER) return stamp;
  return refuseShape(what, "a stamp with a counter from 1 to 2^53 - 1");
}

/**
 * A map with just the fields named, optional ones marked by a question mark at their end.
 * @throws newer, for a larger `version` or a field that this version does not know; damaged, for a
 * field that is missing.
 */
export function asRecord(
  value: CborValue,
  what: string,
  version: number,
  fields: readonly string[],
): Readonly<Record<string, CborValue>> {
  if (value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return refuseShape(what, "a map of fields");
  }
  const record = value as Readonly<Record<string, CborValue>>;
  const found = asInteger(record["version"], `the version of ${what}`);
  checkVersion(found, what, version);
  const known = new Set(["version", ...fields.map((field) => field.replace(/\?$/, ""))]);
  for (const field of Object.keys(record)) {
    if (!known.has(field)) {
      throw new CloudError(
        "newer",
        `${what} has the field ${JSON.stringify(field)}, which needs a newer IPCloud`,
      );
    }
  }
  for (const field of fields) {
    if (!field.endsWith("?") && !(field in record)) refuseShape(what, `the field "${field}"`);
  }
  return record;
}

/** Refuses a version other than the one understood. @throws newer, damaged */
export function checkVersion(found: number, what: string, version: number): void {
  if (found > version) {
    throw new CloudError(
      "newer",
      `${what} has version ${found.toString()}, which needs a newer IPCloud`,
    );
  }
  if (found !== version) refuseShape(what, `version ${version.toString()}`);
}
