import { decodeCanonical, encodeCanonical } from "../../blocks/cbor.ts";
import { asBytes, asRecord } from "../../blocks/shape.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { tokenBytes } from "../endpoint.ts";

/** What the process of a node hands over to the one that goes on in its place. Secret. */
export interface HandedOver {
  /** What clients know the node by: one that knows it is at the same node still. */
  readonly token: Uint8Array;
  /** What its parts go on with. */
  readonly parts: Uint8Array;
}

const what = "what a node hands over";
const version = 1;

/** The bytes that cross the pipe. */
export function encodeHandedOver({ token, parts }: HandedOver): Uint8Array {
  return encodeCanonical({ version, token, parts });
}

/** @returns `undefined` for bytes that are not whole: the process that sent them was ended before. */
export function decodeHandedOver(bytes: Uint8Array): HandedOver | undefined {
  try {
    const fields = asRecord(decodeCanonical(bytes, what), what, version, ["token", "parts"]);
    const token = asBytes(fields["token"], what, tokenBytes);
    return { token: token.slice(), parts: asBytes(fields["parts"], what).slice() };
  } catch (error) {
    if (isCloudError(error, "damaged", "newer")) return undefined;
    throw error;
  } finally {
    bytes.fill(0);
  }
}
