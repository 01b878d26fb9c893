import type { SlotKey } from "../account/keystore.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asBytes, asList, asRecord, asText, asTuple, refuseShape } from "../blocks/shape.ts";
import { keyBytes } from "../crypto/derive.ts";

/** What the vault of one process leaves to that of another which goes on in its place. Secret. */
export interface Bequest {
  /** Sentences that hold until the node ends. */
  readonly notices: readonly string[];
  /** What opens the keystore, where the vault was unlocked: neither passphrase nor words. */
  readonly slot: SlotKey | undefined;
}

const what = "what a vault leaves";
const version = 1;

/** Its bytes, for a pipe from process to process. */
export function encodeBequest({ notices, slot }: Bequest): Uint8Array {
  const way: CborValue = slot === undefined ? null : [slot.of, slot.key];
  return encodeCanonical({ version, notices, way });
}

/** Reads {@link encodeBequest} back. @throws damaged, newer */
export function decodeBequest(bytes: Uint8Array): Bequest {
  const fields = asRecord(decodeCanonical(bytes, what), what, version, ["notices", "way"]);
  const notices = asList(fields["notices"], what).map((each) => asText(each, what));
  const { way = null } = fields;
  return { notices, slot: way === null ? undefined : decodeSlot(way) };
}

function decodeSlot(way: CborValue): SlotKey {
  const [kind, key] = asTuple(way, 2, what);
  const of = asText(kind, what);
  if (of !== "passphrase" && of !== "editor") refuseShape(what, "a way in that is known");
  return { kind: "slot", of, key: asBytes(key, what, keyBytes).slice() };
}
