import type { CborValue } from "../../blocks/cbor.ts";
import { asBytes, asInteger, asList, asText, refuseShape } from "../../blocks/shape.ts";
import type { Brand } from "../../core/brand.ts";
import { compareBytes } from "../../core/bytes.ts";
import { IdSet } from "../../core/id-map.ts";
import type { SignatureDomain } from "../../crypto/domains.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import type { PublicKey, SigningKey } from "../../crypto/sign.ts";
import { sized } from "../../crypto/sized.ts";
import {
  asAscending,
  ascending,
  asKeyField,
  checkAscending,
  checkSignature,
  decodeSigned,
  encodeSigned,
  type Fields,
  hashBytes,
} from "../signed-record.ts";

/** Names a statement: SHA-256 of its bytes. */
export type StatementHash = Brand<Uint8Array, "StatementHash">;

/** Takes 32 bytes as the hash of a statement. @throws damaged, if the length is another. */
export const asStatementHash = (bytes: Uint8Array): StatementHash =>
  sized(bytes, hashBytes, "the hash of a statement") as StatementHash;

/** Somebody whom a list names: a device by its identity, or by its pseudonym in a space. */
export interface Named {
  readonly key: PublicKey;
}

/** Somebody who is on a list. */
export interface Member extends Named {
  /** Whether this one may itself change the list. */
  readonly admin: boolean;
}

/** What a statement says. `In` is what a list says of who is in, `Out` of who was taken out. */
export type Action<In extends Member, Out extends Named> =
  | { readonly kind: "add"; readonly member: In }
  | { readonly kind: "revoke"; readonly member: Out }
  /** Says nothing but that its signer knew what it stands on. */
  | { readonly kind: "join" }
  | Checkpoint<In, Out>
  | Founding
  | { readonly kind: "suite"; readonly suite: number };

/** Says anew who is in and who is out, and takes the place of what was said before. */
export interface Checkpoint<In extends Member, Out extends Named> {
  readonly kind: "checkpoint";
  readonly in: readonly In[];
  readonly out: readonly Out[];
  /** Hashes of the root's statements and of the revocations that it takes the place of, ascending. */
  readonly past: readonly StatementHash[];
  /** Only in a roster. */
  readonly suite?: number;
}

/** The first statement of a roster. */
export interface Founding {
  readonly kind: "found";
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
  /** The key that the words yield for the space. */
  readonly override: PublicKey;
  readonly suite: number;
}

/** One signed statement of a list. FORMAT §12.2. */
export interface Statement<In extends Member, Out extends Named> {
  /** SHA-256 of {@link bytes}. */
  readonly hash: StatementHash;
  readonly bytes: Uint8Array;
  /** Larger than that of every statement before. */
  readonly n: number;
  /** Hashes of what it stands on directly, ascending; none in a checkpoint and in the first. */
  readonly prev: readonly StatementHash[];
  readonly signer: PublicKey;
  readonly action: Action<In, Out>;
}

/** How the statements of one kind of list are written. */
export interface StatementForm<In extends Member, Out extends Named> {
  /** For sentences: "a statement of …". */
  readonly what: string;
  readonly domain: SignatureDomain;
  /** The field that names the list, and its value. */
  readonly list: readonly [field: "account" | "space", value: Uint8Array];
  /** Whether there are statements that found the list and that change its suite. */
  readonly hasSuite: boolean;
  encodeIn(member: In): CborValue;
  /** @throws damaged */
  decodeIn(primitives: Primitives, value: CborValue): In;
  encodeOut(member: Out): CborValue;
  /** @throws damaged */
  decodeOut(value: CborValue): Out;
}

/** The largest checkpoint in bytes; every other statement comes to less by the bounds of its fields. */
export const maxCheckpointBytes = 512 * 1024;
/** The most statements that one stands on directly. */
export const maxPrev = 64;
/** The most that are in, by one checkpoint. */
export const maxMembers = 256;
/** The most that are out, by one checkpoint. */
export const maxOut = 1024;
/** The most that a checkpoint takes the place of. */
export const maxPast = 8192;
/** Length of a space's nonce in bytes. */
export const spaceNonceBytes = 16;

