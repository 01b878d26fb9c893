import { type BaseIssue, type GenericSchema, safeParse } from "valibot";
import { CloudError } from "../core/cloud-error.ts";
import { fields, members } from "./contract/fields.ts";
import { specOf } from "./contract/requests.ts";
import { type Params, type RequestName, requestNames } from "./contract.ts";

/** A schema as far as its refusals are told: those of `fields.ts`, whose messages are plain text. */
interface Expecting {
  readonly kind: "schema";
  /** What was expected. */
  readonly message?: unknown;
  /** Of an object: its members. */
  readonly entries?: Readonly<Record<string, Expecting>>;
  /** Of what may be absent: the same kind. */
  readonly wrapped?: Expecting;
  /** Of what is checked in steps. */
  readonly pipe?: readonly Expecting[];
}

const schemas = new Map<RequestName, GenericSchema & Expecting>(
  requestNames.map((name) => [
    name,
    members("its parameters by name", specOf(name).params(fields)),
  ]),
);

/**
 * What came over the socket, if it is what the contract promises to the handler of `name`. A
 * parameter that the contract doesn't know is refused: leaving it out would do something else than
 * was asked.
 * @throws usage, naming the request, the parameter and what was expected, never what came.
 */
export function parseParams<Name extends RequestName>(name: Name, params: unknown): Params<Name> {
  const schema = schemas.get(name) as GenericSchema & Expecting;
  const parsed = safeParse(schema, params, { abortEarly: true });
  if (parsed.success) return parsed.output as Params<Name>;
  throw new CloudError(
    "usage",
    `the request ${name} expected ${expected(schema, parsed.issues[0])}`,
  );
}

/** What was expected in place of what an issue is about, for the sentence. */
function expected(schema: Expecting, { path }: BaseIssue<unknown>): string {
  let here = schema;
  const names: string[] = [];
  for (const { key } of path ?? []) {
    const entries = (here.wrapped ?? here).pipe?.at(-1)?.entries;
    if (entries === undefined) break; // inside of a secret: its two kinds are all that is told
    const name = String(key);
    names.push(name);
    const member = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (member === undefined) return `no parameter ${JSON.stringify(names.join(".").slice(0, 60))}`;
    here = member;
  }
  const { message } = here.wrapped ?? here;
  const what = typeof message === "string" ? message : "something else";
  return names.length === 0 ? what : `"${names.join(".")}" to be ${what}`;
}
