import {
  array,
  boolean,
  check,
  custom,
  exactOptional,
  finite,
  literal,
  maxValue,
  minValue,
  null_,
  number,
  type ObjectEntries,
  pipe,
  readonly,
  regex,
  safeInteger,
  strictObject,
  string,
  tuple,
  union,
} from "valibot";

const keyBytes = 32;

const wholeNumber = "a whole number, 0 or more";
const permissionBits = "permission bits";
const someKey = "a key of 32 bytes";
const spaceDigits = "the id of a space, 64 hexadecimal digits";

const text = string("a string");
const bytes = custom<Uint8Array>((value) => value instanceof Uint8Array, "bytes");
const count = pipe(number(wholeNumber), safeInteger(wholeNumber), minValue(0, wholeNumber));
const texts = pipe(array(text, "a list of strings"), readonly());
const key = pipe(
  bytes,
  check((value) => value.length === keyBytes, someKey),
);

/**
 * An object with these members and no others.
 * @param what - for the sentence: "an object".
 */
export function members<Entries extends ObjectEntries>(what: string, entries: Entries) {
  // Lists and bytes are objects too, and empty ones would pass where every member may be absent.
  const isPlain = custom<object>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      !ArrayBuffer.isView(value),
    what,
  );
  return pipe(isPlain, strictObject(entries, what));
}

/**
 * Every kind of parameter. Its message is what was expected, for the sentence of a refusal; what
 * came is never told, for it may be a passphrase.
 */
export const fields = {
  /** A string: a path, a name, a moment, a version. */
  text,
  flag: boolean("true or false"),
  count,
  /** Milliseconds since 1970, with fractions. */
  time: pipe(number("a number of milliseconds"), finite("a number of milliseconds")),
  /** 0 to 0o7777. */
  mode: pipe(
    number(permissionBits),
    safeInteger(permissionBits),
    minValue(0, permissionBits),
    maxValue(0o7777, permissionBits),
  ),
  bytes,
  /** Which space is meant, by its id. */
  space: pipe(string(spaceDigits), regex(/^[0-9a-f]{64}$/u, spaceDigits)),
  /** The version that must be current; `null`: nothing may be there. */
  base: union([null_(), text], "a version or null"),
  /** What a move or a copy may replace. */
  overwrite: union([boolean(), literal("alike")], 'true, false or "alike"'),
  /** What opens an account: a passphrase, or the key that the editor holds. */
  secret: union(
    [members(someKey, { passphrase: text }), members(someKey, { key })],
    "a passphrase or a key of 32 bytes",
  ),
  /** What is to change of the settings, each by itself. */
  settings: members("an object", {
    versionWindowSeconds: exactOptional(count),
    autoLockMinutes: exactOptional(count),
    housekeepingMinutes: exactOptional(count),
    compression: exactOptional(boolean("true or false")),
    retention: exactOptional(
      members("an object", {
        keepAllDays: exactOptional(count),
        dailyDays: exactOptional(count),
        weeklyWeeks: exactOptional(count),
        monthlyMonths: exactOptional(count),
      }),
    ),
  }),
  /** Some strings, none among them. */
  texts,
  /** What stands at a path. */
  kind: union([literal("file"), literal("folder"), literal("link")], '"file", "folder" or "link"'),
  /** A text that is looked for in files. */
  query: members("an object", {
    patterns: texts,
    isRegExp: boolean("true or false"),
    ignoreCase: boolean("true or false"),
    word: boolean("true or false"),
    wants: union(
      [literal("lines"), literal("count"), literal("file")],
      '"lines", "count" or "file"',
    ),
    linesEach: count,
    previewLength: count,
    context: pipe(tuple([count, count], "two numbers"), readonly()),
    binary: boolean("true or false"),
  }),
  /** The same kind, and it may be absent. */
  optional: exactOptional,
} as const;

/** What the table of requests says its parameters with. */
export type Fields = typeof fields;
