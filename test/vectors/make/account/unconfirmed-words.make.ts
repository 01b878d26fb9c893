import { type OpenKeystore, sealKeystore } from "../../../../src/node/account/keystore.ts";
import { encodeContents } from "../../../../src/node/account/keystore-contents.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import type { RandomBytes } from "../../../../src/node/crypto/primitives.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import type { VectorValue } from "../../vector-file.ts";
import { accountSecret } from "./account-inputs.make.ts";
import { framed } from "./forged-keystores.make.ts";

type Fields = Readonly<Record<string, CborValue>>;

/** A keystore that holds the words until they are confirmed, and what tells of them falsely. */
export function unconfirmedWords(keystore: OpenKeystore, random: RandomBytes): VectorValue {
  const contents = { ...keystore.contents, words: accountSecret };
  const file = sealKeystore(primitives, random, { ...keystore, contents });
  const without = bodyOf(sealKeystore(primitives, random, keystore));
  const { version = 1, slots = null, contents: sealed = null } = bodyOf(file);
  const unmarked = { version, slots, contents: sealed };
  const refused = (name: string, body: Fields) => {
    return { code: "damaged", name, file: toHex(framed(encodeCanonical(body))) };
  };
  const fields = decodeCanonical(encodeContents(contents), "contents") as Fields;
  const refusedFields = (name: string, words: CborValue) => {
    return { code: "damaged", name, bytes: toHex(encodeCanonical({ ...fields, words })) };
  };
  return {
    file: toHex(file),
    contents: toHex(encodeContents(contents)),
    refused: [
      refused("words of which it says nothing", unmarked),
      refused("no words, of which it says that they are there", { ...without, unconfirmed: true }),
      refused("a mark that is false", { ...without, unconfirmed: false }),
      refused("a mark that is a number", { ...unmarked, unconfirmed: 1 }),
    ],
    refusedContents: [
      refusedFields("words of 31 bytes", accountSecret.subarray(1)),
      refusedFields("words of 33 bytes", new Uint8Array(33)),
      refusedFields("words that are a list of their bytes", [...accountSecret]),
      refusedFields("words that are null", null),
      refusedFields("words that are text", "abandon"),
    ],
  };
}

function bodyOf(file: Uint8Array): Fields {
  return decodeCanonical(file.subarray(16, -32), "a keystore") as Fields;
}
