/** What is typed to go to a file. */
export interface TypedFile {
  /** What the name is looked up by. */
  readonly query: string;
  /** From 0 on; absent: none was typed. */
  readonly line?: number;
  readonly column?: number;
}

/** Reads `main.ts:12:5`: a name, and as editors have it a line and a column from 1 on. */
export function parseTypedFile(typed: string): TypedFile {
  const [, query = typed, line, column] = /^(.*?):(\d{0,9})(?::(\d{0,9}))?$/s.exec(typed) ?? [];
  const place = (digits: string | undefined): number => Math.max(0, Number(digits ?? 1) - 1);
  if (line === undefined || line === "") return { query: query.trim() };
  return { query: query.trim(), line: place(line), column: place(column) };
}
