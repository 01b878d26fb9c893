import { createHmac, timingSafeEqual } from "node:crypto";
import { type ProofDomain, proofDomains } from "../crypto/domains.ts";

/** Length of a nonce in bytes; each side draws one for each connection. */
export const nonceBytes = 32;

/** The nonces of one connection. */
export interface Nonces {
  readonly client: Uint8Array;
  readonly node: Uint8Array;
}

/** What shows that a node knows the token, which itself never crosses the socket. */
export function nodeProof(token: Uint8Array, nonces: Nonces): Uint8Array {
  return proofOf(token, proofDomains.node, nonces);
}

/** What shows the same of a client. */
export function clientProof(token: Uint8Array, nonces: Nonces): Uint8Array {
  return proofOf(token, proofDomains.client, nonces);
}

/** HMAC-SHA256(token, domain ‖ 00 ‖ nonce of the client ‖ nonce of the node): 32 bytes. */
function proofOf(token: Uint8Array, domain: ProofDomain, nonces: Nonces): Uint8Array {
  const mac = createHmac("sha256", token).update(`${domain}\0`);
  return new Uint8Array(mac.update(nonces.client).update(nonces.node).digest());
}

/** Whether a proof that was shown is the one expected, in constant time. */
export function isProof(shown: Uint8Array, expected: Uint8Array): boolean {
  return shown.length === expected.length && timingSafeEqual(shown, expected);
}
