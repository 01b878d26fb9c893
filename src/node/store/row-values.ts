import type { SQLOutputValue } from "node:sqlite";
import { CloudError } from "../core/cloud-error.ts";

/** A row as node:sqlite returns it. */
export type Row = Record<string, SQLOutputValue>;

function wrongType(column: string, expected: string): CloudError {
  return new CloudError("damaged", `the store's database holds no ${expected} as ${column}`);
}

/** An integer column. @throws damaged, if it holds something else. */
export function integerOf(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw wrongType(column, "integer");
  }
  return value;
}

/** A column of bytes. @throws damaged, if it holds something else. */
export function bytesOf(row: Row | undefined, column: string): Uint8Array {
  const value = row?.[column];
  if (!(value instanceof Uint8Array)) throw wrongType(column, "bytes");
  return value;
}

/** A column of text. @throws damaged, if it holds something else. */
export function textOf(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== "string") throw wrongType(column, "text");
  return value;
}

/** What is said of rows that should rise and don't: who goes on after the last would never end. */
export function outOfOrder(what: string): CloudError {
  return new CloudError("damaged", `the ${what} is damaged: its rows are out of order`);
}