const statementVersion = 1;
const fieldNames = [
  "account?",
  "space?",
  "n",
  "prev",
  "signer",
  "action",
  "subject?",
  "in?",
  "out?",
  "past?",
  "nonce?",
  "override?",
  "suite?",
];

/** Beside the fields that all have: those of each action, no more and no fewer. */
function fieldsOf(kind: string, hasSuite: boolean): readonly string[] | undefined {
  switch (kind) {
    case "add":
    case "revoke":
      return ["subject"];
    case "join":
      return [];
    case "checkpoint":
      return hasSuite ? ["in", "out", "past", "suite"] : ["in", "out", "past"];
    case "suite":
      return hasSuite ? ["suite"] : undefined;
    case "found":
      return hasSuite ? ["nonce", "override", "suite"] : undefined;
    default:
      return undefined;
  }
}

function encodeAction<In extends Member, Out extends Named>(
  form: Pick<StatementForm<In, Out>, "encodeIn" | "encodeOut">,
  action: Action<In, Out>,
): Fields {
  switch (action.kind) {
    case "add":
      return { subject: form.encodeIn(action.member) };
    case "revoke":
      return { subject: form.encodeOut(action.member) };
    case "join":
      return {};
    case "checkpoint":
      return {
        in: byKey(action.in).map((member) => form.encodeIn(member)),
        out: byKey(action.out).map((member) => form.encodeOut(member)),
        past: ascending(action.past),
        ...(action.suite === undefined ? {} : { suite: action.suite }),
      };
    case "suite":
      return { suite: action.suite };
    case "found":
      return { nonce: action.nonce, override: action.override, suite: action.suite };
  }
}

function byKey<Each extends Named>(list: readonly Each[]): Each[] {
  return list.toSorted((a, b) => compareBytes(a.key, b.key));
}

/** Signs a statement. Whether the signer may make it is not asked here. */
export function signStatement<In extends Member, Out extends Named>(
  primitives: Primitives,
  form: StatementForm<In, Out>,
  signer: SigningKey,
  statement: {
    readonly n: number;
    readonly prev: readonly StatementHash[];
    readonly action: Action<In, Out>;
  },
): Statement<In, Out> {
  const { n, prev, action } = statement;
  const [field, value] = form.list;
  const fields: Fields = {
    version: statementVersion,
    ...(action.kind === "found" ? {} : { [field]: value }),
    n,
    prev: ascending(prev),
    signer: signer.publicKey,
    action: action.kind,
    ...encodeAction(form, action),
  };
  const bytes = encodeSigned(fields, signer, form.domain);
  const hash = asStatementHash(primitives.sha256(bytes));
  return { hash, bytes, n, prev: ascending(prev), signer: signer.publicKey, action };
}

/**
 * Reads a statement and checks its signature. Whether its signer may make it is for the set.
 * @throws newer; damaged, also if it belongs to another list.
 */
export function decodeStatement<In extends Member, Out extends Named>(
  primitives: Primitives,
  form: StatementForm<In, Out>,
  bytes: Uint8Array,
): Statement<In, Out> {
  const what = `a statement of ${form.what}`;
  const record = decodeSigned(bytes, what, statementVersion, fieldNames, maxCheckpointBytes);
  const { fields } = record;
  const signer = asKeyField(fields["signer"], `the signer of ${what}`);
  checkSignature(primitives, record, signer, form.domain, what);
  const kind = asText(fields["action"], `the action of ${what}`);
  checkFields(form, fields, kind, what);
  const n = asInteger(fields["n"], `the number of ${what}`, 1);
  const prev = asHashes(fields["prev"], `what stands before ${what}`, maxPrev);
  if (kind === "checkpoint" && prev.length > 0) {
    refuseShape(what, "nothing before a checkpoint, which names its past");
  }
  const action = decodeAction(primitives, form, fields, kind);
  const hash = asStatementHash(primitives.sha256(bytes));
  return { hash, bytes, n, prev, signer, action };
}

