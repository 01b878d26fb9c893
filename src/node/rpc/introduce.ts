import { randomBytes } from "node:crypto";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { protocolVersion, type Result } from "./contract.ts";
import { type Link, NotBegun } from "./link.ts";
import { clientProof, isProof, nodeProof, nonceBytes } from "./proof.ts";

/** As whom a program comes to a node. */
export interface Introduction {
  /** The token that the node of the data folder left, 32 bytes. */
  readonly token: Uint8Array;
  /** What the program was built as. */
  readonly build: string;
  /** What the program speaks; {@link protocolVersion} by default. */
  readonly protocol?: number;
}

/**
 * Makes sure that the node is at the other end, by a proof that it knows the token, and then shows
 * it the same. Nothing but random bytes is sent before.
 * @throws unavailable, where it is somebody else, or the node knows another token; what the node
 * refuses with.
 */
export async function introduce(
  link: Link,
  { token, build, protocol = protocolVersion }: Introduction,
): Promise<Result<"initialize">> {
  const client = new Uint8Array(randomBytes(nonceBytes));
  const answer: unknown = await link.request("challenge", { nonce: client }).catch(refuse);
  const { nonce, proof } = Object(answer) as Readonly<Record<string, unknown>>;
  if (!(nonce instanceof Uint8Array && proof instanceof Uint8Array)) refuse();
  const nonces = { client, node: nonce };
  if (nonce.length !== nonceBytes || !isProof(proof, nodeProof(token, nonces))) refuse();
  link.trust();
  return link.request("initialize", { protocol, build, proof: clientProof(token, nonces) });
}

/** Whatever somebody said who has proved nothing, it is not told on. */
function refuse(cause?: unknown): never {
  if (cause instanceof NotBegun || isCloudError(cause, "unavailable")) throw cause;
  throw new CloudError(
    "unavailable",
    "who listens in the place of the local node does not know its token, and was told nothing",
    { cause },
  );
}
