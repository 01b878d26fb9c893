import {
  type Device,
  emptyDeviceList,
  introduceDevice,
} from "../../../../src/node/account/lists/device-list.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { compareBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { signatureDomains } from "../../../../src/node/crypto/domains.ts";
import type { SigningKey } from "../../../../src/node/crypto/sign.ts";
import { resigned } from "../../../account/test-accounts.ts";
import { labelled } from "../account/account-inputs.make.ts";
import {
  ann,
  ben,
  cid,
  DeviceStory,
  dan,
  hashes,
  join,
  off,
  otherReceive,
  receive,
  revoke,
  type Said,
  type Says,
} from "./device-story.make.ts";
import { signOn } from "./statements.make.ts";
import type { VectorValue } from "../../vector-file.ts";

type Changes = Parameters<typeof resigned>[3];

/** The statement with its signature in another form. */
function withSignature(
  bytes: Uint8Array,
  change: (signature: Uint8Array) => CborValue,
): Uint8Array {
  const fields = decodeCanonical(bytes, "a statement") as Readonly<Record<string, CborValue>>;
  return encodeCanonical({ ...fields, signature: change(fields["signature"] as Uint8Array) });
}

/** Statements that make no list. */
export function deviceRefusals(story: DeviceStory): VectorValue {
  const { root, say, add: adds, statements } = story;
  const first = say(root, adds(ann));
  const two = say(root, adds(ben), first);
  const adding = say(root, adds(cid), two);
  const joining = say(root, join, two);
  const revoking = say(root, revoke(ann), two);
  const terms = { in: [story.device(ann), story.device(ben)], out: [off(cid), off(dan)] };
  const restating = story.restate(9, { ...terms, past: hashes(first, two) });
  const member = (identity: SigningKey, changes: Partial<Device> = {}) => {
    const { key, admin, receive: to, proof } = { ...story.device(identity), ...changes };
    return [key, admin, to, proof];
  };
  const { proof } = story.device(cid);
  const elsewhere = introduceDevice(ann.publicKey, cid, receive, true);
  const [smaller, larger] = [ann, ben].toSorted((a, b) =>
    toHex(a.publicKey) < toHex(b.publicKey) ? -1 : 1,
  ) as [SigningKey, SigningKey];
  const [low, high] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const many = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => Uint8Array.of(i >> 8, i, ...new Uint8Array(30)));
  const rooted = { key: root.publicKey };

  const bytes = (name: string, made: Uint8Array, beside: Said[] = [two], code = "damaged") => ({
    code,
    name,
    beside: closed(beside).map(statements.placeOf),
    bytes: toHex(made),
  });
  const closed = (tips: Said[]): Said[] => (tips.includes(two) ? [first, two] : tips);
  const changed =
    (of: Said) =>
    (name: string, changes: Changes, code = "damaged") =>
      bytes(name, resigned(of.bytes, root, signatureDomains.deviceStatement, changes), [two], code);
  const said = (name: string, by: SigningKey, action: Says, beside: Said[], n?: number) =>
    bytes(name, signOn(emptyDeviceList(root.publicKey), by, beside, action, n).bytes, beside);
  const [add, joins, revokes, restates] = [adding, joining, revoking, restating].map(changed) as [
    ReturnType<typeof changed>,
    ReturnType<typeof changed>,
    ReturnType<typeof changed>,
    ReturnType<typeof changed>,
  ];
  return [
    bytes("altered", joining.bytes.with(-1, (joining.bytes.at(-1) ?? 0) ^ 1)),
    bytes("cut short", joining.bytes.subarray(0, -1)),
    bytes("bytes left over", Uint8Array.of(...joining.bytes, 0)),
    bytes("nothing", new Uint8Array(0)),
    joins("version 2", { version: 2 }, "newer"),
    joins("an unknown field", { colour: "red" }, "newer"),
    joins("version 0", { version: 0 }),
    ...["version", "account", "n", "prev", "signer", "action"].map((field) =>
      joins(`without the field ${field}`, { [field]: undefined }),
    ),
    add("an addition without a subject", { subject: undefined }),
    ...["in", "out", "past"].map((field) =>
      restates(`a checkpoint without the field ${field}`, { [field]: undefined }),
    ),
    revokes("a field of another action", { past: [] }),
    joins("a subject of a join", { subject: ann.publicKey }),
    restates("a subject of a checkpoint", { subject: ann.publicKey }),
    joins("an unknown action", { action: "promote" }),
    joins("an action that is no text", { action: 1 }),
    joins("the suite of a device list", { action: "suite", suite: 1 }),
    restates("a suite in a checkpoint of a device list", { suite: 1 }),
    joins("a founding of a device list", {
      action: "found",
      nonce: new Uint8Array(16),
      override: root.publicKey,
      suite: 1,
    }),
    joins("also of a space", { space: root.publicKey }),
    joins("of another account", { account: ann.publicKey }),
    joins("an account of 31 bytes", { account: root.publicKey.subarray(1) }),
    joins("an account that is a list of its bytes", { account: [...root.publicKey] }),
    joins("signed by another than it says", { signer: ann.publicKey }),
    bytes("signed for another purpose", resigned(joining.bytes, root, signatureDomains.roster, {})),
    joins("a signer of 31 bytes", { signer: root.publicKey.subarray(1) }),
    joins("a signer that is a list of its bytes", { signer: [...root.publicKey] }),
    bytes(
      "a signature that is a list of its bytes",
      withSignature(joining.bytes, (by) => [...by]),
    ),
    bytes(
      "a signature of 63 bytes",
      withSignature(joining.bytes, (by) => by.subarray(1)),
    ),
    joins("n is 0", { n: 0 }),
    joins("n is text", { n: "3" }),
    joins("n too small", { n: 2 }),
    joins("n too large", { n: 4 }),
    said("n too large on nothing", root, join, [], 2),
    joins("prev is no list", { prev: two.hash }),
    joins("prev of 31 bytes", { prev: [two.hash.subarray(1)] }),
    joins("prev of a list of its bytes", { prev: [[...two.hash]] }),
    joins("prev out of order", { prev: hashes(first, two).sort(compareBytes).toReversed() }),
    joins("prev names one twice", { prev: hashes(two, two) }),
    joins("prev of 65", { prev: many(65) }),
    joins("prev of one that is missing", { prev: [labelled("missing")], n: 1 }),
    bytes("what stands before is not there", joining.bytes, []),
    joins("prev of 1,000", { prev: many(1000) }),
    add("a subject that is just a key", { subject: cid.publicKey }),
    add("a subject of three parts", { subject: member(cid).slice(0, 3) }),
    add("a subject of five parts", { subject: [...member(cid), true] }),
    add("admin is no boolean", { subject: [cid.publicKey, 1, receive, proof] }),
    add("a key of 31 bytes", { subject: [cid.publicKey.subarray(1), true, receive, proof] }),
    add("a recipient of 1,215 bytes", {
      subject: [cid.publicKey, true, receive.subarray(1), proof],
    }),
    add("a recipient that is a list of its bytes", {
      subject: [cid.publicKey, true, [...receive], proof],
    }),
    add("a proof that is a list of its bytes", {
      subject: [cid.publicKey, true, receive, [...proof]],
    }),
    add("a proof of 63 bytes", { subject: [cid.publicKey, true, receive, proof.subarray(1)] }),
    add("a proof for another recipient", { subject: member(cid, { receive: otherReceive }) }),
    add("a proof by another device", { subject: member(cid, { key: dan.publicKey }) }),
    add("a proof for another account", { subject: member(cid, { proof: elsewhere.proof }) }),
    revokes("a revocation of a list", { subject: [ann.publicKey] }),
    revokes("a revocation of 33 bytes", { subject: Uint8Array.of(...ann.publicKey, 0) }),
    said("a revocation of one whom nobody added", root, revoke(cid), [two]),
    bytes(
      "a revocation of one whom only a statement beside adds",
      signOn(emptyDeviceList(root.publicKey), root, [first], revoke(ben)).bytes,
    ),
    said("a revocation of the root", ann, { kind: "revoke", member: rooted }, [two]),
    said("an addition of the root", ann, { kind: "add", member: story.device(root) }, [two]),
    said(
      "a checkpoint says that the root is in",
      root,
      { kind: "checkpoint", in: [story.device(root)], out: [], past: [] },
      [],
    ),
    said(
      "a checkpoint says that the root is out",
      root,
      { kind: "checkpoint", in: [], out: [rooted], past: [] },
      [],
    ),
    said(
      "a checkpoint by a device",
      ann,
      { kind: "checkpoint", in: [story.device(ann)], out: [], past: hashes(first, two) },
      [two],
      3,
    ),
    restates("a checkpoint that stands on something", { prev: [two.hash] }),
    restates("a checkpoint whose number is not above its past", { n: 2 }),
    restates("a checkpoint whose past is known in part, and whose number is not above it", {
      n: 2,
      past: [two.hash, labelled("a statement long gone")].sort(compareBytes),
    }),
    restates("a checkpoint whose number is text", { n: "9" }),
    restates("in is no list", { in: 1 }),
    restates("out is no list", { out: 1 }),
    restates("past is no list", { past: 1 }),
    restates("in out of order", { in: [member(larger), member(smaller)] }),
    restates("in names one twice", { in: [member(ann), member(ann)] }),
    restates("a proof in a checkpoint that is for another recipient", {
      in: [member(ann, { receive: otherReceive })],
    }),
    restates("out out of order", { out: [high, low] }),
    restates("out names one twice", { out: [low, low] }),
    restates("out of 33 bytes", { out: [new Uint8Array(33)] }),
    restates("out that is a list of its bytes", { out: [[...dan.publicKey]] }),
    restates("out of 1,025", { out: many(1025) }),
    restates("one both in and out", { out: [ann.publicKey] }),
    restates("past out of order", { past: [high, low] }),
    restates("past names one twice", { past: [low, low] }),
    restates("past of 31 bytes", { past: [low.subarray(1)] }),
    restates("past of a list of its bytes", { past: [[...low]] }),
  ];
}
