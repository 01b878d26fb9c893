import { CloudError } from "../core/cloud-error.ts";
import type { Params, RequestName } from "./contract.ts";

/** What one parameter has to be. */
interface Field {
  /** For the sentence: "a string". */
  readonly what: string;
  readonly required: boolean;
  readonly is: (value: unknown) => boolean;
}

/** A field for each parameter that the contract names, no more and no fewer. */
type Fields<Name extends RequestName> = {
  readonly [Key in keyof Required<Params<Name>>]: Field;
};

const required = (what: string, is: (value: unknown) => boolean): Field => ({
  what,
  required: true,
  is,
});
const optional = (field: Field): Field => ({ ...field, required: false });

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const text = required("a string", (value) => typeof value === "string");
const flag = required("true or false", (value) => typeof value === "boolean");
const overwrite = required(
  'true, false or "alike"',
  (value) => typeof value === "boolean" || value === "alike",
);
const count = required("a whole number, 0 or more", isCount);
const time = required("a number of milliseconds", (value) => Number.isFinite(value));
const mode = required("permission bits", (value) => isCount(value) && (value as number) <= 0o7777);
const bytes = required("bytes", (value) => value instanceof Uint8Array);
const base = required("a version or null", (value) => value === null || typeof value === "string");
const members = required("an object", (value) => isObject(value) && !Array.isArray(value));
const secret = required("a passphrase or a key of 32 bytes", (value) => {
  if (!isObject(value) || Object.keys(value).length !== 1) return false;
  if ("passphrase" in value) return typeof value.passphrase === "string";
  return "key" in value && value.key instanceof Uint8Array && value.key.length === 32;
});

const write = {
  path: text,
  base: optional(base),
  mode: optional(mode),
  mtime: optional(time),
  parents: optional(flag),
};

const fields: { readonly [Name in RequestName]: Fields<Name> } = {
  initialize: { protocol: count, build: text, token: bytes },
  status: {},
  stop: {},
  createAccount: { secret, words: optional(text), device: optional(text) },
  unlock: { secret },
  lock: {},
  setSecret: { current: secret, next: secret },
  removeEditorKey: {},
  getSettings: {},
  setSettings: { settings: members },
  stat: { path: text, at: optional(text), version: optional(text) },
  list: { path: text, at: optional(text) },
  read: {
    path: text,
    at: optional(text),
    version: optional(text),
    offset: optional(count),
    length: optional(count),
  },
  readLink: { path: text, at: optional(text) },
  write: { ...write, content: bytes },
  symlink: { path: text, target: text },
  uploadBegin: {},
  uploadPart: { upload: count, content: bytes },
  uploadEnd: { ...write, upload: count },
  uploadAbort: { upload: count },
  mkdir: { path: text, parents: optional(flag) },
  remove: { path: text, recursive: optional(flag) },
  move: { from: text, to: text, overwrite: optional(overwrite) },
  copy: { from: text, to: text, overwrite: optional(overwrite), at: optional(text) },
  setMeta: { path: text, mode: optional(mode), mtime: optional(time) },
  import: { source: text, dest: text },
  export: { path: text, dest: text, at: optional(text) },
  log: { path: text, limit: optional(count), everySave: optional(flag) },
  revisions: { limit: optional(count), before: optional(text) },
  journal: {
    limit: optional(count),
    before: optional(text),
    path: optional(text),
    changesEach: optional(count),
  },
  diff: { from: text, to: optional(text), path: optional(text) },
  removed: { path: text, limit: optional(count) },
  restore: { path: text, version: optional(text), at: optional(text) },
  tag: { name: text, at: optional(text), remove: optional(flag) },
  tags: {},
  purge: { path: text },
  verify: {},
  gc: { dryRun: optional(flag) },
};

/** Every request of the contract. */
export const requestNames = Object.keys(fields) as readonly RequestName[];

/** Whether the contract has a request of this name. */
export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(fields, name);
}

/**
 * Whether what came over the socket is what the contract promises to the handler of `name`. A
 * parameter that the contract doesn't know is refused: leaving it out would do something else than
 * was asked.
 * @throws usage, naming the request and the parameter, never its value.
 */
export function checkParams<Name extends RequestName>(
  name: Name,
  params: unknown,
): asserts params is Params<Name> {
  const refuse = (what: string): never => {
    throw new CloudError("usage", `the request ${name} expected ${what}`);
  };
  if (!isObject(params) || Array.isArray(params)) return refuse("its parameters by name");
  const known: Readonly<Record<string, Field>> = fields[name];
  for (const key of Object.keys(params)) {
    if (!Object.hasOwn(known, key)) refuse(`no parameter ${JSON.stringify(key.slice(0, 40))}`);
  }
  for (const [key, field] of Object.entries(known)) {
    const value: unknown = Reflect.get(params, key);
    const fits = value === undefined ? !field.required : field.is(value);
    if (!fits) refuse(`"${key}" to be ${field.what}`);
  }
}