function checkFields<In extends Member, Out extends Named>(
  form: StatementForm<In, Out>,
  fields: Fields,
  kind: string,
  what: string,
): void {
  const own = fieldsOf(kind, form.hasSuite);
  if (own === undefined) return refuseShape(what, `an action of it, not ${JSON.stringify(kind)}`);
  const list = kind === "found" ? [] : [form.list[0]];
  const expected = ["version", "n", "prev", "signer", "action", ...list, ...own];
  const found = Object.keys(fields);
  const isExact = found.length === expected.length && expected.every((name) => name in fields);
  if (!isExact) refuseShape(what, `for "${kind}" just the fields ${expected.join(", ")}`);
  if (kind === "found") return;
  const named = asKeylike(fields[form.list[0]], what);
  if (compareBytes(named, form.list[1]) !== 0) refuseShape(what, `one of this ${form.list[0]}`);
}

const asKeylike = (value: CborValue | undefined, what: string): Uint8Array =>
  asBytes(value, `the list of ${what}`, hashBytes);

function decodeAction<In extends Member, Out extends Named>(
  primitives: Primitives,
  form: StatementForm<In, Out>,
  fields: Fields,
  kind: string,
): Action<In, Out> {
  const what = `a statement of ${form.what}`;
  const suite = (): number => asInteger(fields["suite"], `the suite of ${what}`, 1, 255);
  switch (kind) {
    case "add":
      return { kind, member: form.decodeIn(primitives, fields["subject"] as CborValue) };
    case "revoke":
      return { kind, member: form.decodeOut(fields["subject"] as CborValue) };
    case "checkpoint":
      return checkApart(what, {
        kind,
        in: asMembers(fields["in"], what, maxMembers, (value) => form.decodeIn(primitives, value)),
        out: asMembers(fields["out"], what, maxOut, (value) => form.decodeOut(value)),
        past: asHashes(fields["past"], `the past of ${what}`, maxPast),
        ...(form.hasSuite ? { suite: suite() } : {}),
      });
    case "suite":
      return { kind, suite: suite() };
    case "found":
      return {
        kind,
        nonce: asBytes(fields["nonce"], `the nonce of ${what}`, spaceNonceBytes),
        override: asKeyField(fields["override"], `the override key of ${what}`),
        suite: suite(),
      };
    default:
      return { kind: "join" };
  }
}

const asHashes = (value: CborValue | undefined, what: string, most: number): StatementHash[] =>
  asAscending(value, what, hashBytes, most).map(asStatementHash);

function asMembers<Each extends Named>(
  value: CborValue | undefined,
  what: string,
  most: number,
  decode: (value: CborValue) => Each,
): Each[] {
  const list = asList(value, what).map(decode);
  checkAscending(
    list.map(({ key }) => key),
    `who is in or out by ${what}`,
    most,
  );
  return list;
}

function checkApart<In extends Member, Out extends Named>(
  what: string,
  checkpoint: Checkpoint<In, Out>,
): Checkpoint<In, Out> {
  const out = new IdSet(checkpoint.out.map(({ key }) => key));
  const isApart = checkpoint.in.every(({ key }) => !out.has(key));
  return isApart ? checkpoint : refuseShape(what, "nobody both in and out");
}

/** All whom a statement says are in. */
export function membersOf<In extends Member, Out extends Named>(
  action: Action<In, Out>,
): readonly In[] {
  if (action.kind === "checkpoint") return action.in;
  return action.kind === "add" ? [action.member] : [];
}

/** All whom a statement is about. */
export function subjectsOf<In extends Member, Out extends Named>(
  action: Action<In, Out>,
): readonly Named[] {
  switch (action.kind) {
    case "add":
    case "revoke":
      return [action.member];
    case "checkpoint":
      return [...action.in, ...action.out];
    case "join":
    case "suite":
    case "found":
      return [];
  }
}
